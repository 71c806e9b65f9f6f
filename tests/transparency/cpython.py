# SPDX-License-Identifier: MIT OR Apache-2.0
"""CPython's own tests, as Debian packages them, plainly and under lastword: each must come out the same.

usage: cpython.py [--jobs N] [--short] [MODULE...]

--short runs what takes some seconds: it is part of ./dev test. Where the tests are not installed that is
skipped (status 77). A test that comes out differently is run again both ways, alone: what then is the same is
called flaky, and told, but is no failure.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from collections import Counter

PYTHON = "/usr/bin/python3"
LASTWORD = os.environ["LASTWORD"]
TIMEOUT_S = 1200  # of a module
RESOURCES = "all,-network,-urlfetch,-largefile,-gui,-audio,-tzdata"

MODULES = ["test_multiprocessing_spawn", "test_multiprocessing_forkserver", "test_multiprocessing_fork",
           "test_concurrent_futures", "test_subprocess", "test_signal", "test_faulthandler", "test_threading",
           "test_os", "test_posix", "test_pty", "test_fork1", "test_popen", "test_wait3", "test_wait4", "test_atexit",
           "test_threadsignals", "test_ioctl", "test_openpty", "test_resource", "test_regrtest", "test_support",
           "test_asyncio", "test_pdb", "test_cmd_line", "test_venv", "test_tempfile", "test_shutil"]

# With the pattern of the tests that are run.
SHORT = {"test_fork1": "test_nested* test_threaded*",
         "test_os": "test_spawn* test_exec* test_wait* test_fork* test_urandom_sub* test_popen*",
         "test_subprocess": "POSIX* ProcessTestCase.test_c*",
         "test_signal": "PosixTests Sigpending* test_interprocess* WakeupFDTests PendingSignals*",
         "test_posix": "test_posix_spawn* TestPosixSpawn* test_fork* test_waitid* test_sched*",
         "test_pty": "*"}

# What differs by its nature: test, as a pattern, and why.
ALLOWED = {}


class NotInstalled(Exception):
    pass


def need_tests():
    if subprocess.run([PYTHON, "-c", "import test.test_fork1"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise NotInstalled("no tests of CPython here: libpython3-testsuite")


def undo_runner():
    """What runs the tests must not decide what they find."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)


def environment(folder):
    dropped = ("LASTWORD_", "PYTHON", "ASAN_", "UBSAN_", "MALLOC_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "LASTWORD_DIR": folder, "LASTWORD_SHIM": os.environ["RUN_SHIM"], "TMPDIR": folder}


def outcome(case):
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "fail"
    return "skip" if "skipped" in tags else "ok"


def read_results(path):
    """{test: outcomes}; a test that is run several times, as a mixin's, has several."""
    results = {}
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        results.setdefault(case.get("name"), []).append(outcome(case))
    return results


def run(module, prefix, patterns, folder):
    """Results of one run of a module; None where it came to no results, with what it said."""
    report = os.path.join(folder, "results.xml")
    matches = [word for pattern in patterns for word in ("--match", pattern)]
    # A file as output: a pipe would be waited for while anything that a test left behind has it.
    with open(os.path.join(folder, "output"), "w+b") as output:
        process = subprocess.Popen([*prefix, PYTHON, "-m", "test", "-v", "--timeout", str(TIMEOUT_S - 60), "-u", RESOURCES, *matches,
                                    "--junit-xml", report, module], env=environment(folder), cwd=folder, stdout=output,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, preexec_fn=undo_runner)
        try:
            process.wait(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        output.seek(0)
        said = output.read().decode(errors="replace")
    return (read_results(report) if os.path.exists(report) else None), said


def run_in_folder(module, within, patterns):
    folder = tempfile.mkdtemp(prefix="transparency-", dir="/tmp")
    try:
        recording = os.path.join(folder, "m.rrd")
        prefix = [LASTWORD, "run", "-q", "--kill-survivors", "--grace", "5s", "-o", recording, "--"] if within else []
        results, said = run(module, prefix, patterns, folder)
        if within and not os.path.exists(recording):
            return None, said + "\nthere is no recording: was it under lastword at all?"
        return results, said
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def differing(without, within):
    return sorted(name for name in without.keys() | within.keys()
                  if sorted(without.get(name, [])) != sorted(within.get(name, [])))


def reason_for(name):
    return next((reason for pattern, reason in ALLOWED.items() if re.fullmatch(pattern, name)), None)


def explain(module, name, without, within):
    """One line on a test that came out differently; whether that is a failure."""
    first = f"{name}: {without.get(name, 'missing')} without, {within.get(name, 'missing')} within"
    if reason := reason_for(name):
        return f"  allowed  {first}: {reason}", False
    again = [run_in_folder(module, under, [name])[0] or {} for under in (False, True, False, True)]
    outcomes = [results.get(name, ["missing"]) for results in again]
    if outcomes[1] == outcomes[3] == outcomes[0]:
        return f"  flaky    {first}; alone {outcomes[0]} both ways", False
    return f"  DIFFERS  {first}; alone {outcomes}", True


def compare(module, patterns, jobs):
    """A table row, lines about what differs, and the number of failures."""
    both = [jobs.submit(run_in_folder, module, within, patterns) for within in (False, True)]
    (without, said), (within, said_within) = (job.result() for job in both)
    if without is None or within is None:
        tail = (said if without is None else said_within)[-3000:]
        return f"{module:36} no results", [f"  {'without' if without is None else 'within'}:\n{tail}"], 1
    names = differing(without, within)
    explained = [explain(module, name, without, within) for name in names]
    counts = Counter(one for outcomes in without.values() for one in outcomes)
    n_tests = sum(counts.values())
    row = f"{module:36} {n_tests:5} {counts['ok']:5} {counts['skip']:5} {counts['fail']:5} {len(names):9}"
    return row, [line for line, _ in explained], sum(bad for _, bad in explained), n_tests, len(names)


def control_is_seen():
    """The comparison sees what is not transparent: a wrapper under which two tests are known to fail."""
    wrapper = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
    results = []
    for prefix in ([], wrapper):
        folder = tempfile.mkdtemp(prefix="transparency-", dir="/tmp")
        try:
            results.append(run("test_threading", prefix, ["InterruptMainTests"], folder)[0] or {})
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return differing(*results) != []


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("modules", nargs="*")
    arguments = parser.parse_args()
    try:
        need_tests()
    except NotInstalled as reason:
        print(reason)
        sys.exit(77)
    chosen = arguments.modules or (SHORT if arguments.short else MODULES)
    patterns = {module: SHORT[module].split() if arguments.short else [] for module in chosen}
    print(f"{'module':36} {'tests':>5} {'ok':>5} {'skip':>5} {'fail':>5} {'different':>9}", flush=True)
    totals = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as jobs, \
            concurrent.futures.ThreadPoolExecutor(max(arguments.jobs // 2, 1)) as pairs:
        for row, lines, n_bad, *counts in pairs.map(lambda module: compare(module, patterns[module], jobs), chosen):
            print("\n".join([row, *lines]), flush=True)
            totals = [total + new for total, new in zip(totals, [n_bad, *(counts or (0, 0))])]
    print(f"{totals[1]} tests, {totals[1] - totals[2]} the same, {totals[2]} different, {totals[0]} of them failures")
    if not control_is_seen():
        print("the control is not seen: a comparison that finds nothing")
        totals[0] += 1
    sys.exit(totals[0] > 0 or totals[1] == 0)


if __name__ == "__main__":
    main()
