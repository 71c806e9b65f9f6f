# SPDX-License-Identifier: MIT OR Apache-2.0
"""Timelines: of every type, per thread and recording, switched on and off."""

import datetime
import threading

import numpy as np
import rerun as rr
from program import case


def in_thread(function):
    errors = []

    def guarded():
        try:
            function()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


def text(path="x", words="row", **options):
    rr.log(path, rr.TextLog(words), **options)


@case
def every_type(run):
    run.init()
    rr.set_time("frame", sequence=42)
    text()
    rr.set_time("frame", sequence=-1)
    text()
    for i, duration in enumerate([0, 1.5, -2.25, 1e-9, datetime.timedelta(days=1, microseconds=1),
                                  np.timedelta64(5, "ns"), np.timedelta64(5, "s")]):
        rr.set_time("elapsed", duration=duration)
        text(f"duration/{i}")
    moment = datetime.datetime(2024, 2, 29, 12, 30, 1, 5)
    for i, timestamp in enumerate([0, 1.7e9, moment, moment.astimezone(datetime.timezone(datetime.timedelta(hours=3))),
                                   np.datetime64(1_700_000_000_123_456_789, "ns"), np.datetime64("1969-12-31")]):
        rr.set_time("at", timestamp=timestamp)
        text(f"timestamp/{i}")


@case
def limits(run):
    run.init()
    for value in (0, 1, -1, 2**63 - 1, -(2**63), -(2**63) + 1, np.int32(7)):
        run.attempt(rr.set_time, "frame", sequence=value)
        text("limit")
        run.attempt(rr.set_time, "long", duration=np.timedelta64(int(value), "ns"))
        run.attempt(rr.set_time, "date", timestamp=np.datetime64(int(value), "ns"))
        text("all")


@case
def disable_and_reset(run):
    run.init()
    rr.set_time("a", sequence=1)
    rr.set_time("b", sequence=2)
    text("both")
    rr.disable_timeline("a")
    text("b")
    rr.disable_timeline("a")
    rr.disable_timeline("never")
    rr.set_time("a", sequence=3)
    text("both/again")
    rr.reset_time()
    text("none")
    rr.reset_time()


@case
def log_time_and_tick(run):
    run.init()
    text("default")
    rr.set_log_tick_enabled(True)
    for _ in range(3):
        text("tick")
    text("static", static=True)
    text("tick")
    rr.set_log_tick_enabled(False)
    text("no/tick")
    rr.set_log_tick_enabled(True)
    text("tick")
    rr.set_log_time_enabled(False)
    text("no/time")
    rr.set_log_tick_enabled(False)
    rr.set_time("frame", sequence=1)
    text("only/frame")
    rr.reset_time()
    text("nothing/at/all")
    rr.set_log_time_enabled(True)
    text("time/again")


@case
def our_own_names(run):
    """The program's values on log_time and log_tick."""
    run.init()
    rr.set_time("log_tick", sequence=70)
    text("tick")
    rr.set_log_tick_enabled(True)
    text("tick/on")
    rr.set_log_tick_enabled(False)
    rr.set_log_time_enabled(False)
    rr.set_time("log_time", timestamp=np.datetime64(5, "ns"))
    text("time")
    rr.set_time("log_time", sequence=5)
    text("time/sequence")


@case
def per_recording(run):
    run.init()
    other = run.recording(".other")
    rr.set_time("frame", sequence=1)
    rr.set_time("frame", sequence=100, recording=other)
    other.set_time("own", duration=1)
    other.set_log_tick_enabled(True)
    text()
    text(recording=other)
    other.log("x", rr.TextLog("method"))
    rr.disable_timeline("frame", recording=other)
    text(recording=other)
    text()
    other.reset_time()
    text(recording=other)
    other.set_log_time_enabled(False)
    text("timeless", recording=other)


@case
def per_thread(run):
    run.init()
    rr.set_time("frame", sequence=1)

    def other_thread():
        text("thread/none")
        rr.set_time("frame", sequence=50)
        rr.set_time("thread", sequence=5)
        text("thread/own")
        rr.reset_time()
        text("thread/reset")

    in_thread(other_thread)
    text("main")
    in_thread(lambda: text("second/thread"))


@case
def forty_timelines(run):
    run.init()
    for i in range(40):
        rr.set_time(f"timeline {i}", sequence=i)
    text()
    for i in range(0, 40, 2):
        rr.disable_timeline(f"timeline {i}")
    text()


@case
def odd_names(run):
    run.init()
    for name in ("", " ", "with space", "\N{SNOWMAN}", "a/b", "x" * 200, "RowId", "rerun.controls.RowId", "text"):
        run.attempt(rr.set_time, name, sequence=1)
        text("odd")
        run.attempt(rr.disable_timeline, name)


@case
def set_again_and_again(run):
    run.init()
    for i in range(1000):
        rr.set_time("frame", sequence=i)
        rr.log("s", rr.Scalars(i * 0.5))
