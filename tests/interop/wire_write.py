# SPDX-License-Identifier: MIT OR Apache-2.0
"""A recording of ours in the hands of the official tools.

wire_write.py WRITE_RECORDING

`rerun rrd verify` accepts it with its index; the official reader finds in every cell what was written, by scanning
and through the index; and `rerun rrd compare` finds no difference to what the official SDK writes.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from official import RrdReader, chunk_of_batch, expect, read_official, rerun

import numpy as np
import rerun as rr

START_NS = 1_700_000_000_000_000_000

FIRST = ("lastword_interop", "first")
SECOND = ("lastword_other", "second")


def descriptor(name, component_type):
    archetype = "rerun.archetypes." + name.split(":")[0]
    return {"archetype": archetype, "component_type": "rerun.components." + component_type}


def column(name, component_type, cells):
    return {**descriptor(name, component_type), "cells": cells}


def bare(cells):
    return {"archetype": "", "component_type": "", "cells": cells}


def single(value):
    """A float as 32 bits hold it."""
    import struct

    return struct.unpack("f", struct.pack("f", value))[0]


# What write_recording.c writes: {entity: (timelines, components)}.
EXPECTED_FIRST = {
    "/log": (
        {
            "log_time": [START_NS + i for i in range(100)],
            "frame": list(range(100)),
            "countdown": [100 - i for i in range(100)],
            "elapsed": [i * 1_000_000 for i in range(100)],
        },
        {
            "TextLog:text": column("TextLog:text", "Text", [[f"row {i} of héllo"] for i in range(100)]),
            "TextLog:level": column(
                "TextLog:level", "TextLogLevel", [["WARN" if i % 2 else "INFO"] for i in range(100)]
            ),
            "TextLog:color": column("TextLog:color", "Color", [[0xFF0000FF + i * 256] for i in range(100)]),
        },
    ),
    "/boxes/all\\ of\\ them": (
        {"log_time": [START_NS], "frame": [7]},
        {
            "Boxes2D:half_sizes": column("Boxes2D:half_sizes", "HalfSize2D", [[[0.5, 0.5], [1, 1], [2, 2]]]),
            "Boxes2D:centers": column("Boxes2D:centers", "Position2D", [[[1, 2], [3, 4], [5, 6]]]),
            "Boxes2D:colors": column("Boxes2D:colors", "Color", [[0xFF0000FF, 0x00FF0080, 0x0000FFFF]]),
            "Boxes2D:radii": column("Boxes2D:radii", "Radius", [[single(0.1), single(0.2), -1.5]]),
            "Boxes2D:labels": column("Boxes2D:labels", "Text", [["a", "bé", ""]]),
            "Boxes2D:show_labels": column("Boxes2D:show_labels", "ShowLabels", [[True]]),
            "Boxes2D:draw_order": column("Boxes2D:draw_order", "DrawOrder", [[10.5]]),
            "Boxes2D:class_ids": column("Boxes2D:class_ids", "ClassId", [[1, 2, 65535]]),
        },
    ),
    "/points": (
        {"frame": list(range(10))},
        {
            "Points2D:positions": column(
                "Points2D:positions",
                "Position2D",
                [[[row + i / 2, row + i / 2 + 0.25] for i in range(row)] for row in range(10)],
            )
        },
    ),
    "/plot": (
        {"frame": list(range(200))},
        {"Scalars:scalars": column("Scalars:scalars", "Scalar", [[row / 8] for row in range(200)])},
    ),
    "/static": (
        {},
        {
            "Boxes2D:half_sizes": column("Boxes2D:half_sizes", "HalfSize2D", [[[15, 20]]]),
            "Boxes2D:labels": column("Boxes2D:labels", "Text", [["for ever"]]),
        },
    ),
    "/process": (
        {"frame": [1, 2]},
        {"lastword:pid": bare([[4711], None]), "lastword:status": bare([None, [-1]])},
    ),
    "/mended\\ \\u{FFFD}": (
        {"frame \ufffd": [1, 2]},
        {"TextLog:text": column("TextLog:text", "Text", [["cut in a letter: \ufffd"], ["whole"]])},
    ),
}
EXPECTED_SECOND = {
    "/log": (
        {"log_time": [START_NS]},
        {"TextLog:text": column("TextLog:text", "Text", [["in the other recording"]])},
    )
}


def check_chunks(chunks, expected, where):
    by_entity = {chunk["entity_path"]: chunk for chunk in chunks}
    expect(set(by_entity), set(expected), f"{where}: entities")
    for entity, (timelines, components) in expected.items():
        chunk = by_entity[entity]
        expect(chunk["timelines"], timelines, f"{where}: times of {entity}")
        expect(set(chunk["components"]), set(components), f"{where}: components of {entity}")
        for name, cells in components.items():
            expect(chunk["components"][name], cells, f"{where}: {name} of {entity}")
        n_rows = len(next(iter(components.values()))["cells"])
        expect(len(set(chunk["row_ids"])), n_rows, f"{where}: different row ids of {entity}")


def check_cells(path):
    stores = read_official(path)
    expect(set(stores), {FIRST, SECOND}, f"{path}: stores")
    check_chunks(stores[FIRST].values(), EXPECTED_FIRST, f"{path}: first")
    check_chunks(stores[SECOND].values(), EXPECTED_SECOND, f"{path}: second")


def check_index(path):
    """Through the index instead of by scanning."""
    reader = RrdReader(str(path))
    for entry in reader.recordings():
        expected = EXPECTED_FIRST if entry.recording_id == "first" else EXPECTED_SECOND
        chunks = reader.store(store=entry).stream().to_chunks()
        found = [chunk_of_batch(chunk.to_record_batch()) for chunk in chunks]
        check_chunks(found, expected, f"{path}: index of {entry.recording_id}")


def log_texts(stream):
    """Row by row: send_columns would sort the rows by the first timeline."""
    timelines, components = EXPECTED_FIRST["/log"]
    cells = {name.split(":")[1]: about["cells"] for name, about in components.items()}
    for row in range(100):
        stream.set_time("frame", sequence=timelines["frame"][row])
        stream.set_time("countdown", sequence=timelines["countdown"][row])
        stream.set_time("elapsed", duration=np.timedelta64(timelines["elapsed"][row], "ns"))
        stream.log("log", rr.TextLog(cells["text"][row][0], level=cells["level"][row][0], color=cells["color"][row][0]))
    stream.reset_time()


def log_boxes(stream):
    components = EXPECTED_FIRST["/boxes/all\\ of\\ them"][1]
    cells = {name.split(":")[1]: about["cells"][0] for name, about in components.items()}
    cells |= {"colors": np.array(cells["colors"], dtype=np.uint32), "show_labels": True, "draw_order": 10.5}
    stream.set_time("frame", sequence=7)
    stream.log("boxes/all of them", rr.Boxes2D(**cells))
    stream.reset_time()


def send_points_and_scalars(stream):
    cells = EXPECTED_FIRST["/points"][1]["Points2D:positions"]["cells"]
    points = rr.Points2D.columns(positions=[point for cell in cells for point in cell])
    indexes = [rr.TimeColumn("frame", sequence=range(10))]
    stream.send_columns("points", indexes=indexes, columns=points.partition([len(cell) for cell in cells]))
    indexes = [rr.TimeColumn("frame", sequence=range(200))]
    stream.send_columns("plot", indexes=indexes, columns=rr.Scalars.columns(scalars=[row / 8 for row in range(200)]))


def write_official(path):
    """The first recording but for /process and /mended, by the official SDK. compare ignores log_time."""
    stream = rr.RecordingStream(FIRST[0], recording_id=FIRST[1], send_properties=False)
    stream.save(str(path))
    log_texts(stream)
    log_boxes(stream)
    send_points_and_scalars(stream)
    stream.log("static", rr.Boxes2D(half_sizes=[[15, 20]], labels=["for ever"]), static=True)
    stream.disconnect()


def main():
    write_recording = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        official = Path(folder) / "official.rrd"
        write_official(official)
        for compression in ["plain", "lz4"]:
            ours = Path(folder) / f"{compression}.rrd"
            subprocess.run([write_recording, ours, compression], check=True, timeout=60)
            rerun("rrd", "verify", ours)
            check_cells(ours)
            check_index(ours)
            only_first = Path(folder) / f"{compression}-first.rrd"
            subprocess.run([write_recording, only_first, compression, "first"], check=True, timeout=60)
            rerun("rrd", "compare", "--unordered", only_first, official)
            print(f"{compression}: verified, each cell as written, also through the index")


main()
