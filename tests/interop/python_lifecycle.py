# SPDX-License-Identifier: MIT OR Apache-2.0
"""Rows that Python programs log at odd moments all arrive: around forks, in handlers, while they end.

    python_lifecycle.py LASTWORD

Each program runs once under `lastword run` with the official SDK rerouted. Its exit status is what it would be, it
says nothing, and the recording holds exactly the rows named here, by entity.
"""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

sys.dont_write_bytecode = True
from official import expect, fail  # noqa: E402
from rows import read  # noqa: E402

HEAD = """
import os, signal, sys, threading
import rerun as rr
rr.init("lifecycle", recording_id="lifecycle", strict=True, send_properties=False)
def log(entity, text="row"):
    rr.log(entity, rr.TextLog(text))
"""

# Before `rerun` is imported: the signal comes while its functions are being replaced.
INTERRUPTED = """
import os, signal, sys
def end(*ignored):
    sys.exit("ended by a handler")
signal.signal(signal.SIGTERM, end)
def interrupt(frame, event, argument):
    if frame.f_code.co_filename == "<lastword>/reroute.py" and frame.f_code.co_name == "check":
        sys.setprofile(None)
        os.kill(os.getpid(), getattr(signal, sys.argv[1]))
sys.setprofile(interrupt)
try:
    import rerun
    n = 0
    while n < 1000:
        n += 1
except KeyboardInterrupt:
    sys.exit("interrupted")
sys.exit("nothing has come")
"""

# name: (program, {entity: rows}, exit status)
PROGRAMS = {
    "no thread of the official SDK's": ("""
        other = rr.RecordingStream("other", recording_id="other", send_properties=False)
        log("main")
        other.log("main", rr.TextLog("row"))
        names = [open(f"/proc/self/task/{task}/comm").read() for task in os.listdir("/proc/self/task")]
        sys.exit(any(name.startswith(("ChunkBatcher", "RecordingStream")) for name in names))
        """, {"/main": 2}, 0),
    "handlers of forks": ("""
        os.register_at_fork(before=lambda: log("before"), after_in_parent=lambda: log("parent"),
                            after_in_child=lambda: log("child"))
        for i in range(5):
            pid = os.fork()
            if pid == 0:
                log("forked")
                os._exit(0)
            os.waitpid(pid, 0)
        """, {"/before": 5, "/parent": 5, "/child": 5, "/forked": 5}, 0),
    "forks while threads log": ("""
        ended = threading.Event()
        def work(number):
            for i in range(400):
                log(f"thread/{number}", str(i))
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for i in range(40):
            pid = os.fork()
            if pid == 0:
                log("child", str(i))
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        for thread in threads:
            thread.join()
        """, {"/child": 40, **{f"/thread/{i}": 400 for i in range(4)}}, 0),
    "init again in children": ("""
        for i in range(10):
            pid = os.fork()
            if pid == 0:
                rr.init("lifecycle", recording_id="lifecycle", send_properties=False)
                log("child", str(i))
                with rr.RecordingStream("lifecycle", recording_id="lifecycle", send_properties=False):
                    log("child/own")
                sys.exit(0)
            os.waitpid(pid, 0)
        log("main")
        """, {"/child": 10, "/child/own": 10, "/main": 1}, 0),
    "signal handlers": ("""
        n = 0
        def handle(*ignored):
            global n
            n += 1
            log("handler", str(n))
        signal.signal(signal.SIGUSR1, handle)
        for i in range(500):
            log("main", str(i))
            if i % 5 == 0:
                os.kill(os.getpid(), signal.SIGUSR1)
        while n < 100:
            signal.pause()
        """, {"/main": 500, "/handler": 100}, 0),
    "timers in the middle of rows": ("""
        n = 0
        def handle(*ignored):
            global n
            n += 1
            if n <= 50:
                rr.set_time("n", sequence=n)
                log("handler")
        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        for i in range(300):
            log("main", "x" * i)
        while n < 50:
            signal.pause()
        signal.setitimer(signal.ITIMER_REAL, 0)
        """, {"/main": 300, "/handler": 50}, 0),
    "atexit": ("""
        import atexit
        atexit.register(lambda: log("atexit"))
        threading._register_atexit(lambda: log("threads"))
        """, {"/atexit": 1, "/threads": 1}, 0),
    "destructors at the end": ("""
        class Last:
            def __init__(self, entity):
                self.entity, self.log, self.text = entity, rr.log, rr.TextLog
            def __del__(self):
                self.log(self.entity, self.text("row"))
        kept = Last("global")
        cycle = Last("cycle")
        cycle.itself = cycle
        Last("temporary")
        sys.modules["kept"] = Last("module")
        """, {"/global": 1, "/cycle": 1, "/temporary": 1, "/module": 1}, 0),
    "daemon threads at the end": ("""
        started = [threading.Event() for _ in range(4)]
        def work(event):
            log("daemon/first")
            event.set()
            while True:
                rr.log("daemon", rr.Scalars(1.5))
        for event in started:
            threading.Thread(target=work, args=(event,), daemon=True).start()
        for event in started:
            event.wait()
        log("main")
        """, {"/daemon/first": 4, "/main": 1, "/daemon": None}, 0),
    "arrays that change what is logged": ("""
        import pyarrow as pa
        import rerun_bindings as bindings
        class Array:
            def __init__(self, change, array=pa.array(["row"])):
                self.change, self.array = change, array
            def __arrow_c_array__(self, requested_schema=None):
                self.change()
                return self.array.__arrow_c_array__()
        class Name:
            archetype = component_type = None
            def __init__(self, number):
                self.component = f"name{number}"
        def refused(entity, components):
            try:
                bindings.log_arrow_msg(entity, components, False)
            except RuntimeError as error:
                assert str(error) == "dictionary changed size during iteration", error
            else:
                raise AssertionError(entity)
        growing = {}
        growing[Name(0)] = array = Array(lambda: growing.update({Name(len(growing)): array}))
        refused("growing", growing)
        cleared = {Name(0): Array(lambda: (cleared.clear(), [Name(i) for i in range(1000)]))}
        refused("cleared", cleared)
        def turn():  # as many as before, and never at the end
            del turning[next(name for name in turning if name is not turning_now[0])]
            turning_now[0] = next(iter(turning))
            turning[Name(len(turning))] = turner
        turner = Array(turn)
        turning = {Name(0): turner, Name(1): turner}
        turning_now = [next(iter(turning))]
        refused("turning", turning)
        times = {f"time {i} " * 30: pa.array([i]) for i in range(3)}
        kept = []
        def forget():
            times.clear()
            kept.extend(f"other {i} " * 30 for i in range(1000))
        bindings.send_arrow_chunk("times", times, {Name(0): Array(forget, pa.array([["row"]]))})
        """, {"/times": 1}, 0),
    "arrays that were imported before": ("""
        import pyarrow as pa
        import rerun_bindings as bindings
        class Array:
            def __init__(self):
                self.capsules = pa.array(["row"]).__arrow_c_array__()
            def __arrow_c_array__(self, requested_schema=None):
                return self.capsules
        name = bindings.ComponentDescriptor("name", archetype=None, component_type=None)
        array = Array()
        bindings.log_arrow_msg("first", {name: array}, False)
        pa.array(array)
        try:
            bindings.log_arrow_msg("second", {name: array}, False)
        except ValueError as error:
            assert "released" in str(error), error
        else:
            raise AssertionError("it was logged")
        """, {"/first": 1}, 0),
    "a recording that is replaced while it is logged to": ("""
        import pyarrow as pa
        import rerun_bindings as bindings
        class Array:
            def __init__(self, array):
                self.array = array
            def __arrow_c_array__(self, requested_schema=None):
                for i in range(2):  # the first has more than one reference: HEAD's rr.init
                    bindings.new_recording("lifecycle", f"other{i}", True, False, True, False)
                return self.array.__arrow_c_array__()
        name = bindings.ComponentDescriptor("name", archetype=None, component_type=None)
        bindings.set_thread_local_data_recording(None)
        bindings.log_arrow_msg("row", {name: Array(pa.array(["row"]))}, False)
        times = {"time": pa.array([1])}
        bindings.send_arrow_chunk("columns", times, {name: Array(pa.array([["row"]]))})
        """, {"/row": 1, "/columns": 1}, 0),
    "sinks inside, by several threads": ("""
        recording = rr.get_global_data_recording()
        failed = []
        def all_do(function):
            barrier = threading.Barrier(4)
            def work():
                barrier.wait()
                try:
                    function()
                except BaseException as error:
                    failed.append(error)
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        sys.setswitchinterval(1e-6)
        for i in range(50):
            sinks = []
            all_do(lambda: sinks.append(recording.binary_stream()))
            all_do(recording.disconnect)
        sys.exit(repr(failed) if failed else 0)
        """, {}, 0),
    "the last reference to a recording with a file": ("""
        import tempfile, time
        with open(f"/proc/{os.getppid()}/task/{os.getppid()}/children") as file:
            [courier] = [int(pid) for pid in file.read().split() if int(pid) != os.getpid()]
        is_waiting = others_ran = False
        def let_the_courier_go():
            global others_ran
            while not is_waiting:
                time.sleep(0)
            others_ran = True
            os.kill(courier, signal.SIGCONT)
        os.environ["LASTWORD_FLUSH_TIMEOUT"] = "20s"
        sys.setswitchinterval(1000)  # from now on another thread runs only where one lets it
        threading.Thread(target=let_the_courier_go, daemon=True).start()
        with tempfile.TemporaryDirectory() as folder:
            recording = rr.RecordingStream("lifecycle", recording_id="lifecycle", send_properties=False)
            recording.save(folder + "/one.rrd")
            recording.log("main", rr.TextLog("row"))
            inner, recording.inner = recording.inner, rr.get_global_data_recording().inner
            os.kill(courier, signal.SIGSTOP)
            is_waiting = True
            del inner
            waited = others_ran
            os.kill(courier, signal.SIGCONT)
        os._exit(0 if waited else 3)
        """, {"/main": 1}, 0),
    "an exception": ("""
        log("main")
        sys.stderr = open(os.devnull, "w")
        raise ValueError("it ends")
        """, {"/main": 1}, 1),
    "a fatal error": ("""
        import faulthandler
        faulthandler.enable(open(os.devnull, "w"))
        log("main")
        os.abort()
        """, {"/main": 1}, -signal.SIGABRT),
    "SIGKILL": ("""
        log("main")
        os.kill(os.getpid(), signal.SIGKILL)
        """, {"/main": 1}, -signal.SIGKILL),
    "exec": ("""
        log("main")
        os.execv(sys.executable, [sys.executable, "-c", "import rerun as rr; rr.init('lifecycle', recording_id='lifecycle', "
                 "send_properties=False); rr.log('execd', rr.TextLog('row'))"])
        """, {"/main": 1, "/execd": 1}, 0),
    "multiprocessing": ("""
        import multiprocessing
        with multiprocessing.get_context("fork").Pool(3) as pool:
            pool.starmap(log, [("pool", str(i)) for i in range(60)], chunksize=1)
        """, {"/pool": 60}, 0),
}


def count(path):
    counts = {}
    for entities in read(path).values():
        for entity, rows in entities.items():
            counts[entity] = counts.get(entity, 0) + len(rows)
    return counts


def check(lastword, folder, name):
    program, wanted, status = PROGRAMS[name]
    path = folder / "lifecycle.rrd"
    command = [lastword, "run", "-o", path, "--quiet", "--", sys.executable, "-X", "faulthandler", "-c", HEAD + textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode != status or (done.stdout + done.stderr and status >= 0):
        fail(f"{name}: ended with {done.returncode}, not {status}:\n{done.stdout}{done.stderr}")
    found = count(path)
    for entity, n in wanted.items():
        if n is None:  # nobody knows how many
            found[entity] = None
    expect(found, wanted, name)


def check_interrupt(lastword, folder, name, wanted):
    """A program that a signal should end while it imports rerun ends."""
    command = [lastword, "run", "--quiet", "-o", folder / "interrupted.rrd", "--", sys.executable, "-c", INTERRUPTED, name]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    expect((done.returncode, done.stderr), (1, wanted + "\n"), f"{name} while functions are replaced")


def check_notes(lastword, folder):
    """What a process does again and again is one thing that is not covered."""
    program = HEAD + textwrap.dedent("""
        log("main")
        for i in range(3):
            rr.memory_recording()
            rr.disconnect()
        if os.fork() == 0:
            rr.memory_recording()
            os._exit(0)
        os.wait()
        """)
    command = [lastword, "run", "-o", folder / "notes.rrd", "--", sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    if "lastword: 1 process was not covered" not in done.stderr or done.stderr.count("memory_recording") != 1:
        fail(f"notes: {done.stderr}")


def check_control(folder):
    """The official SDK by itself loses the row before a SIGKILL: these programs can tell the difference."""
    path = folder / "control.rrd"
    program = HEAD + f"rr.save({str(path)!r})\n" + textwrap.dedent(PROGRAMS["SIGKILL"][0])
    done = subprocess.run([sys.executable, "-c", program], stdin=subprocess.DEVNULL, timeout=60)
    expect(done.returncode, -signal.SIGKILL, "control")
    try:
        found = count(path)
    except RuntimeError:  # not even a header
        found = {}
    expect(found.get("/main", 0), 0, "rows that the official SDK delivers before SIGKILL")


def main():
    lastword = Path(sys.argv[1]).resolve()
    os.environ["RERUN_ANALYTICS_ENABLED"] = "false"
    os.environ["RUST_LOG"] = "off"  # it warns of sinks whose content nobody has read
    with tempfile.TemporaryDirectory(prefix="lastword-lifecycle-") as folder:
        for name in PROGRAMS:
            check(lastword, Path(folder), name)
        check_interrupt(lastword, Path(folder), "SIGINT", "interrupted")
        check_interrupt(lastword, Path(folder), "SIGTERM", "ended by a handler")
        check_notes(lastword, Path(folder))
        check_control(Path(folder))
    print(f"{len(PROGRAMS)} programs, no row lost")


main()
