# SPDX-License-Identifier: MIT OR Apache-2.0
"""Each child, not started by fork, initialises, connects and logs, as Rerun's example does; or only logs.

    start_method.py spawn|forkserver [only_logs]
"""

import multiprocessing
import sys

from rows import join, log_rows, start


def task(only_logs):
    if not only_logs:
        start()
    log_rows("child")


if __name__ == "__main__":
    start()
    log_rows("root")
    context = multiprocessing.get_context(sys.argv[1])
    children = [context.Process(target=task, args=(sys.argv[2:] == ["only_logs"],)) for _ in range(3)]
    for child in children:
        child.start()
    join(children)
