# SPDX-License-Identifier: MIT OR Apache-2.0
"""Each child initialises, connects and logs, as Rerun's example does, started by another method than fork.

    start_method.py spawn|forkserver
"""

import multiprocessing
import sys

from rows import join, log_rows, start


def task():
    start()
    log_rows("child")


if __name__ == "__main__":
    start()
    log_rows("root")
    context = multiprocessing.get_context(sys.argv[1])
    children = [context.Process(target=task) for _ in range(3)]
    for child in children:
        child.start()
    join(children)
