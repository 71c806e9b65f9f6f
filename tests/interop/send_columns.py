# SPDX-License-Identifier: MIT OR Apache-2.0
"""Rows sent as columns by liblastword.so and by the official SDK are equal.

    send_columns.py LASTWORD LIBRARY

Both send the same columns of times and of lists of components, some of them null. RrdReader then finds the same rows
in both recordings: times on each timeline, and the values of each component.
"""

import os
import random
import subprocess
import sys
import tempfile

from official import expect, fail, pa, plain, RrdReader
from arrow_arrays import Maker
from c_interface import Stream

import rerun as rr

N_ROWS = 40
POINT = pa.list_(pa.field("item", pa.float32(), nullable=False), 2)
UNION = pa.dense_union([pa.field("a", pa.int32()), pa.field("b", pa.list_(pa.string()))])
COLUMNS = {  # component: type, and its archetype and component type
    "Points2D:positions": (POINT, "rerun.archetypes.Points2D", "rerun.components.Position2D"),
    "Points2D:labels": (pa.string(), "rerun.archetypes.Points2D", "rerun.components.Text"),
    "anything": (UNION, None, None),
    "large": (pa.large_string(), None, None),
}
TIMES = [("frame", 1), ("elapsed", 2), ("clock", 3)]


def columns():
    """{component: list array}: lists of 0 to 3 values, the same ones each time; those of the first are never null."""
    maker = Maker(random.Random(3))
    made = {}
    for i, (name, (arrow_type, _, _)) in enumerate(COLUMNS.items()):
        # The official SDK sends other values for a part of lists of unions.
        n_before = 0 if pa.types.is_union(arrow_type) else 2
        made[name] = maker.array(pa.list_(arrow_type), n_before + N_ROWS, nullable=i > 0).slice(n_before, N_ROWS)
    return made


def times():
    """For each timeline N_ROWS numbers that rise."""
    return [pa.array([i * 1_000_000_007 + row for row in range(N_ROWS)], pa.int64()) for i in range(len(TIMES))]


def send_ours(library):
    stream = Stream(library, "columns", "columns")
    components = {(COLUMNS[name][1], name, COLUMNS[name][2]): array for name, array in columns().items()}
    stream.send_columns("points", [(*line, array) for line, array in zip(TIMES, times())], components)
    stream.send_columns("static", [], {name: array.slice(0, 1) for name, array in components.items()})


class TimeColumn:
    def __init__(self, name, arrow_type, values):
        self.name, self.array = name, values.cast(arrow_type)

    def timeline_name(self):
        return self.name

    def as_arrow_array(self):
        return self.array


class ListColumn:
    """A component column that keeps its nulls, which those of the official SDK have no way to say."""

    def __init__(self, name, array):
        arrow_type, archetype, component_type = COLUMNS[name]
        self.descriptor = rr.ComponentDescriptor(name, archetype=archetype, component_type=component_type)
        self.array = array

    def component_descriptor(self):
        return self.descriptor

    def as_arrow_array(self):
        return self.array


def send_official(path):
    recording = rr.RecordingStream("columns", recording_id="columns", send_properties=False)
    recording.save(path)
    types = [pa.int64(), pa.duration("ns"), pa.timestamp("ns")]
    indexes = [TimeColumn(line[0], arrow_type, array) for line, arrow_type, array in zip(TIMES, types, times())]
    made = columns()
    recording.send_columns("points", indexes=indexes, columns=[ListColumn(*column) for column in made.items()])
    firsts = {name: array.slice(0, 1) for name, array in made.items()}
    recording.send_columns("static", indexes=[], columns=[ListColumn(*column) for column in firsts.items()])
    recording.flush()
    recording.disconnect()


def read(path):
    """{entity: [(times by timeline, values by component)]}, without components that are null in a row."""
    rows = {}
    for chunk in RrdReader(path).stream():
        batch = chunk.to_record_batch()
        entity = batch.schema.metadata[b"rerun:entity_path"].decode()
        if entity.startswith(("/lastword", "/__properties")):
            continue
        for i in range(len(batch)):
            row = {"": {}, "times": {}}
            for field, column in zip(batch.schema, batch.columns):
                kind = field.metadata[b"rerun:kind"]
                if kind == b"index":
                    row["times"][field.name] = str(field.type), plain(column[i])
                elif kind == b"data" and column[i].is_valid:
                    row[""][field.name] = str(field.type), plain(column[i])
            rows.setdefault(entity, []).append((row["times"], row[""]))
    return {entity: sorted(found, key=lambda row: sorted(row[0].items())) for entity, found in rows.items()}


def main():
    if sys.argv[1] == "--send":
        return send_ours(sys.argv[2])
    lastword, library = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = os.path.join(folder, "ours.rrd"), os.path.join(folder, "theirs.rrd")
        command = [lastword, "run", "-o", ours, "--", sys.executable, __file__, "--send", library]
        done = subprocess.run(command, timeout=60)
        expect(done.returncode, 0, "the run's status")
        send_official(theirs)
        ours, theirs = read(ours), read(theirs)
    expect(sorted(ours), ["/points", "/static"], "entities")
    for entity, rows in theirs.items():
        expect(len(ours[entity]), len(rows), f"{entity}: rows")
        for row, (found, expected) in enumerate(zip(ours[entity], rows)):
            expect(found, expected, f"{entity}: row {row}")
    expect((len(ours["/points"]), len(ours["/static"])), (N_ROWS, 1), "rows")
    n_cells = sum(len(components) for _, components in ours["/points"])
    if not N_ROWS * 2 < n_cells < N_ROWS * len(COLUMNS):
        fail(f"{n_cells} of {N_ROWS * len(COLUMNS)} cells are not null")
    print(f"{N_ROWS + 1} rows with {n_cells} cells are equal")


main()
