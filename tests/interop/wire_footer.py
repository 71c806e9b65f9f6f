# SPDX-License-Identifier: MIT OR Apache-2.0
"""The index that we append says what the official SDK's says.

wire_footer.py APPEND_FOOTER FILE...

Each file loses the index that the official SDK wrote, gets ours, and the two are compared: the place of every chunk,
every range of times, every column of the schema. The order of columns is free, and the sha256 is of another encoding of
the same schema.
"""

import ctypes
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from official import RrdReader, expect, fail, pa, rerun


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """The fields of a protobuf message; the ones that an index has are varints and bytes."""
    at, found = 0, []
    while at < len(data):
        tag, at = varint(data, at)
        value, at = varint(data, at)
        if tag & 7 == 2:
            value, at = data[at : at + value], at + value
        found.append((tag >> 3, value))
    return found


def decompress(data, size):
    library = ctypes.CDLL("liblz4.so.1")
    out = ctypes.create_string_buffer(size)
    expect(library.LZ4_decompress_safe(data, out, len(data), size), size, "decompressed bytes")
    return out.raw


def describe(field):
    return field.name, str(field.type), field.nullable, tuple(sorted((field.metadata or {}).items()))


def values(column):
    if pa.types.is_timestamp(column.type) or pa.types.is_duration(column.type):
        column = column.cast(pa.int64())
    return column.to_pylist()


def read_manifest(message):
    """The schema's fields, and the table's columns by name."""
    parts = dict(fields(message))
    schema = pa.ipc.open_stream(dict(fields(parts[2]))[1]).schema
    table = dict(fields(parts[4]))
    batch = pa.ipc.open_stream(decompress(table[2], table[4])).read_next_batch()
    columns = {field.name: (describe(field), values(column)) for field, column in zip(batch.schema, batch.columns)}
    expect(len(columns), batch.num_columns, "different names of columns")
    return {"schema": {describe(field) for field in schema}, "table": columns}


def split_footer(data):
    """Where the End frame begins, and its payload; None without an index."""
    if data[-12:-4] != b"RRF2FOOT":
        return None
    offset, size = struct.unpack("<QQ", data[-32:-16])
    return offset - 16, data[offset : offset + size]


def manifests(payload):
    found = {}
    for _, message in fields(payload):
        found[dict(fields(message))[1]] = read_manifest(message)
    return found


def compare(path, append_footer, folder):
    data = Path(path).read_bytes()
    footer = split_footer(data)
    if footer is None or not footer[1]:
        return 0
    ours = Path(folder) / Path(path).name
    ours.write_bytes(data[: footer[0]])
    subprocess.run([append_footer, ours], check=True, timeout=60)
    rerun("rrd", "verify", ours)
    for entry in RrdReader(str(ours)).recordings():
        RrdReader(str(ours)).store(store=entry)
    mine, theirs = manifests(split_footer(ours.read_bytes())[1]), manifests(footer[1])
    expect(set(mine), set(theirs), f"{path}: stores")
    for store, manifest in theirs.items():
        expect(mine[store]["schema"], manifest["schema"], f"{path}: schema")
        expect(set(mine[store]["table"]), set(manifest["table"]), f"{path}: columns")
        for name, column in manifest["table"].items():
            expect(mine[store]["table"][name], column, f"{path}: {name}")
    print(f"{path}: {sum(len(manifest['table']) for manifest in theirs.values())} columns are equal")
    return 1


def main():
    append_footer, *paths = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        if sum(compare(path, append_footer, folder) for path in paths) < 5:
            fail("hardly any file had an index to compare with")


main()
