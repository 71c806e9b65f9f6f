# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the official Python SDK costs, with and without the shim: prints "NAME MICROSECONDS" lines.

    bench_python.py log FILE | fork URL | child URL | official_child URL | start
"""

import os
import statistics
import subprocess
import sys
import time

BATCHES = 7


def median_us(n, function):
    """Of a call, over batches of n."""
    times = []
    for _ in range(BATCHES):
        begin = time.perf_counter()
        for _ in range(n):
            function()
        times.append((time.perf_counter() - begin) / n * 1e6)
    return statistics.median(times)


def fork_and(function):
    pid = os.fork()
    if pid == 0:
        function()
        os._exit(0)
    os.waitpid(pid, 0)


def start_rerun(url=None):
    """A program that has logged, to a viewer if one is named."""
    import rerun

    rerun.init("lastword_bench", recording_id="bench")
    if url:
        rerun.connect_grpc(url)
    rerun.log("log", rerun.TextLog("first"))
    return rerun


def run_log():
    rr = start_rerun()
    rr.save(sys.argv[2])
    print("log_us", median_us(5000, lambda: rr.log("log", rr.TextLog("hello"))))


def run_fork():
    start_rerun(sys.argv[2])
    print("fork_us", median_us(50, lambda: fork_and(lambda: None)))


def run_child():
    rr = start_rerun(sys.argv[2])
    print("child_us", median_us(50, lambda: fork_and(lambda: rr.log("log", rr.TextLog("child")))))


def run_official_child():
    """As one has to do it without the shim: a stream of the child's own, connected and disconnected."""
    rr = start_rerun(sys.argv[2])

    def child():
        stream = rr.RecordingStream("lastword_bench", recording_id="bench")
        stream.connect_grpc(sys.argv[2])
        stream.log("log", rr.TextLog("child"))
        stream.disconnect()

    print("child_us", median_us(50, lambda: fork_and(child)))


def start_us(environment):
    command = [sys.executable, "-S", "-c", "pass"]
    begin = time.perf_counter()
    os.waitpid(os.posix_spawn(command[0], command, environment), 0)
    return (time.perf_counter() - begin) * 1e6


def run_start():
    """With the shim and without, in turns: under lastword only."""
    bare = {**os.environ, "LASTWORD_DISABLE": "1"}
    bare.pop("LD_PRELOAD")
    pairs = [(start_us(os.environ), start_us(bare)) for _ in range(200)]
    print("start_us", statistics.median(pair[0] for pair in pairs))
    print("dearer_us", statistics.median(pair[0] - pair[1] for pair in pairs))



{
    "log": run_log,
    "fork": run_fork,
    "child": run_child,
    "official_child": run_official_child,
    "start": run_start,
}[sys.argv[1]]()
