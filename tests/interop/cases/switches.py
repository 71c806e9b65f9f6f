# SPDX-License-Identifier: MIT OR Apache-2.0
"""What environment variables switch: python_sdk.py runs this module once for each of its ENVIRONMENTS."""

import rerun as rr
from program import case


@case
def enabled_or_not(run):
    for default in (True, False):
        run.init(f".{default}", default_enabled=default)
        run.tell(rr.is_enabled(), rr.get_recording_id())
        rr.log("x", rr.TextLog("row"))
        recording = run.recording(f".{default}.own", default_enabled=default)
        run.tell(rr.is_enabled(recording))
        recording.log("x", rr.TextLog("row"))


@case
def times(run):
    run.init(default_enabled=True)
    for i in range(3):
        rr.log("x", rr.Scalars(i))
    rr.set_log_tick_enabled(False)
    rr.set_log_time_enabled(True)
    rr.log("x", rr.Scalars(3))


@case
def strictness(run):
    run.init(strict=None)
    run.tell(rr.strict_mode())
