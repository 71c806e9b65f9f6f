# SPDX-License-Identifier: MIT OR Apache-2.0
"""The programs of scenarios/python without lastword and with it: what arrives, what it costs.

    python_endings.py LASTWORD [--full N] [--rows N] [NAME...]

Without: the program alone, connected to an official server that saves what arrives. With: the same program under
`lastword run`. The official reader counts both. Prints the table, and fails unless with lastword every row arrives
once and in order and all processes end as they do without it; unless rows are lost without it where the table
says so, and arrive all where it says that too, which shows that the server loses none.

Each program runs once, two at a time. With --full each runs alone, N times in turn without and with, and the last
column is the median of the differences.
"""

import argparse
import concurrent.futures
import itertools
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from official import fail, read_official
from server import official_server

PROGRAMS = Path(__file__).resolve().parents[2] / "scenarios" / "python"
TIMEOUT_SECONDS = 60
ATTEMPTS = 3  # what is lost by a race may take more than one run to show itself
LOSES, KEEPS = "loses", "keeps"  # without lastword

INIT = "each child's rr.init fails"


@dataclass
class Program:
    words: str
    loggers: int
    without: str = LOSES
    rows_each: int = 1  # rows a logger logs for each of --rows
    extra: int = 0
    excuse: str = ""  # why it ends otherwise without lastword

    @property
    def command(self):
        name, *rest = shlex.split(self.words)
        return [sys.executable, str(PROGRAMS / f"{name}.py"), *rest]


TABLE = [
    Program("multiprocess plain", 4, rows_each=2, excuse=INIT),
    Program("multiprocess shutdown_at_exit", 4, rows_each=2, excuse=INIT),
    Program("child_logs 3", 4),
    Program("child_logs 20", 21),
    *(Program(f"child_ends {end}", 4) for end in ("'_exit 3'", "exec", "abort", "SIGTERM", "SIGKILL", "SIGSEGV")),
    *(Program(f"child_killed {how}", 4) for how in ("terminate", "kill", "outside")),
    Program("os_fork flat", 4),
    Program("os_fork nested", 4),
    Program("pool Pool", 5),
    Program("pool ProcessPoolExecutor", 5),
    Program("start_method spawn", 4, KEEPS),
    Program("start_method forkserver", 4),
    *(Program(f"start_method {method} only_logs", 4) for method in ("spawn", "forkserver")),
    Program("thread_fork", 8),
    Program("parent_first", 4),
    *(Program(f"main_ends {end}", 1) for end in ("'_exit 3'", "exec", "abort", "SIGTERM", "SIGKILL")),
    Program("main_killed", 1),
    Program("recordings", 4, extra=2),
    Program("other_program", 2),
    Program("unused", 3),
]


@dataclass
class Run:
    """What came of a program."""

    application: str
    status: str
    seconds: float
    complaint: str = ""  # what it says on standard error
    arrived: int = 0
    repeated: int = 0
    is_ordered: bool = True


@dataclass
class Result:
    """A line of the table."""

    program: Program
    logged: int
    without: list  # of Run
    with_lastword: list

    def is_to_repeat(self):
        return self.program.without == LOSES and all(run.arrived == self.logged for run in self.without)

    def complaints(self):
        if any(run.arrived < self.logged for run in self.with_lastword):
            yield "rows are missing"
        if any(run.arrived - run.repeated > self.logged for run in self.with_lastword):
            yield "there are rows that nobody logged"
        if any(run.repeated for run in self.with_lastword):
            yield "rows are repeated"
        if not all(run.is_ordered for run in self.with_lastword):
            yield "rows are out of order"
        for run in self.with_lastword:
            if run.complaint:
                yield f"with lastword it says {run.complaint!r}"
        if len({run.status for run in self.with_lastword}) > 1:
            yield "its runs end differently"
        if not self.program.excuse and self.without[0].status != self.with_lastword[0].status:
            yield "it ends otherwise"
        if self.program.excuse and self.without[0].status == self.with_lastword[0].status:
            yield "its excuse is none"
        if self.is_to_repeat():
            yield "nothing is lost without"
        if self.program.without == KEEPS and any(run.arrived != self.logged for run in self.without):
            yield "the server has not all"


# --- Running -------------------------------------------------------------------------------------


class Bench:
    def __init__(self, lastword, rows, server, folder):
        self.lastword, self.rows, self.server, self.folder = lastword, rows, server, folder
        self.numbers = itertools.count()

    def environment(self, application):
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("LASTWORD_", "RERUN"))}
        return {
            **inherited,
            "APPLICATION": application,
            "LASTWORD_DIR": str(self.folder),
            "RERUN_ANALYTICS_ENABLED": "false",
            "ROWS": str(self.rows),
            "VIEWER": self.server.url,
        }

    def run(self, prefix, program):
        """Runs it in a process group of its own, which ends with it. Its status and output are one text."""
        application = f"python_endings_{next(self.numbers)}"
        began = time.monotonic()
        process = subprocess.Popen(
            [*prefix, *program.command],
            env=self.environment(application),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            output, complaint = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return Run(application, "hangs", time.monotonic() - began)
        code = process.returncode
        status = str(code) if code >= 0 else signal.Signals(-code).name
        return Run(application, " ".join([status, *output.split()]), time.monotonic() - began, complaint)

    def run_without(self, program):
        """Its rows lie in the server's file, and are counted when that has settled."""
        return self.run([], program)

    def run_with(self, program):
        path = self.folder / f"{next(self.numbers)}.rrd"
        run = self.run([self.lastword, "run", "-q", "-o", path, "--"], program)
        count(run, read_official(path))
        return run

    def compare(self, program, times):
        pairs = [(self.run_without(program), self.run_with(program)) for _ in range(times)]
        logged = program.loggers * program.rows_each * self.rows + program.extra
        return Result(program, logged, *map(list, zip(*pairs)))


# --- Counting ------------------------------------------------------------------------------------


def rows_of(chunks):
    """(what logged it, its frame, row id) of each row of the program."""
    for chunk in chunks.values():
        if chunk["entity_path"].startswith(("/lastword/", "/__properties")):
            continue
        frames = chunk["timelines"].get("frame", [None] * len(chunk["row_ids"]))
        for n, (row_id, frame) in enumerate(zip(chunk["row_ids"], frames)):
            cells = {name: column["cells"][n] for name, column in chunk["components"].items()}
            logger = re.sub(r" \d+ of pid", " of pid", f"{chunk['entity_path']} {cells}")
            yield logger, frame, row_id


def count(run, stores):
    """Counts the rows of the run's application."""
    frames = {}
    for (application, recording), chunks in stores.items():
        if application == run.application:
            for logger, frame, row_id in rows_of(chunks):
                frames.setdefault((recording, logger), []).append((row_id, frame))
    for rows in frames.values():
        in_order = [frame for _, frame in sorted(rows)]
        run.arrived += len(in_order)
        run.repeated += len(in_order) - len(set(in_order))
        run.is_ordered &= None in in_order or in_order == sorted(in_order)


# --- The table -----------------------------------------------------------------------------------

COLUMNS = ("scenario", "logged", "without", "with", "repeated", "ends without", "ends with", "extra time")


def line_of(result):
    without, with_lastword = result.without, result.with_lastword
    extra = statistics.median(b.seconds - a.seconds for a, b in zip(without, with_lastword))
    return (
        result.program.words,
        str(result.logged),
        span(run.arrived for run in without),
        span(run.arrived for run in with_lastword),
        span(run.repeated for run in with_lastword),
        span_of_words(run.status for run in without) + (f" ({result.program.excuse})" if result.program.excuse else ""),
        span_of_words(run.status for run in with_lastword),
        f"{extra:+.2f} s",
    )


def span(numbers):
    numbers = sorted(numbers)
    return str(numbers[0]) if numbers[0] == numbers[-1] else f"{numbers[0]}-{numbers[-1]}"


def span_of_words(words):
    """Each text once; "children 0 0 0" as "children 3x 0"."""
    return " or ".join(sorted({re.sub(r"(?<= )(\S+)((?: \1)+)$", shorten, text) for text in words}))


def shorten(match):
    return f"{len(match[0].split())}x {match[1]}"


def print_table(results):
    lines = [COLUMNS, *map(line_of, results)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


# --- All of it -----------------------------------------------------------------------------------


def measure(bench, programs, full):
    """With `full` one at a time, so that they do not disturb each other."""
    with concurrent.futures.ThreadPoolExecutor(1 if full else 2) as workers:
        results = list(workers.map(lambda program: bench.compare(program, full or 1), programs))
    for attempt in range(1, ATTEMPTS + 1):
        count_without(bench.server, results)
        again = [result for result in results if result.is_to_repeat() and attempt < ATTEMPTS]
        for result in again:
            result.without = [bench.run_without(result.program)]
        if not again:
            break
    return results


def count_without(server, results):
    """Counts the runs that are not counted yet."""
    server.settle()
    stores = read_official(server.path)
    for result in results:
        for run in result.without:
            if run.arrived == 0:
                count(run, stores)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lastword")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only programs whose name begins so")
    parser.add_argument("--full", type=int, default=0, metavar="N", help="each N times, alone")
    parser.add_argument("--rows", type=int, default=100, help="rows a logger (default: 100)")
    return parser.parse_args()


def main():
    options = parse()
    programs = [program for program in TABLE if program.words.startswith(tuple(options.names) or "")]
    if not programs:
        fail("there is no such program")
    with tempfile.TemporaryDirectory(prefix="lastword-python-") as name:
        folder = Path(name)
        with official_server(folder / "server.rrd") as server:
            bench = Bench(os.path.abspath(options.lastword), options.rows, server, folder)
            results = measure(bench, programs, options.full)
    print_table(results)
    complaints = [f"{result.program.words}: {text}" for result in results for text in result.complaints()]
    if complaints:
        fail("\n        ".join(complaints))
    excused = sum(bool(result.program.excuse) for result in results)
    print(f"\n{len(results)} programs: with lastword every row arrived once, and they ended as without it,")
    print(f"but for {excused} that fail without it")


main()
