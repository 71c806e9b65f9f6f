# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the interop tests share: the official tools, and chunks as plain Python values."""

import os
import struct
import subprocess
import sys
import warnings
from pathlib import Path

try:
    import pyarrow as pa
    import rerun_cli
    from rerun.chunk import RrdReader
except ImportError as missing:
    print(f"skipped: {missing}; ./dev setup installs the official SDK into .venv")
    sys.exit(77)

warnings.filterwarnings("ignore", message=".*implicitly using.*")
os.environ["RERUN_ANALYTICS_ENABLED"] = "false"

# The binary itself: bin/rerun is a Python program that starts it.
RERUN = Path(rerun_cli.__file__).parent / "rerun"


def rerun(*arguments):
    """Runs a command of the official tools and returns its output; a failure ends the test."""
    done = subprocess.run([RERUN, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        output = (done.stdout + done.stderr)[:6000]
        fail(f"rerun {' '.join(map(str, arguments))} ended with {done.returncode}:\n{output}")
    return done.stdout


def fail(text):
    print(f"FAILED: {text}")
    sys.exit(1)


def expect(actual, expected, what):
    if actual != expected:
        fail(f"{what}: expected {expected!r}, found {actual!r}")


def plain(scalar):
    """A value as lists, numbers and strings; structs are lists of their fields, times are numbers, and bytes, decimals
    and intervals are in hex."""
    if isinstance(scalar, pa.UnionScalar):
        return None if scalar.value is None else plain(scalar.value)
    if not scalar.is_valid:
        return None
    if pa.types.is_struct(scalar.type):
        return [plain(field) for field in scalar.values()]
    if pa.types.is_nested(scalar.type):
        return [plain(item) for item in scalar.values]
    if pa.types.is_decimal(scalar.type):
        number = int(scalar.as_py().scaleb(scalar.type.scale))
        return number.to_bytes(scalar.type.bit_width // 8, "little", signed=True).hex()
    if isinstance(scalar, pa.MonthDayNanoIntervalScalar):
        return struct.pack("<iiq", *scalar.as_py()).hex()
    if pa.types.is_temporal(scalar.type):
        return scalar.value
    value = scalar.as_py()
    return value.hex() if isinstance(value, bytes) else value


def times(column):
    return column.cast(pa.int64()).to_pylist()


def chunk_of_batch(batch):
    """One chunk of the official reader: id, entity, rows."""
    metadata = {key.decode(): value.decode() for key, value in batch.schema.metadata.items()}
    chunk = {
        "id": metadata["rerun:id"].removeprefix("chunk_"),
        "entity_path": metadata["rerun:entity_path"],
        "row_ids": [],
        "timelines": {},
        "components": {},
    }
    for field, column in zip(batch.schema, batch.columns):
        about = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        kind = about.get("rerun:kind")
        if kind == "control":
            chunk["row_ids"] = [row.hex().lower() for row in column.to_pylist()]
        elif kind == "index":
            chunk["timelines"][field.name] = times(column)
        else:
            chunk["components"][field.name] = {
                "archetype": about.get("rerun:archetype", ""),
                "component_type": about.get("rerun:component_type", ""),
                "cells": [plain(cell) for cell in column],
            }
    return chunk


def read_official(path):
    """All chunks of all recordings and blueprints of a file: {(application, recording): {id: chunk}}."""
    reader = RrdReader(str(path))
    stores = {}
    for entry in reader.recordings() + reader.blueprints():
        chunks = [chunk_of_batch(chunk.to_record_batch()) for chunk in reader.stream(store=entry)]
        stores[entry.application_id, entry.recording_id] = {chunk["id"]: chunk for chunk in chunks}
    return stores
