# SPDX-License-Identifier: MIT OR Apache-2.0
"""Two recordings as objects, used by `with` and as arguments, in a parent and its forked child."""

import os

import rerun as rr
from rows import APPLICATION, connect, log_rows

first = rr.RecordingStream(APPLICATION, recording_id="first")
second = rr.RecordingStream(APPLICATION, recording_id="second")
connect(first)
connect(second)


def task(who):
    with first:
        log_rows(f"{who}, with")
    log_rows(f"{who}, argument", recording=second)
    second.log("box", rr.Boxes2D(half_sizes=[[3, 4]], labels=who), static=True)


task("root")
child = os.fork()
if child == 0:
    task("child")
    os._exit(3)
os.waitpid(child, 0)
