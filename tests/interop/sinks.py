# SPDX-License-Identifier: MIT OR Apache-2.0
"""usage: sinks.py LASTWORD SAVER

A file that a program named is what the official tools take for a whole recording as soon as the
program has freed the stream, while it still runs, and again at the end.
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from official import RrdReader, expect, read_official, rerun


def rows_of(path):
    """Rows of /log in each store of the file, by application."""
    rows = {}
    for (application, _), chunks in read_official(path).items():
        log = [chunk for chunk in chunks.values() if chunk["entity_path"] == "/log"]
        rows[application] = sum(len(chunk["row_ids"]) for chunk in log)
    return rows


def check(path, count, when):
    rerun("rrd", "verify", path)
    expect(RrdReader(str(path)).store() is not None, True, f"{when}: the index of {path.name}")
    expect(rows_of(path), {"saver": count}, f"{when}: rows in {path.name}")


def give(orders, answers, words):
    """Gives the saver its orders, one after the other."""
    for word in words:
        os.write(orders, word.encode())
        expect(answers.readline()[:1], word, "the order that was carried out")


def main(lastword, saver):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        orders_out, orders = os.pipe()
        answers_in, answers = os.pipe()
        environment = {**os.environ, "LASTWORD_DIR": name}
        process = subprocess.Popen(
            [lastword, "run", "-q", "-o", folder / "m.rrd", "--", saver, str(orders_out), str(answers),
             folder / "a.rrd", folder / "b.rrd"],
            env=environment, pass_fds=[orders_out, answers])
        os.close(orders_out)
        os.close(answers)
        with os.fdopen(answers_in) as lines:
            give(orders, lines, "lsltco")
            check(folder / "a.rrd", 400, "replaced")
            give(orders, lines, "lf")
            check(folder / "b.rrd", 100, "freed")
            give(orders, lines, "l")
            os.close(orders)
            expect(process.wait(), 0, "the status of the run")
        check(folder / "a.rrd", 400, "at the end")
        check(folder / "b.rrd", 200, "at the end")


main(*sys.argv[1:])
