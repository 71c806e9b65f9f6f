# SPDX-License-Identifier: MIT OR Apache-2.0
"""The official Python SDK under `lastword run`: four threads log while the process forks, then rows are counted.

    python_forks.py LASTWORD [--forks N] [--seed S]

Each child logs a row, ends in a way drawn from the seed, and some are killed by SIGKILL at any moment. A ledger in shared memory says
which log calls returned; the recording, as Rerun's own RrdReader gives it, must have every such row exactly once, and at most
one more per thread or child: the one that was being logged. A child that hangs ends the run by its time-out, which fails.
"""

import argparse
import mmap
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading

N_THREADS = 4
THREADS_SIZE = 8 * N_THREADS
PAUSE_S = 0.002  # between the rows of a thread: how often, not when
TIMEOUT = "10m"


# --- The program ---------------------------------------------------------------------------------


class Ledger:
    """Counts of returned calls: a number for each thread, a byte for each child."""

    def __init__(self, path, n_children):
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), THREADS_SIZE + n_children)

    def thread(self, number):
        return struct.unpack_from("Q", self.memory, 8 * number)[0]

    def thread_logged(self, number, n_rows):
        struct.pack_into("Q", self.memory, 8 * number, n_rows)

    def child(self, number):
        return self.memory[THREADS_SIZE + number]

    def child_logged(self, number, n_rows):
        self.memory[THREADS_SIZE + number] = n_rows


def run_thread(rr, ledger, number, stop):
    n_rows = 0
    while not stop.wait(PAUSE_S):
        rr.log(f"thread/{number}", rr.TextLog(str(n_rows)))
        n_rows += 1
        ledger.thread_logged(number, n_rows)


def run_child(rr, ledger, number, draw):
    rr.set_time("child", sequence=number)
    if draw.random() < 0.2:
        rr.init("lastword_torture")  # again, as Rerun's own example does
    rr.log(f"child/{number}", rr.TextLog("0"))
    ledger.child_logged(number, 1)
    ending = draw.random()
    if ending < 0.1:
        os.kill(os.getpid(), signal.SIGKILL)
    if ending < 0.2:
        os.execv("/bin/true", ["true"])
    if ending < 0.3:
        os.abort()
    os._exit(0)


def run_forks(rr, ledger, n_forks, draw):
    for number in range(n_forks):
        child_draw = random.Random(draw.random())
        pid = os.fork()
        if pid == 0:
            run_child(rr, ledger, number, child_draw)
        if draw.random() < 0.1:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def run_program(options):
    import resource

    import rerun as rr

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ledger = Ledger(options.program, options.forks)
    stop = threading.Event()
    rr.init("lastword_torture")
    threads = [
        threading.Thread(target=run_thread, args=(rr, ledger, number, stop))
        for number in range(N_THREADS)
    ]
    for thread in threads:
        thread.start()
    run_forks(rr, ledger, options.forks, random.Random(options.seed))
    stop.set()
    for thread in threads:
        thread.join()
    os._exit(0)


# --- The judge -----------------------------------------------------------------------------------


def read_rows(path):
    """{entity path: [numbers, in the order of row ids]}"""
    from rerun.chunk import RrdReader

    rows = {}
    for chunk in RrdReader(path).stream():
        if not chunk.entity_path.startswith(("/thread/", "/child/")):
            continue
        batch = chunk.to_record_batch()
        ids = batch.column("rerun.controls.RowId").to_pylist()
        texts = batch.column("TextLog:text").to_pylist()
        rows.setdefault(chunk.entity_path, []).extend(
            (row_id, int(text[0])) for row_id, text in zip(ids, texts)
        )
    return {path: [number for _, number in sorted(found)] for path, found in rows.items()}


def faults_of(ledger, n_forks, rows):
    writers = [(f"/thread/{i}", ledger.thread(i)) for i in range(N_THREADS)]
    writers += [(f"/child/{i}", ledger.child(i)) for i in range(n_forks)]
    for path, returned in writers:
        found = rows.pop(path, [])
        if found != list(range(len(found))):
            yield f"{path}: rows {found[:20]} are not 0, 1, 2, ..."
        if not returned <= len(found) <= returned + 1:
            yield f"{path}: {returned} calls returned, {len(found)} rows arrived"
    for path in rows:
        yield f"{path}: nobody logged that"


def judge(options, folder):
    path = os.path.join(folder, "ledger")
    output = os.path.join(folder, "forks.rrd")
    with open(path, "wb") as file:
        file.truncate(THREADS_SIZE + options.forks)
    result = subprocess.run(
        [options.lastword, "run", "-q", "--timeout", TIMEOUT, "-o", output, "--", sys.executable,
         __file__, options.lastword, "--forks", str(options.forks), "--seed", str(options.seed),
         "--program", path],
        stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        sys.exit(f"lastword run ended with {result.returncode}; kept: {folder}")
    rows = read_rows(output)
    n_rows = sum(len(found) for found in rows.values())
    ledger = Ledger(path, options.forks)
    faults = list(faults_of(ledger, options.forks, rows))
    print(f"{options.forks} forks, {n_rows} rows, {N_THREADS} threads logging; "
          f"{len(faults)} threads or children with rows lost or repeated")
    for fault in faults[:20]:
        print(fault)
    return 1 if faults or n_rows < options.forks // 2 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lastword")
    parser.add_argument("--forks", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--program", metavar="LEDGER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.program:
        run_program(options)
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="lastword-torture-") as folder:
        return judge(options, folder)


sys.exit(main())
