# SPDX-License-Identifier: MIT OR Apache-2.0
"""Three children are forked, and log, while four threads of their parent log."""

import multiprocessing
import threading

from rows import ROWS, join, log_rows, start

N_THREADS = 4


def log_in_thread(name, half_is_logged):
    log_rows(name, 0, ROWS // 2)
    half_is_logged.wait()
    log_rows(name, ROWS // 2, ROWS)


start()
log_rows("root")
half_is_logged = threading.Barrier(N_THREADS + 1)
threads = [
    threading.Thread(target=log_in_thread, args=(f"thread {n}", half_is_logged)) for n in range(N_THREADS)
]
for thread in threads:
    thread.start()
fork = multiprocessing.get_context("fork")
children = [fork.Process(target=log_rows, args=("child",)) for _ in range(3)]
half_is_logged.wait()
for child in children:
    child.start()
for thread in threads:
    thread.join()
join(children)
