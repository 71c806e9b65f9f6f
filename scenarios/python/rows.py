# SPDX-License-Identifier: MIT OR Apache-2.0
"""What these programs share: rows that can be told apart, and how many of them a logger logs.

They are programs on the official SDK and know nothing of lastword. VIEWER is where they connect to; without it they
log to nowhere. ROWS is how often each logger logs.
"""

import os
import signal

import rerun as rr

ROWS = int(os.environ.get("ROWS", "2"))
APPLICATION = os.environ.get("APPLICATION", "rerun_example_endings")


def start():
    """Makes this process's recording."""
    rr.init(APPLICATION)
    connect()


def connect(recording=None):
    if "VIEWER" in os.environ:
        rr.connect_grpc(os.environ["VIEWER"], recording=recording)


def log_rows(who, first=0, last=ROWS, recording=None):
    """Rows `first` to `last`, without the last."""
    for n in range(first, last):
        rr.set_time("frame", sequence=n, recording=recording)
        rr.log("log", rr.TextLog(f"{who} {n} of pid {os.getpid()}"), recording=recording)


def end_by(how):
    """Ends this process in the words of a scenario's `ends`."""
    if how.startswith("_exit "):
        os._exit(int(how.removeprefix("_exit ")))
    if how == "exec":
        os.execv("/bin/true", ["true"])
    if how == "abort":
        os.abort()
    os.kill(os.getpid(), signal.Signals[how])


def join(processes):
    """Waits for these, and says how they ended."""
    for process in processes:
        process.join()
    print("children", *(process.exitcode for process in processes))
