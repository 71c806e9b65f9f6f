# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every ending of the multiprocess scenario, read cell by cell by Rerun's own tools.

    multiprocess.py LASTWORD MULTIPROCESS

For each way in which children and parent can end: `rerun rrd verify` accepts the recording with its footer, RrdReader
finds exactly four texts and four boxes with every value right, and the recording names each process's end. Then the
same program without shim and supervisor: `lastword deliver` finds all rows. And once with recordings that zstd compressed.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import pyarrow
import rerun_cli
from rerun.chunk import RrdReader

STARTED_NS = time.time_ns()
RERUN = os.path.join(os.path.dirname(rerun_cli.__file__), "rerun")
TEXT = re.compile(r"Logging from pid=(\d+), thread=(\d+) using the rerun recording id (rec_[0-9a-f]{32})")

#            --end: (ended_by, status) of a child that ends so
CHILD_ENDS = {"return": ("return", 0), "exit": ("exit", 0), "_exit": ("_exit", 0),
              "exec": ("exec", 0), "abort": ("abort", 6), "kill": ("signal", signal.SIGKILL)}
ROOT_STATUS = {"return": 0, "exit": 0, "_exit": 0, "exec": 0, "abort": -signal.SIGABRT,
               "kill": -signal.SIGKILL}


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, not {wanted!r}")


def read(path):
    """{entity: [row as {column: value}]} of all chunks; times are nanoseconds."""
    rows = {}
    for chunk in RrdReader(path).stream():
        batch = chunk.to_record_batch()
        if "log_time" in batch.schema.names:  # nanoseconds do not fit into Python's datetime
            at = batch.schema.get_field_index("log_time")
            batch = batch.set_column(at, "log_time", batch.column(at).cast(pyarrow.int64()))
        rows.setdefault(chunk.entity_path, []).extend(batch.to_pylist())
    return rows


def box_of(task):
    """Centre and half size of [x, y, width, height] as the scenario logs it."""
    x, y, w, h = (5, 5, 80, 80) if task == 0 else (10 + 10 * task, 20 + 5 * task, 30, 40)
    return [x + w / 2, y + h / 2], [w / 2, h / 2]


def check_texts(rows):
    """The pids that logged."""
    expect("rows of /log", len(rows), 4)
    pids = []
    recordings = set()
    for row in rows:
        expect("columns of /log", set(row), {"rerun.controls.RowId", "log_time", "TextLog:text",
                                             "TextLog:level"})
        (text,) = row["TextLog:text"]
        match = TEXT.fullmatch(text)
        if not match or match[1] != match[2]:
            raise SystemExit(f"another text: {text!r}")
        expect("level", row["TextLog:level"], ["INFO"])
        if not STARTED_NS <= row["log_time"] <= time.time_ns():
            raise SystemExit(f"log_time {row['log_time']} is not of this test")
        pids.append(int(match[1]))
        recordings.add(match[3])
    expect("processes that logged", len(set(pids)), 4)
    expect("recording ids", len(recordings), 1)
    return pids


def check_boxes(rows, task):
    expect(f"rows of /task_{task}", len(rows), 1)
    (row,) = rows
    centre, half = box_of(task)
    expect("columns", set(row), {"rerun.controls.RowId", "log_time", "Boxes2D:centers",
                                 "Boxes2D:half_sizes", "Boxes2D:labels"})
    expect("centre", row["Boxes2D:centers"], [centre])
    expect("half size", row["Boxes2D:half_sizes"], [half])
    expect("label", row["Boxes2D:labels"], [f"task_{task}"])


def check_rows(rows):
    pids = check_texts(rows.pop("/log"))
    for task in range(4):
        check_boxes(rows.pop(f"/task_{task}"), task)
    left = [path for path in rows if not path.startswith(("/lastword/", "/__properties"))]
    expect("other entities", left, [])
    return pids


def processes(rows):
    """{name: all that is said of the process}"""
    found = {}
    for path, entries in rows.items():
        if path.startswith("/lastword/processes/"):
            name = path.rsplit("/", 1)[1]
            for row in entries:
                found.setdefault(name, {}).update(
                    (key[len("lastword:"):], value) for key, value in row.items()
                    if key.startswith("lastword:") and value is not None)
    return found


def check_ends(rows, pids, end, root_end):
    ends = []
    for name, process in processes(rows).items():
        if process["made_by"] == ["exec"]:
            continue  # the new image of a process that ended by exec: it logs nothing
        if process["pid"][0] not in pids:
            raise SystemExit(f"process {name} has the pid {process['pid']}, which logged nothing")
        expect(f"rows of {name}", (process["rows_logged"], process["rows_stored"]), ([2], [2]))
        role_end = root_end if process["made_by"] == ["run"] else end
        ended_by, status = CHILD_ENDS[role_end]
        expect(f"end of {name} (--end {end} --root-end {root_end})", process["ended_by"], [ended_by])
        if ended_by != "exec":
            expect(f"status of {name}", process["status"], [status])
        ends.append(role_end)
    expect("how the processes ended", sorted(ends), sorted([root_end, end, end, end]))


def verify(path):
    result = subprocess.run([RERUN, "rrd", "verify", path], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"rerun rrd verify: {result.stdout}{result.stderr}")


def run_case(lastword, program, folder, end, root_end):
    path = os.path.join(folder, f"{end}-{root_end}.rrd")
    result = subprocess.run([lastword, "run", "-o", path, "--", program, "--end", end, "--root-end", root_end],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    expect(f"status (--end {end} --root-end {root_end})", result.returncode, ROOT_STATUS[root_end])
    last = result.stderr.strip().splitlines()[-1]
    if "8 rows logged, 8 stored" not in last or "LOST" in last:
        raise SystemExit(f"--end {end} --root-end {root_end}: {result.stderr}")
    verify(path)
    rows = read(path)
    pids = check_rows(rows)
    check_ends(rows, pids, end, root_end)


def run_plain(lastword, program, folder, end):
    """Without shim and supervisor: no ends are known, but every row is there."""
    path = os.path.join(folder, f"plain-{end}.rrd")
    environment = {"PATH": os.environ["PATH"], "LASTWORD_DIR": folder}
    subprocess.run([program, "--end", end], env=environment, check=True, timeout=60)
    sessions = os.path.join(folder, f"lastword-{os.geteuid()}")
    (session,) = os.listdir(sessions)
    subprocess.run([lastword, "deliver", "-o", path, os.path.join(sessions, session)], check=True,
                   capture_output=True, timeout=60)
    expect("sessions left", os.listdir(sessions), [])
    verify(path)
    rows = read(path)
    check_rows(rows)
    for name, process in processes(rows).items():
        expect(f"end of {name} without the shim", process["ended_by"], ["unknown"])


def decompress(path):
    plain = path.removesuffix(".zst")
    subprocess.run(["zstd", "-q", "-d", path, "-o", plain], check=True)
    return plain


def run_compressed(lastword, program, folder):
    """What comes out of .rrd.zst is a recording like any other, and so is a file for save."""
    path = os.path.join(folder, "compressed.rrd.zst")
    saved = os.path.join(folder, "saved.rrd.zst")
    subprocess.run([lastword, "run", "-o", path, "--", program], check=True, capture_output=True,
                   env={**os.environ, "LASTWORD_SAVE": saved}, timeout=120)
    for plain in (decompress(path), decompress(saved)):
        verify(plain)
        check_rows(read(plain))


def main():
    lastword, program = (os.path.abspath(path) for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="lastword-interop-") as folder:
        cases = [(end, "return") for end in CHILD_ENDS] + [("_exit", end) for end in CHILD_ENDS]
        for end, root_end in cases:
            run_case(lastword, program, folder, end, root_end)
        for end in CHILD_ENDS:
            run_plain(lastword, program, folder, end)
        run_compressed(lastword, program, folder)
    print(f"{len(cases)} endings and {len(CHILD_ENDS)} without shim: every cell as logged")


main()
