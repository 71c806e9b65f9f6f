# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program that logs and makes recordings for ever neither grows nor comes to an end.

    python_load.py LASTWORD     runs the steps under lastword
    python_load.py              the program itself

Each step runs until memory is as it will be, then many times more: the process's own memory (shared memory of the
spool is not counted: it goes as it is delivered) must not grow, and no object may stay referenced.
"""

import gc
import os
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
ALLOWED_KIB = 2048  # arenas of malloc are not given back at once
N_STREAMS = 70_000  # more than there can be at once


def own_kib():
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))


def steps():
    """{name: (function, how often before, how often measured)}"""
    import pyarrow as pa
    import rerun as rr
    import rerun_bindings as bindings

    one, two = rr.ComponentDescriptor("one"), rr.ComponentDescriptor("two")
    array, big = pa.array([1, 2, 3]), pa.array(range(50_000))
    rr.init("load", recording_id="load", strict=True)

    def row(_):
        bindings.log_arrow_msg("x", {one: array, two: array}, False)

    def text(i):
        rr.set_time("frame", sequence=i)
        rr.log("text", rr.TextLog("text"))

    def large(_):
        bindings.log_arrow_msg("big", {one: big}, False)

    def mistakes(_):
        """Errors before, between and after the components of a row."""
        for call in (lambda: bindings.log_arrow_msg("x", {one: array, two: 5}, False),
                     lambda: bindings.log_arrow_msg("x", {one: array, 5: array}, False),
                     lambda: bindings.log_arrow_msg(5, {one: array}, False),
                     lambda: bindings.log_arrow_msg("x", {one: array}, False, 5),
                     lambda: bindings.log_arrow_msg("x", {one: array}, None),
                     lambda: bindings.send_arrow_chunk("x", {"t": array}, {one: array}),
                     lambda: bindings.set_time_sequence("x", "y"),
                     lambda: bindings.set_time_sequence("", 1),
                     lambda: bindings.new_recording(5)):
            try:
                call()
            except (TypeError, ValueError, AttributeError, RuntimeError):
                continue
            raise SystemExit("a mistake was no error")
        bindings.log_arrow_msg("a\0b", {one: array}, False)

    def streams(i):
        bindings.new_recording("load", "id", False, False, i % 2 == 0, False)

    def current(_):
        thread = threading.Thread(target=lambda: bindings.set_thread_local_data_recording(
            bindings.new_recording("load", "id", False, False, True, False)) and bindings.set_thread_local_data_recording(None))
        thread.start()
        thread.join()

    check_references = [(array, sys.getrefcount(array)), (big, sys.getrefcount(big)), (one, sys.getrefcount(one)),
                        (two, sys.getrefcount(two))]

    def references():
        return [now for thing, before in check_references if (now := sys.getrefcount(thing)) > before + 1]

    return references, {"row": (row, 2000, 100_000), "text": (text, 500, 3000), "large": (large, 10, 100),
                        "mistakes": (mistakes, 100, 2000), "streams": (streams, 2 * N_STREAMS, N_STREAMS),
                        "threads": (current, 200, 2000)}


def run_program():
    references, table = steps()
    for name, (function, n_before, n) in table.items():
        for i in range(n_before):
            function(i)
        gc.collect()
        before = own_kib()
        for i in range(n):
            function(i)
        gc.collect()
        grown = own_kib() - before
        print(f"{name}: {n} times, {grown} KiB more", flush=True)
        if grown > ALLOWED_KIB:
            raise SystemExit(f"{name} grows")
    if references():
        raise SystemExit(f"references are left: {references()}")


def main():
    if len(sys.argv) == 1:
        run_program()
        return
    with tempfile.TemporaryDirectory(prefix="lastword-load-") as folder:
        command = [sys.argv[1], "run", "--quiet", "-o", os.path.join(folder, "load.rrd"), "--", sys.executable, __file__]
        sys.exit(subprocess.run(command, stdin=subprocess.DEVNULL, timeout=170).returncode)


main()
