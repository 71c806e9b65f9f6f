# SPDX-License-Identifier: MIT OR Apache-2.0
"""Rerun's multiprocessing pattern: each child initialises, connects and logs.

    multiprocess.py plain|shutdown_at_exit
"""

import multiprocessing
import os
import sys
import threading

import rerun as rr
from rows import ROWS, join, start


def task(index):
    title = f"task_{index}"
    array = [5, 5, 80, 80] if index == 0 else [10 + index * 10, 20 + index * 5, 30, 40]
    start()
    for n in range(ROWS):
        rr.set_time("frame", sequence=n)
        rr.log(
            "log",
            rr.TextLog(
                f"Logging from pid={os.getpid()}, thread={threading.get_native_id()} "
                f"using the rerun recording id {rr.get_recording_id()}"
            ),
        )
        rr.log(title, rr.Boxes2D(array=array, array_format=rr.Box2DFormat.XYWH, labels=title))


if __name__ == "__main__":
    target = rr.shutdown_at_exit(task) if sys.argv[1] == "shutdown_at_exit" else task
    task(0)
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=target, args=(index,)) for index in (1, 2, 3)]
    for child in children:
        child.start()
    join(children)
