# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every cell of recordings that the official SDK wrote, as our reader and as the official one see it.

wire_read.py DUMP_RECORDING FILE...
"""

import json
import subprocess
import sys

from official import expect, fail, read_official


def read_ours(dump, path):
    done = subprocess.run([dump, path], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        fail(f"{path}: {done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    expect(lines.pop(), {"ending": "complete"}, f"{path}: its end")
    stores = {}
    for chunk in lines:
        store = chunk["application_id"], chunk["recording_id"]
        stores.setdefault(store, {})[chunk["id"]] = chunk
    return stores


def simplify(chunk):
    """Our chunk with what the official reader's has."""
    return {
        "id": chunk["id"],
        "entity_path": chunk["entity_path"],
        "row_ids": [row.lower() for row in chunk["row_ids"]],
        "timelines": {name: line["values"] for name, line in chunk["timelines"].items()},
        "components": chunk["components"],
    }


def compare_chunks(ours, theirs, where):
    """Returns the number of cells compared."""
    expect(ours["entity_path"], theirs["entity_path"], f"{where}: entity")
    expect(ours["row_ids"], theirs["row_ids"], f"{where}: row ids")
    expect(ours["timelines"], theirs["timelines"], f"{where}: times")
    expect(set(ours["components"]), set(theirs["components"]), f"{where}: components")
    for name, column in theirs["components"].items():
        expect(ours["components"][name], column, f"{where}: {name}")
    return len(ours["row_ids"]) * len(ours["components"])


def compare_file(dump, path):
    ours, theirs = read_ours(dump, path), read_official(path)
    n_cells = 0
    for store, chunks in theirs.items():
        found = ours.get(store, {})
        expect(set(found), set(chunks), f"{path}: chunks of {store}")
        for chunk_id, chunk in chunks.items():
            n_cells += compare_chunks(simplify(found[chunk_id]), chunk, f"{path}: {chunk_id}")
    expect(set(ours) - set(theirs), set(), f"{path}: stores that the official reader does not know")
    print(f"{path}: {n_cells} cells are equal")
    return n_cells


def main():
    dump, *paths = sys.argv[1:]
    if sum(compare_file(dump, path) for path in paths) < 100:
        fail("hardly anything was compared")


main()
