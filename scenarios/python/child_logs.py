# SPDX-License-Identifier: MIT OR Apache-2.0
"""Children only log, in the recording of their parent.

    child_logs.py N_CHILDREN
"""

import multiprocessing
import sys

from rows import join, log_rows, start


def task(all_are_there):
    all_are_there.wait()
    log_rows("child")


start()
log_rows("root")
n_children = int(sys.argv[1])
fork = multiprocessing.get_context("fork")
all_are_there = fork.Barrier(n_children)
children = [fork.Process(target=task, args=(all_are_there,)) for _ in range(n_children)]
for child in children:
    child.start()
join(children)
