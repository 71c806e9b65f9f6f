# SPDX-License-Identifier: MIT OR Apache-2.0
"""Three children only log, and end by themselves.

    child_ends.py "_exit 3"|exec|abort|SIGTERM|SIGKILL|SIGSEGV
"""

import multiprocessing
import sys

from rows import end_by, join, log_rows, start


def task():
    log_rows("child")
    end_by(sys.argv[1])


start()
log_rows("root")
fork = multiprocessing.get_context("fork")
children = [fork.Process(target=task) for _ in range(3)]
for child in children:
    child.start()
join(children)
