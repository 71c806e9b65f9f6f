# SPDX-License-Identifier: MIT OR Apache-2.0
"""Sinks inside of the process: what comes out of them is what comes out of them officially."""

import os
import sys

import rerun as rr
import rerun_bindings as bindings
from program import case
from rerun.chunk import Chunk

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from rows import read  # noqa: E402


def tell_content(run, data):
    """Tells what a sink holds; officially the rows are nowhere else, so they get their file here."""
    path = os.path.join(run.folder, f"{run.name}.rrd" if run.is_official else f"{run.name}.twin")
    with open(path, "wb") as file:
        file.write(data)
    for recording, entities in sorted(read(path).items()):
        for entity, rows in sorted(entities.items()):
            run.tell(recording, entity, rows)


def log_in_all_ways():
    rr.log("row", rr.TextLog("first"))
    rr.set_time("frame", sequence=4)
    rr.log("row", rr.TextLog("second"))
    rr.disable_timeline("clock")
    rr.log("row", rr.TextLog("third"))
    rr.send_recording_name("a name")
    columns = {"indexes": [rr.TimeColumn("frame", sequence=[1, 2])], "columns": rr.Scalars.columns(scalars=[1.5, 2.5])}
    rr.send_columns("columns", **columns)
    rr.send_chunks(Chunk.from_columns("chunk", **columns))


@case
def memory(run):
    run.init(with_sink=False)
    rr.set_time("frame", sequence=3)
    rr.set_time("clock", duration=1.5)
    rr.set_time("day", timestamp=1.7e9)
    bindings.set_log_tick_enabled(True)
    sink = rr.memory_recording()
    log_in_all_ways()
    tell_content(run, sink.drain_as_bytes())


@case
def stream_of_bytes(run):
    run.init(with_sink=False)
    rr.set_time("frame", sequence=3)
    bindings.set_log_time_enabled(False)
    sink = rr.binary_stream()
    log_in_all_ways()
    tell_content(run, sink.read())
