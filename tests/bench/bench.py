# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures lastword beside baselines of the same run, and prints one table.

    bench.py BUILD_DIR [--seconds S]

Figures of a shared machine move; the ratios hold. Paired runs alternate, the medians of the pairs are quoted.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from rerun.chunk import RrdReader

PAIRS = 7
PYTHON_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench_python.py")


def numbers(command, folder):
    """The "NAME VALUE" lines that a program prints."""
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=folder, text=True)
    found = {}
    for line in result.stdout.splitlines():
        name, value = line.split()
        found.setdefault(name, []).append(float(value))
    return {name: statistics.median(values) for name, values in found.items()}


class Bench:
    def __init__(self, options, folder):
        build = os.path.abspath(options.build)
        self.lastword = os.path.join(build, "harness", "lastword")
        self.program = os.path.join(build, "tests", "bench", "bench_program")
        self.seconds = options.seconds
        self.folder = folder
        self.rows = []

    def add(self, what, ours, unit, beside="", ratio=None, limit=""):
        self.rows.append((what, f"{ours:.1f} {unit}", beside,
                          "" if ratio is None else f"{ratio:.2f}", limit))

    def run(self, *arguments):
        output = os.path.join(self.folder, "bench.rrd")
        return numbers([self.lastword, "run", "-q", "-o", output, "--", self.program, *arguments],
                       self.folder)

    def plain(self, *arguments):
        return numbers([self.program, *arguments], self.folder)

    def append(self):
        for kind, name in (("64", "text of 64 B"), ("box", "labelled box"), ("4096", "text of 4 KiB")):
            for threads in (1, 2):
                found = self.run("append", kind, str(threads))
                row, copy, write = (found[f"{kind}_{threads}t_{what}_ns"]
                                    for what in ("row", "memcpy", "write"))
                limit = "<= 100 ns, write >= 5x" if (kind, threads) == ("64", 1) else ""
                self.add(f"append {name}, {threads} thread{'s' * (threads > 1)}", row, "ns",
                         f"memcpy {copy:.1f}, write() {write:.1f} ns", write / row, limit)

    def children(self):
        found = self.run("children")
        self.add("a forked child's first row", found["first_row_us"], "us", limit="<= 40 us")
        empty, full = found["exit_0_rows_us"], found["exit_10000_rows_us"]
        self.add("_exit until the parent knows, 10,000 rows just logged", full, "us",
                 f"none logged {empty:.1f} us", full / empty, "about 1")

    def processes(self):
        pairs = [(self.run("processes"), self.plain("processes")) for _ in range(PAIRS)]
        for name, what, limit in (("fork_us", "fork + _exit + wait", "<= 10 us dearer"),
                                  ("exec_us", "spawn /bin/true + wait", "<= 150 us dearer")):
            dearer = statistics.median(shim[name] - bare[name] for shim, bare in pairs)
            bare = statistics.median(bare[name] for _, bare in pairs)
            self.add(f"{what}: dearer by", dearer, "us", f"without {bare:.1f} us",
                     (bare + dearer) / bare, limit)

    def courier(self):
        output = os.path.join(self.folder, "stream.rrd")
        begin = time.monotonic()
        found = numbers([self.lastword, "run", "-q", "-o", output, "--", self.program, "stream",
                         str(self.seconds)], self.folder)
        elapsed = time.monotonic() - begin
        counted = sum(chunk.num_rows for chunk in RrdReader(output).stream()
                      if chunk.entity_path == "/bench/text")
        if counted != found["stream_rows"]:
            sys.exit(f"bench: {found['stream_rows']:.0f} rows logged, {counted} in the recording")
        self.add("courier, until the recording is whole", counted / elapsed / 1e6, "M rows/s",
                 f"{counted} rows in {elapsed:.1f} s, by RrdReader", limit=">= 1 M rows/s")
        self.add("recording", os.path.getsize(output) / counted, "B/row", "text of 64 B")

    def memory(self):
        with_rows = statistics.median(self.run("memory")["private_kib"] for _ in range(PAIRS))
        bare = statistics.median(self.plain("idle")["private_kib"] for _ in range(PAIRS))
        self.add("private memory per process", with_rows - bare, "KiB",
                 f"without {bare:.0f} KiB", limit="<= 1024 KiB")

    # --- The official Python SDK ---

    def python_run(self, *arguments):
        output = os.path.join(self.folder, "python.rrd")
        return numbers([self.lastword, "run", "-q", "-o", output, "--", sys.executable,
                        PYTHON_PROGRAM, *arguments], self.folder)

    def python_plain(self, *arguments):
        return numbers([sys.executable, PYTHON_PROGRAM, *arguments], self.folder)

    def python(self):
        saved = os.path.join(self.folder, "saved.rrd")
        with Server() as url:
            rows = (
                ("rr.log of one text", "log_us", ("log", saved), ("log", saved), "<= 1"),
                ("fork + os._exit with rerun", "fork_us", ("fork", url), ("fork", url), "<= 1.1"),
                ("child: fork, log a row, os._exit", "child_us", ("child", url),
                 ("official_child", url), "<= 0.5"),
            )
            for what, name, ours, official, limit in rows:
                pairs = [(self.python_run(*ours)[name], self.python_plain(*official)[name])
                         for _ in range(PAIRS)]
                with_us = statistics.median(pair[0] for pair in pairs)
                without = statistics.median(pair[1] for pair in pairs)
                ratio = statistics.median(ours / official for ours, official in pairs)
                self.add(what, with_us, "us", f"official {without:.1f} us", ratio, limit)

        found = self.python_run("start")
        bare = found["start_us"] - found["dearer_us"]
        self.add("start of a Python without rerun: dearer by", found["dearer_us"], "us",
                 f"without {bare:.1f} us", found["start_us"] / bare, "<= 400 us dearer")

    def table(self):
        heads = ("what", "measured", "beside", "ratio", "limit")
        widths = [max(len(row[i]) for row in [heads, *self.rows]) for i in range(5)]
        for row in [heads, *self.rows]:
            print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


class Server:
    """Rerun's own server, on a port that it picks nobody else has; what it gets goes to a file."""

    def __enter__(self):
        import rerun_cli

        self.folder = tempfile.TemporaryDirectory(prefix="lastword-bench-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        binary = os.path.join(os.path.dirname(rerun_cli.__file__), "rerun")
        saved = os.path.join(self.folder.name, "server.rrd")
        self.process = subprocess.Popen(
            [binary, "--save", saved, "--bind", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(port, self.process)
        return f"rerun+http://127.0.0.1:{port}/proxy"

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def wait_for_port(port, process):
    """Until somebody listens there; a server has no other way to say that it is ready."""
    deadline = time.monotonic() + 30
    while True:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit("bench: Rerun's server does not start")
        time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=10, help="of the courier's stream")
    parser.add_argument("--only", metavar="PART", help="append, children, processes, ...")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lastword-bench-") as folder:
        bench = Bench(options, folder)
        for part in (bench.append, bench.children, bench.processes, bench.courier, bench.memory,
                     bench.python):
            if options.only not in (None, part.__name__):
                continue
            print(f"bench: {part.__name__}", file=sys.stderr, flush=True)
            part()
        bench.table()


main()
