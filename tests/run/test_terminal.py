# SPDX-License-Identifier: MIT OR Apache-2.0
"""Under a terminal: Ctrl-C, Ctrl-Z and fg, reading in the background, hanging up."""
import json
import os
import pty
import re
import signal
import sys

from support import Pipe, RunCase, main


class Shell:
    """A shell with job control, just enough of one, in a terminal of its own.

    It runs one command as a job, tells how the job stops and ends, and continues it when told.
    """

    def __init__(self, case, command, environment, pipes=(), background=False):
        self.told = Pipe(case)
        orders, self.orders = os.pipe()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            try:
                os.close(self.orders)
                self.serve(command, environment, pipes, orders, background)
            finally:
                os._exit(99)
        os.close(orders)
        self.told.close()
        case.addCleanup(self.close)

    def serve(self, command, environment, pipes, orders, background):
        for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN):
            signal.signal(number, signal.SIG_IGN)
        job = os.fork()
        if job == 0:
            os.setpgid(0, 0)
            if not background:
                os.tcsetpgrp(0, os.getpgrp())
            for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN):
                signal.signal(number, signal.SIG_DFL)
            for pipe in pipes:
                os.set_inheritable(pipe.write_end, True)
            os.execve(command[0], command, environment)
        while True:
            _, status = os.waitpid(job, os.WUNTRACED)
            os.tcsetpgrp(0, os.getpgrp())
            if not os.WIFSTOPPED(status):
                self.tell(["ended", os.waitstatus_to_exitcode(status)])
                os._exit(0)
            self.tell(["stopped", os.WSTOPSIG(status)])
            if os.read(orders, 1) == b"f":
                os.tcsetpgrp(0, job)
            os.killpg(job, signal.SIGCONT)

    def tell(self, what):
        os.write(self.told.write_end, json.dumps(what).encode() + b"\n")

    def hear(self):
        return tuple(json.loads(self.told.line() or '["gone"]'))

    def order(self, letter):
        os.write(self.orders, letter)

    def type(self, keys):
        os.write(self.terminal, keys)

    def screen_until(self, pattern):
        """What was shown up to and with the pattern."""
        shown = b""
        while not re.search(pattern, shown):
            try:
                data = os.read(self.terminal, 4096)
            except OSError:
                data = b""
            if not data:
                raise AssertionError(f"{pattern} was not shown, but {shown}")
            shown += data
        return shown.decode()

    def hang_up(self):
        os.close(self.terminal)
        self.terminal = None

    def close(self):
        os.close(self.orders)
        if self.terminal is not None:
            self.hang_up()
        os.waitpid(self.pid, 0)


SAY = """
def say(word):
    os.write(args[0], f'{word}\\n'.encode())
"""

# Tells of each of these signals, and ends on USR2.
TELL = SAY + """
numbers = [signal.SIGINT, signal.SIGQUIT, signal.SIGWINCH, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2]
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
say(os.getpid())
say(os.getppid())
while True:
    got = signal.sigwait(numbers)
    say(signal.Signals(got).name)
    if got in (signal.SIGUSR2, signal.SIGHUP):
        os._exit(8)
"""


class Terminal(RunCase):
    def shell(self, words, pipes=(), options=(), **settings):
        return Shell(self, self.command(*words, options=options), self.environment, pipes, **settings)

    def test_ctrl_c_comes_once(self):
        lines = Pipe(self)
        shell = self.shell(self.python(TELL, lines.write_end), [lines])
        _, lastword = int(lines.line()), int(lines.line())
        for key, name in ((b"\x03", "SIGINT"), (b"\x1c", "SIGQUIT"), (b"\x03", "SIGINT")):
            shell.type(key)
            self.assertEqual(lines.line(), name)
            # lastword takes INT and QUIT before USR1: had it sent one on, it would come before this
            os.kill(lastword, signal.SIGUSR1)
            self.assertEqual(lines.line(), "SIGUSR1")
        os.kill(lastword, signal.SIGUSR2)
        self.assertEqual(lines.line(), "SIGUSR2")
        self.assertEqual(shell.hear(), ("ended", 8))

    def test_ctrl_c_ends_what_does_not_mind(self):
        lines = Pipe(self)
        code = SAY + "signal.signal(signal.SIGINT, signal.SIG_DFL); say('ready'); signal.pause()"
        shell = self.shell(self.python(code, lines.write_end), [lines])
        lines.line()
        shell.type(b"\x03")
        self.assertEqual(shell.hear(), ("ended", -signal.SIGINT))
        self.assertTrue(os.path.exists(self.recording))

    def test_ctrl_z_and_fg(self):
        lines = Pipe(self)
        code = SAY + """
say('ready')
for line in sys.stdin:
    say(line.strip())
"""
        shell = self.shell(self.python(code, lines.write_end), [lines])
        lines.line()
        for word in ("one", "two"):
            shell.type(b"\x1a")
            self.assertEqual(shell.hear(), ("stopped", signal.SIGTSTP))
            shell.order(b"f")
            shell.type(word.encode() + b"\n")
            self.assertEqual(lines.line(), word)
        shell.type(b"\x04")
        self.assertEqual(shell.hear(), ("ended", 0))
        self.assertEqual(lines.rest(), "")

    def test_a_program_that_stops_in_its_own_way(self):
        """As an editor: it takes Ctrl-Z, restores the terminal, then stops itself."""
        lines = Pipe(self)
        code = SAY + """
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTSTP])
say('ready')
signal.sigwait([signal.SIGTSTP])
say('tidied')
os.kill(os.getpid(), signal.SIGSTOP)
say('back')
os._exit(3)
"""
        shell = self.shell(self.python(code, lines.write_end), [lines])
        lines.line()
        shell.type(b"\x1a")
        self.assertEqual(lines.line(), "tidied")
        self.assertEqual(shell.hear(), ("stopped", signal.SIGSTOP))
        shell.order(b"f")
        self.assertEqual(lines.line(), "back")
        self.assertEqual(shell.hear(), ("ended", 3))

    def test_a_program_that_stops_again_at_once(self):
        """Whoever continued it meant the stop before: the new one stands until it is told to go on."""
        lines = Pipe(self)
        code = SAY + """
for n in range(200):
    os.kill(os.getpid(), signal.SIGSTOP)
    say(n)
os._exit(3)
"""
        shell = self.shell(self.python(code, lines.write_end), [lines])
        for n in range(200):
            self.assertEqual(shell.hear(), ("stopped", signal.SIGSTOP))
            shell.order(b"f")
            self.assertEqual(lines.line(), str(n))
        self.assertEqual(shell.hear(), ("ended", 3))

    def test_a_program_that_does_not_mind_ctrl_z(self):
        lines = Pipe(self)
        code = SAY + """
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTSTP])
say('ready')
signal.sigwait([signal.SIGTSTP])
say('no')
sys.exit(len(input()))
"""
        shell = self.shell(self.python(code, lines.write_end), [lines])
        lines.line()
        shell.type(b"\x1a")
        self.assertEqual(lines.line(), "no")
        shell.type(b"four\n")
        self.assertEqual(shell.hear(), ("ended", 4))

    def test_reading_in_the_background_stops(self):
        shell = self.shell(["sh", "-c", "read x; exit ${#x}"], background=True)
        self.assertEqual(shell.hear(), ("stopped", signal.SIGTTIN))
        shell.order(b"f")
        shell.type(b"word\n")
        self.assertEqual(shell.hear(), ("ended", 4))

    def test_an_interactive_shell_keeps_its_job_control(self):
        shell = self.shell(["bash", "--norc", "--noprofile", "--noediting", "-i"],
                           options=["-q"])
        shell.screen_until(rb"[#$] $")
        shell.type(b"PS1=ready-; cat\n")
        shell.screen_until(rb"cat\r\n")
        shell.type(b"word\n")
        shell.screen_until(rb"word\r\nword\r\n")
        shell.type(b"\x1a")
        shell.screen_until(rb"Stopped +cat(?s:.*)ready-")
        shell.type(b"fg\n")
        shell.screen_until(rb"fg\r\ncat\r\n")
        shell.type(b"again\n")
        shell.screen_until(rb"again\r\nagain\r\n")
        shell.type(b"\x03")
        shell.screen_until(rb"ready-")
        shell.type(b"exit 7\n")
        self.assertEqual(shell.hear(), ("ended", 7))

    def test_hanging_up_on_the_sessions_leader(self):
        """As a terminal window or ssh that runs nothing but lastword: only the leader is told."""
        lines = Pipe(self)
        command = self.command(*self.python(TELL, lines.write_end))
        pid, terminal = pty.fork()
        if pid == 0:
            os.set_inheritable(lines.write_end, True)
            os.execve(command[0], command, self.environment)
        lines.line(), lines.line()
        os.close(terminal)
        self.assertEqual(lines.line(), "SIGHUP")
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 8)

    def test_the_wait_for_what_still_runs_is_shown_and_can_be_ended(self):
        lines = Pipe(self)
        code = SAY + """
pid = os.fork()
if pid == 0:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    signal.sigwait([signal.SIGUSR1])
    os._exit(0)
say(pid)
os._exit(2)
"""
        shell = self.shell(self.python(code, lines.write_end), [lines], options=["--grace", "1h"])
        orphan = int(lines.line())
        self.kill_later(orphan)
        shown = shell.screen_until(rb"has ended.*\n")
        self.assertIn(f"lastword: {sys.executable} has ended; up to 3599s more for 1 process that "
                      "still runs (Ctrl-C: do not wait)", shown)
        shell.type(b"\x03")
        self.assertEqual(shell.hear(), ("ended", 2))
        self.assertRegex(shell.screen_until(rb"stored -> .*\n"),
                         rf"process {orphan} \(python\S*\) still runs\r\n")


if __name__ == "__main__":
    main()
