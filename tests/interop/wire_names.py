# SPDX-License-Identifier: MIT OR Apache-2.0
"""Entity paths and application ids come out as the official SDK makes them.

wire_names.py NORMALISE_NAME

Both sides are given the same names. Where ours differs on purpose (characters that are no letters stay as they are,
the official SDK escapes them), our normal form of the official one must be our normal form of the name.
"""

import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

from official import expect, read_official

import rerun as rr

ENTITIES = [
    "", "/", "//", "log", "/log", "a/b/c", "/foo///bar//", "foo/bar:baz", "foo/#bar/b az", "a\\/b", "task_1-x.y",
    "a\nb\rc\td\x01", "\\u{00e5}", "\\u{00E5}", "\\n\\ \\!", "a\\qb", "a\\", "\\u{apa}", "\\u{apa}/x", "\\u{d800}", "\\u",
    "\\u{12", "\\u{123}", "\\u{12345}", "\\u\\n\\n\\n", "Hallå/Där", "☮", "😀", "a\u00a0z", "\u2028", "\u3000x", "日本/語",
    "C:\\Users\\image.jpg", "a\\\\/b", "\\\\", "!\"#$%&'()*+,;<=>?@[]^`{|}~", "__reserved", "٣½²", "e\u0301",
    *("\\u{" + "z" * n + "\\n}" for n in range(9)), "\\u{1F600}", "\\u{10FFFF}", "\\u{110000}", "\\u{0000041}", "\\u{+41}",
    *("".join(part) for part in itertools.product("a/\\u{", repeat=3)),
]

APPLICATIONS = [
    "rerun_example_multiprocessing", "A [b]: c-1", "my.app", "héllo", "a/b", "x" * 180, "x" * 181, "é" * 200,
    "tab\there", "日本", "ends with newline\n", "x" * 175 + ".",
]


def ours(program, kind, names):
    done = subprocess.run([program, kind, *names], capture_output=True, check=True, timeout=60)
    lines = done.stdout.decode().split("\n")
    expect(lines.pop(), "", f"{kind}: the last line")
    expect(len(lines), len(names), f"{kind}: lines")
    return lines


def official_entities(folder):
    """Each name gets a row with its own number, by which it is found again."""
    path = Path(folder) / "entities.rrd"
    stream = rr.RecordingStream("names", recording_id="names", send_properties=False)
    stream.save(str(path))
    for number, name in enumerate(ENTITIES):
        stream.set_time("number", sequence=number)
        stream.log(name, rr.TextLog("x"))
    stream.disconnect()
    entities = {}
    for chunk in read_official(path)["names", "names"].values():
        for number in chunk["timelines"]["number"]:
            entities[number] = chunk["entity_path"]
    return [entities[number] for number in range(len(ENTITIES))]


def official_applications(folder):
    found = []
    for number, name in enumerate(APPLICATIONS):
        path = Path(folder) / f"{number}.rrd"
        stream = rr.RecordingStream(name, recording_id="x", send_properties=False)
        stream.save(str(path))
        stream.log("x", rr.TextLog("x"))
        stream.disconnect()
        found.append(next(iter(read_official(path)))[0])
    return found


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        entities, applications = official_entities(folder), official_applications(folder)
    again = ours(program, "entity", entities)
    for name, mine, theirs, theirs_again in zip(ENTITIES, ours(program, "entity", ENTITIES), entities, again):
        expect(mine, theirs_again, f"entity {name!r}, officially {theirs!r}")
        if mine.isascii():
            expect(mine, theirs, f"entity {name!r}")
    expect(ours(program, "application", APPLICATIONS), applications, "applications")
    print(f"{len(ENTITIES)} entity paths and {len(APPLICATIONS)} application ids are the same")


main()
