# SPDX-License-Identifier: MIT OR Apache-2.0
"""Whole columns and chunks at once."""

import os

import numpy as np
import pyarrow as pa
import rerun as rr
from program import case
from rerun.chunk import Chunk, RrdReader

N = 64
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "golden")


@case
def scalars(run):
    run.init()
    rr.send_columns("s", indexes=[rr.TimeColumn("step", sequence=range(N))],
                    columns=rr.Scalars.columns(scalars=np.sin(np.arange(N) / 10.0)))


@case
def every_time_type(run):
    run.init()
    rr.send_columns("t", columns=rr.TextLog.columns(text=["a", "b", "c"], level=["INFO", "WARN", "ERROR"]),
                    indexes=[rr.TimeColumn("frame", sequence=[3, 1, 2]), rr.TimeColumn("elapsed", duration=[0.5, 1, 1.5]),
                             rr.TimeColumn("at", timestamp=[1_700_000_000, 1_700_000_001.5, 1_700_000_002])])


@case
def partitioned(run):
    run.init()
    positions = np.arange(30.0).reshape(10, 3)
    rr.send_columns("points", indexes=[rr.TimeColumn("frame", sequence=[0, 1, 2])],
                    columns=[*rr.Points3D.columns(positions=positions).partition([2, 0, 8]),
                             *rr.Points3D.columns(colors=[0xFF, 0xFF00, 0xFF0000], radii=[1, 2, 3])])


@case
def any_values(run):
    run.init()
    rr.send_columns("any", indexes=[rr.TimeColumn("frame", sequence=range(3))],
                    columns=rr.AnyValues.columns(number=[1.5, 2.5, 3.5], word=["a", "b", "c"], lists=[[1, 2], [3], [4, 5, 6]]))
    rr.send_columns("dynamic", indexes=[rr.TimeColumn("frame", sequence=range(2))],
                    columns=rr.DynamicArchetype.columns(archetype="My", components={"one": [1, 2]}))


@case
def static(run):
    run.init()
    run.attempt(lambda: rr.send_columns("static", indexes=[], columns=rr.TextDocument.columns(text=["a"])))


@case
def times_of_the_thread_do_not_count(run):
    run.init()
    rr.set_time("own", sequence=7)
    rr.set_log_tick_enabled(True)
    rr.send_columns("s", indexes=[rr.TimeColumn("step", sequence=range(3))], columns=rr.Scalars.columns(scalars=[1, 2, 3]))
    rr.log("s/log", rr.Scalars(1))


@case
def to_other_recordings(run):
    one, two = run.recording(".1"), run.recording(".2")
    for recording in (one, two):
        rr.send_columns("s", indexes=[rr.TimeColumn("step", sequence=range(3))], recording=recording,
                        columns=rr.Scalars.columns(scalars=[1, 2, 3]))
    one.send_columns("m", indexes=[rr.TimeColumn("step", sequence=range(3))], columns=rr.Scalars.columns(scalars=[1, 2, 3]))


@case
def mistakes(run):
    run.init()
    three = rr.Scalars.columns(scalars=[1, 2, 3])
    run.attempt(lambda: rr.send_columns("s", indexes=[rr.TimeColumn("step", sequence=range(2))], columns=three))
    run.attempt(lambda: rr.send_columns("s", indexes=[rr.TimeColumn("a", sequence=[1]), rr.TimeColumn("b", sequence=[1, 2])],
                                        columns=[]))
    run.attempt(lambda: rr.send_columns("s", indexes=[rr.TimeColumn("step", sequence=[])], columns=[]))
    run.attempt(lambda: rr.send_columns("s", indexes=[], columns=[]))
    run.attempt(lambda: rr.send_columns("s", indexes=[], columns=three))
    rr.send_columns("s", indexes=[rr.TimeColumn("step", sequence=range(3))], columns=three)


def batch_of(n=4):
    return pa.record_batch({"frame": pa.array(range(n)), "value": pa.array([i * 0.5 for i in range(n)]),
                            "word": pa.array([str(i) for i in range(n)])})


@case
def record_batches(run):
    run.init()
    rr.send_record_batch(batch_of(), index="frame", entity_path="batch")
    rr.send_dataframe(pa.Table.from_batches([batch_of(), batch_of(2)]), index="frame", entity_path="table")
    run.attempt(lambda: rr.send_record_batch(batch_of()))


@case
def chunks(run):
    one, many = run.recording(".1"), run.recording(".2")
    made = list(Chunk.from_record_batch(batch_of(), index="frame", entity_path="chunk"))
    rr.send_chunks(made[0], recording=one)
    rr.send_chunks(made, recording=many)
    run.attempt(lambda: rr.send_chunks([5]))
    run.attempt(lambda: rr.send_chunks([5], recording=one))


@case
def a_recording_is_sent_on(run):
    """Chunks of a file, as a stream and one by one: the recording's ids are of where they go."""
    for name in ("multi_timeline", "static", "archetypes"):
        path = os.path.join(GOLDEN, f"{name}.rrd")
        for i, chunks in enumerate((RrdReader(path).stream(), RrdReader(path).store(), list(RrdReader(path).stream()))):
            rr.send_chunks(chunks, recording=run.recording(f".{name}.{i}"))


URDF = """<robot name="arm"><link name="base"><visual><geometry><box size="1 2 3"/></geometry></visual></link>
<link name="hand"/><joint name="wrist" type="revolute"><parent link="base"/><child link="hand"/><origin xyz="1 0 0"/>
<axis xyz="0 0 1"/><limit lower="-1" upper="1" effort="1" velocity="1"/></joint></robot>"""


@case
def urdf(run):
    path = os.path.join(os.path.dirname(run.folder), "arm.urdf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(URDF)
    run.init()
    tree = rr.urdf.UrdfTree.from_file_path(path)
    tree.log_urdf_to_recording()
