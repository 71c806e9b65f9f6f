# SPDX-License-Identifier: MIT OR Apache-2.0
"""Shared by the tests of `lastword run`. Readiness is a byte in a pipe; no test sleeps."""
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

LASTWORD = os.environ["LASTWORD"]
SANITIZED = os.environ.get("RUN_SANITIZED") == "yes"


def status_of(pid):
    """The fields of /proc/PID/stat from the state on, or None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def is_alive(pid):
    status = status_of(pid)
    return status is not None and status[0] not in "ZX"


def children_of(pid):
    """(pid, command) of each child, the courier among them."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        child = int(path.split("/")[2])
        status = status_of(child)
        if status is not None and int(status[1]) == pid:
            with open(f"/proc/{child}/comm", encoding="utf-8", errors="replace") as file:
                found.append((child, file.read().strip()))
    return found


def courier_of(pid):
    return next(child for child, command in children_of(pid) if command == "lw-courier")


class Pipe:
    """A pipe whose writing end programs inherit; by reading, a test waits for them."""

    def __init__(self, case):
        self.read_end, self.write_end = os.pipe()
        os.set_inheritable(self.write_end, True)
        self.pending = b""
        case.addCleanup(os.close, self.read_end)
        case.addCleanup(self.close)

    def close(self):
        """Leaves the writing end to the programs, so that their end is an end of file."""
        if self.write_end is not None:
            os.close(self.write_end)
            self.write_end = None

    def line(self):
        """The next line without its end; '' at the end of file."""
        while b"\n" not in self.pending:
            data = os.read(self.read_end, 65536)
            if not data:
                return ""
            self.pending += data
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode()

    def rest(self):
        """All that is written until the last writer is gone."""
        self.close()
        while data := os.read(self.read_end, 65536):
            self.pending += data
        return self.pending.decode()


class RunCase(unittest.TestCase):
    """Each test has a folder of its own, for its recording and for its sessions."""

    maxDiff = None
    name = "m.rrd"  # of the recording

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lastword-run-", dir="/dev/shm")
        self.sessions = os.path.join(self.folder, "sessions")
        os.mkdir(self.sessions)
        self.recording = os.path.join(self.folder, self.name)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("LASTWORD_")
        }
        self.environment["LASTWORD_DIR"] = self.sessions
        if "LASTWORD_SHIM" in os.environ:
            self.environment["LASTWORD_SHIM"] = os.environ["LASTWORD_SHIM"]
        self.addCleanup(shutil.rmtree, self.folder)

    def command(self, *words, options=()):
        return [LASTWORD, "run", "-o", self.recording, *options, "--", *words]

    def start(self, *words, options=(), pipes=(), **settings):
        """Starts a program under lastword; it is ended with the test at the latest."""
        settings.setdefault("env", self.environment)
        settings.setdefault("stderr", subprocess.PIPE)
        settings.setdefault("stdin", subprocess.DEVNULL)
        settings.setdefault("stdout", subprocess.DEVNULL)
        process = subprocess.Popen(
            self.command(*words, options=options),
            pass_fds=[pipe.write_end for pipe in pipes] + list(settings.pop("pass_fds", [])),
            **settings,
        )
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        """A test that failed half-way leaves nobody."""
        if process.poll() is None:
            family = [process.pid]
            for pid in family:
                family.extend(child for child, _ in children_of(pid))
            for pid in family:
                os.kill(pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def run_whole(self, *words, **settings):
        """Runs to the end; returns exit status (negative: signal), stdout, stderr."""
        settings.setdefault("stdout", subprocess.PIPE)
        given = settings.pop("input", None)
        if given is not None:
            settings["stdin"] = subprocess.PIPE
        process = self.start(*words, **settings)
        out, err = process.communicate(given)
        return process.returncode, out, err.decode() if err is not None else None

    def python(self, code, *arguments):
        """The words that run a piece of Python; its arguments are in `args`, as numbers."""
        head = "import os, signal, sys, time\nargs = [int(a) for a in sys.argv[1:]]\n"
        return [sys.executable, "-S", "-c", head + code, *map(str, arguments)]

    def kill_later(self, pid):
        """Ends a process that may outlive lastword, when the test is over."""

        def kill():
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)

        self.addCleanup(kill)

    def left_sessions(self):
        return glob.glob(os.path.join(self.sessions, "*", "*"))

    def expect_nothing_left(self):
        self.assertEqual(self.left_sessions(), [])
        self.assertFalse(os.path.exists(self.recording + ".part"))


def main():
    # A test runner that blocks or ignores signals must not decide what programs find.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)
    unittest.main(verbosity=2)
