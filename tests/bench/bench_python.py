# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the official Python SDK costs, with and without the shim: prints "NAME MICROSECONDS" lines.

    bench_python.py log | fork | child | official_child URL | start
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


def start_rerun():
    """A program that has logged; where no shim is, its rows wait for a sink, as officially."""
    import rerun

    rerun.init("lastword_bench", recording_id="bench")
    rerun.log("log", rerun.TextLog("first"))
    return rerun


def run_log():
    rr = start_rerun()
    rr.save(os.devnull if len(sys.argv) < 3 else sys.argv[2])
    print("log_us", median_us(5000, lambda: rr.log("log", rr.TextLog("hello"))))


def run_fork():
    start_rerun()
    print("fork_us", median_us(50, lambda: fork_and(lambda: None)))


def run_child():
    rr = start_rerun()
    print("child_us", median_us(50, lambda: fork_and(lambda: rr.log("log", rr.TextLog("child")))))


def run_official_child():
    """As one has to do it without the shim: a stream of the child's own, connected and disconnected."""
    rr = start_rerun()

    def child():
        stream = rr.RecordingStream("lastword_bench", recording_id="bench", send_properties=False)
        stream.connect_grpc(sys.argv[2])
        stream.log("log", rr.TextLog("child"))
        stream.disconnect()

    print("child_us", median_us(50, lambda: fork_and(child)))


def run_start():
    command = [sys.executable, "-S", "-c", "pass"]
    print("start_us", median_us(20, lambda: subprocess.run(command, check=True)))


{
    "log": run_log,
    "fork": run_fork,
    "child": run_child,
    "official_child": run_official_child,
    "start": run_start,
}[sys.argv[1]]()
