# SPDX-License-Identifier: MIT OR Apache-2.0
"""Four workers of a pool log in one task each.

    pool.py Pool|ProcessPoolExecutor
"""

import concurrent.futures
import multiprocessing
import sys

from rows import log_rows, start

fork = multiprocessing.get_context("fork")
all_are_there = fork.Barrier(4)


def task(_):
    all_are_there.wait()  # so that each worker has one
    log_rows("worker")


start()
log_rows("root")
if sys.argv[1] == "Pool":
    with fork.Pool(4) as pool:
        pool.map(task, range(4), chunksize=1)
else:
    with concurrent.futures.ProcessPoolExecutor(4, mp_context=fork) as pool:
        list(pool.map(task, range(4)))
