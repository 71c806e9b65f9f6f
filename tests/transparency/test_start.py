# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program finds the same world under lastword as without it, but for what docs/supervisor.md tells.

probe.c lists what it finds, in itself and in children of each kind. Each Start is a state that a program can
be started in; the probe is run from it plainly and under lastword, and the differences must be exactly those
of the table "What a program can notice": no others, and all of them.
"""
import contextlib
import ctypes
import os
import pathlib
import pty
import re
import resource
import signal
import subprocess
from dataclasses import dataclass, field

import facts
from support import SANITIZED, RunCase, main

PROBE = os.environ["RUN_PROBE"]
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_TIMERSLACK, PR_SET_CHILD_SUBREAPER = 1, 29, 36
PR_SET_NO_NEW_PRIVS, PR_SET_THP_DISABLE = 38, 41
ADDR_NO_RANDOMIZE = 0x0040000
NOBODY = 65534
PIPE = os.pipe2(os.O_NONBLOCK)  # one for both runs, so that its number is the same
LABELS = {"direct", "fork", "clone", "exec", "vfork", "spawn", "attributes", "system", "popen", "daemon"}


@dataclass
class Start:
    """A state to start in."""
    about: str
    prepare: object = lambda: None  # in the child, before exec
    also: set = field(default_factory=set)  # facts that differ beside those that always do
    settings: dict = field(default_factory=dict)  # for Popen
    options: tuple = ()  # of lastword
    variables: dict = None  # instead of the environment's


def ignore(*numbers):
    return lambda: [signal.signal(number, signal.SIG_IGN) for number in numbers]


def block(*numbers):
    return lambda: signal.pthread_sigmask(signal.SIG_BLOCK, numbers)


def pend():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTERM, signal.SIGRTMIN])
    for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGRTMIN):
        os.kill(os.getpid(), number)


def set_timers():
    signal.setitimer(signal.ITIMER_REAL, 1000, 7)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2000)
    signal.setitimer(signal.ITIMER_PROF, 3000)


def descriptors():
    null = os.open("/dev/null", os.O_RDWR | os.O_APPEND)
    for number in (3, 7, 9, 200):
        os.dup2(null, number)
    os.dup2(PIPE[0], 10), os.dup2(PIPE[1], 12)
    if null not in (3, 7, 9):
        os.close(null)


def limits():
    for number, soft, hard in ((resource.RLIMIT_NOFILE, 210, 300), (resource.RLIMIT_CORE, 0, 0),
                               (resource.RLIMIT_FSIZE, 1 << 20, 1 << 21), (resource.RLIMIT_STACK, 1 << 20, 1 << 21),
                               (resource.RLIMIT_MEMLOCK, 0, 0), (resource.RLIMIT_SIGPENDING, 50, 50),
                               (resource.RLIMIT_CPU, 100, 200), (resource.RLIMIT_MSGQUEUE, 0, 0)):
        resource.setrlimit(number, (soft, hard))
    if not SANITIZED:  # ASan reserves more address space than any limit allows
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 8 << 30))


def place():
    os.umask(0o077)
    os.chdir("/")
    os.nice(3)
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    LIBC.syscall(251, 1, 0, 2 << 13 | 6)  # ioprio_set, best effort
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("7")
    with open("/proc/self/coredump_filter", "w", encoding="ascii") as file:
        file.write("0x13")


def controls():
    for control, value in ((PR_SET_NO_NEW_PRIVS, 1), (PR_SET_THP_DISABLE, 1), (PR_SET_PDEATHSIG, int(signal.SIGUSR1)),
                           (PR_SET_TIMERSLACK, 77777)):
        LIBC.prctl(control, value, 0, 0, 0)
    LIBC.personality(ADDR_NO_RANDOMIZE)


def is_open_to_others(path):
    """Can any user read the file? Each folder above it must let them pass."""
    return bool(os.stat(path).st_mode & 0o004) and all(
        folder.stat().st_mode & 0o001 for folder in pathlib.Path(path).resolve().parents)


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def close(*numbers):
    return lambda: [os.close(number) for number in numbers]


LEADER = {"leads its group", "leads its session", "group", "session"}

STARTS = [
    Start("nothing special"),
    Start("without a subreaper", options=("--no-subreaper",)),
    Start("some signals blocked", block(signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)),
    Start("all signals blocked", block(*signal.valid_signals())),
    Start("children ignored", ignore(signal.SIGCHLD)),
    Start("much ignored", ignore(signal.SIGHUP, signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM,
                                 signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGUSR1, signal.SIGXFSZ,
                                 signal.SIGCONT, signal.SIGRTMIN,
                                 # ASan in lastword takes it over
                                 *([] if SANITIZED else [signal.SIGSEGV]))),
    Start("signals pending", pend),
    Start("timers running", set_timers),
    Start("no standard input", close(0)),
    Start("no standard streams", close(0, 1, 2)),
    Start("more descriptors", descriptors, settings={"close_fds": False}),
    Start("low limits", limits),
    Start("another place and priority", place),
    Start("process controls", controls),
    Start("adopts orphans", lambda: LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)),
    Start("its own group", lambda: os.setpgid(0, 0), LEADER - {"leads its session", "session"}),
    Start("its own session", os.setsid, LEADER),
    Start("no variables", variables={}),
    Start("odd variables", variables={"A": "", "B": "a=b=c", "LD_BIND_NOW": "1", "É": "ü", "LASTWORD_WAIT": "0"}),
]


class Starts(RunCase):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o777)
        os.chmod(self.sessions, 0o777)
        self.told = os.path.join(self.folder, "told")

    def read_facts(self, started):
        with open(self.told, encoding="utf-8") as file:
            found = facts.told(file.read(), started)
        os.unlink(self.told)
        self.assertEqual({label for label, _ in found}, facts.LABELS)
        return found

    def variables(self, start):
        if start.variables is None:
            return self.environment
        # ASan in lastword itself must not look where it stands among the libraries.
        return {"LASTWORD_DIR": self.sessions, "LASTWORD_SHIM": os.environ["RUN_SHIM"], **start.variables}

    def run_probe(self, command, start, streams):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.told)  # of a run that failed
        process = subprocess.Popen(command, env=self.variables(start), preexec_fn=start.prepare, cwd=self.folder,
                                   **streams, **start.settings)
        self.assertEqual(process.wait(timeout=60), 0)
        return self.read_facts(process.pid)

    def check(self, without, within, also, absent=()):
        undocumented, unseen = facts.judge(without, within, also)
        self.assertEqual(undocumented, [])
        self.assertEqual(unseen - set(absent), set(), "documented, but not so")

    def compare(self, start, absent=()):
        reading, writing = os.pipe()
        words = [PROBE, self.told, "", "two words", ""]
        with open(os.path.join(self.folder, "input"), "w+b") as file:
            file.write(b"0123456789")
            file.seek(3)
            streams = {"stdin": file, "stdout": writing, "stderr": writing}
            without = self.run_probe(words, start, streams)
            within = self.run_probe(self.command(*words, options=["-q", *start.options]), start, streams)
        os.close(writing)
        with open(reading, "rb") as file:
            self.assertEqual(file.read(), b"")
        self.check(without, within, start.also, absent)
        return without, within

    def test_each_start(self):
        for start in STARTS:
            with self.subTest(start.about):
                self.compare(start)

    def test_another_user(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become another")
        if not all(is_open_to_others(path) for path in (PROBE, os.environ["RUN_SHIM"])):
            self.skipTest("other users cannot reach this folder")
        self.recording = os.path.join(self.folder, "nobody.rrd")
        self.compare(Start("another user", become_nobody))

    def in_terminal(self, command):
        """Runs a command as the leader of a session with a terminal; the facts it told, and what was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(command[0], command, self.environment)
        shown = b""
        try:
            while data := os.read(terminal, 4096):
                shown += data
        except OSError:
            pass  # EIO: the last one has closed it
        os.close(terminal)
        self.assertEqual((os.waitpid(pid, 0)[1], shown), (0, b""))
        return self.read_facts(pid)

    def without_numbers(self, found):
        """Each run has a terminal of its own."""
        for (_, fact), values in found.items():
            if fact.startswith(("descriptor", "terminal")):
                values[:] = [re.sub(r"\d+:\d+|/dev/pts/\d+|pipe:\[\d+\]|^[0-9a-f]+", "N", value) for value in values]
        return found

    def test_the_leader_of_a_terminals_session(self):
        words = [PROBE, self.told, ""]
        without, within = (self.without_numbers(self.in_terminal(command))
                           for command in (words, self.command(*words, options=["-q"])))
        self.assertEqual(without["direct", "terminal"], ["N, in the foreground: yes"])
        self.check(without, within, LEADER)

    def test_a_job_of_a_shell(self):
        """As one line of a script in a terminal: not a leader."""
        words = [PROBE, self.told, ""]
        found = [self.without_numbers(self.in_terminal(["/bin/sh", "-c", '"$@"; exit $?', "sh", *command]))
                 for command in (words, self.command(*words, options=["-q"]))]
        # The shell, not its child, is who was started.
        for one, parent in zip(found, ("who was started", "other")):
            self.assertEqual(one["direct", "parent"], [parent])
        self.check(*found, set(), absent=["pid"])

    def test_what_is_preloaded_already_stays_behind_ours(self):
        start = Start("preloaded", variables={"LD_PRELOAD": "libpthread.so.0:libdl.so.2", "PATH": "/usr/bin",
                                              "ASAN_OPTIONS": "verify_asan_link_order=0"})
        _, within = self.compare(start, absent=["variable ASAN_OPTIONS"])
        for label in ("direct", "exec", "spawn", "popen"):
            self.assertRegex(within[label, "variable LD_PRELOAD"][0],
                             r"^/.*/liblastword-preload\.so:libpthread\.so\.0:libdl\.so\.2$")

    def test_the_comparison_finds_what_is_not_documented(self):
        """The control: a program that changes something, instead of lastword."""
        words, streams = [PROBE, self.told, ""], {"stdin": subprocess.DEVNULL}
        without = self.run_probe(words, STARTS[0], streams)
        within = self.run_probe(["nice", "-n", "1", *words], STARTS[0], streams)
        undocumented, unseen = facts.judge(without, within, set())
        self.assertEqual({fact for _, fact, *_ in undocumented}, {"nice"})
        self.assertIn("variable LD_PRELOAD", unseen)

    def test_every_row_of_the_table_is_tested(self):
        sometimes = set().union(LEADER, *(start.also for start in STARTS))
        self.assertEqual({row.fact for row in facts.documented() if row.sometimes}, sometimes)

    def test_what_the_variables_hold(self):
        _, within = self.compare(Start("nothing special"))
        held = {name: within["direct", f"variable {name}"] for name in
                ("LD_PRELOAD", "LASTWORD_SESSION", "LASTWORD_RECORDING_ID", "ASAN_OPTIONS")}
        self.assertRegex(held["LD_PRELOAD"][0], r"^/.*/\.?liblastword-preload\.so$")
        self.assertTrue(held["LASTWORD_SESSION"][0].startswith(self.sessions))
        self.assertRegex(held["LASTWORD_RECORDING_ID"][0], r"^rec_[0-9a-f]{32}$")
        given = os.environ.get("ASAN_OPTIONS")
        self.assertEqual(held["ASAN_OPTIONS"], [(given + ":" if given else "") + "verify_asan_link_order=0"])
        self.assertEqual(within["direct", "argument 3"], ["two words"])


if __name__ == "__main__":
    main()
