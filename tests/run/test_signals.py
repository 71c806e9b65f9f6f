# SPDX-License-Identifier: MIT OR Apache-2.0
"""Signals sent to lastword are the program's; its own come back to nobody; stops are mirrored."""
import os
import signal
import subprocess

from support import Pipe, RunCase, main

# Prints the number of each signal that comes, until SIGTERM. args[0]: descriptor for the lines.
LISTEN = """
numbers = set(range(1, 65)) - {9, 19, 32, 33, 18, 17}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
def say(word):
    os.write(args[0], f'{word}\\n'.encode())
say(os.getpid())
while True:
    got = signal.sigwaitinfo(numbers).si_signo
    if got == signal.SIGHUP and args[1] == 1:
        os.kill(0, signal.SIGUSR1)       # to the group, lastword in it
    elif got == signal.SIGHUP and args[1] == 2:
        os.kill(os.getppid(), signal.SIGUSR1)
    else:
        say(got)
    if got == signal.SIGTERM:
        os._exit(7)
"""


class Signals(RunCase):
    def listen(self, mode=0):
        lines = Pipe(self)
        process = self.start(*self.python(LISTEN, lines.write_end, mode), pipes=[lines],
                             start_new_session=True)
        return process, lines, int(lines.line())

    def test_what_is_sent_to_lastword_arrives_once(self):
        process, lines, _ = self.listen()
        numbers = [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
                   signal.SIGALRM, signal.SIGWINCH, signal.SIGURG, signal.SIGPIPE, signal.SIGABRT,
                   signal.SIGIO, signal.SIGTSTP, signal.SIGRTMIN + 2, signal.SIGRTMAX]
        for number in numbers:
            process.send_signal(number)
            self.assertEqual(lines.line(), str(int(number)))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(lines.rest(), f"{int(signal.SIGTERM)}\n")
        self.assertEqual(process.wait(), 7)

    def test_queued_signals_are_not_merged(self):
        process, lines, program = self.listen()
        os.kill(program, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        for _ in range(5):
            process.send_signal(signal.SIGRTMIN)
        os.kill(program, signal.SIGCONT)
        for _ in range(5):
            self.assertEqual(lines.line(), str(int(signal.SIGRTMIN)))

    def test_the_programs_own_signals_do_not_come_back(self):
        for mode in (1, 2):
            process, lines, _ = self.listen(mode)
            process.send_signal(signal.SIGHUP)
            if mode == 1:
                self.assertEqual(lines.line(), str(int(signal.SIGUSR1)))
            # lastword takes USR1 before TERM: had it sent it on, it would stand before TERM here
            process.send_signal(signal.SIGTERM)
            self.assertEqual(lines.rest(), f"{int(signal.SIGTERM)}\n", f"mode {mode}")
            self.assertEqual(process.wait(), 7)

    def test_an_alarm_set_before_exec_is_the_programs(self):
        process = self.start(*self.python("signal.pause()"),
                             preexec_fn=lambda: signal.setitimer(signal.ITIMER_REAL, 0.2))
        self.assertEqual(process.wait(), -signal.SIGALRM)

    def test_a_stop_by_the_program_is_mirrored(self):
        lines = Pipe(self)
        code = ("os.write(args[0], b'before\\n'); os.kill(os.getpid(), args[1])\n"
                "os.write(args[0], b'after\\n'); os._exit(5)")
        process = self.start(*self.python(code, lines.write_end, signal.SIGSTOP), pipes=[lines])
        self.assertEqual(lines.line(), "before")
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSTOP)
        process.send_signal(signal.SIGCONT)
        self.assertEqual(lines.line(), "after")
        self.assertEqual(process.wait(), 5)

    def test_the_program_alone_is_stopped_and_continued(self):
        process, lines, program = self.listen()
        for _ in range(3):
            os.kill(program, signal.SIGSTOP)
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            self.assertTrue(os.WIFSTOPPED(status))
            os.kill(program, signal.SIGCONT)
            _, status = os.waitpid(process.pid, os.WCONTINUED)
            self.assertTrue(os.WIFCONTINUED(status))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(lines.line(), str(int(signal.SIGTERM)))
        self.assertEqual(process.wait(), 7)

    def test_a_stopped_program_that_is_killed(self):
        process, _, program = self.listen()
        os.kill(program, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        os.kill(program, signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL)

    def test_an_ignored_signal_stays_ignored(self):
        """As under nohup."""
        lines = Pipe(self)
        code = "os.write(args[0], b'ready\\n'); signal.sigwait([signal.SIGUSR1]); os._exit(4)"
        code = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n" + code
        process = self.start(*self.python(code, lines.write_end), pipes=[lines],
                             preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        lines.line()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(), 4)

    def test_who_does_not_want_to_wait_for_the_grace(self):
        """After the program's end a signal to lastword means the waiting, and what it left is named."""
        lines = Pipe(self)
        # The orphan tells when lastword has taken the program's status: then its pid is free.
        code = """
program = os.getpid()
if os.fork() == 0:
    while True:
        try:
            os.kill(program, 0)
        except ProcessLookupError:
            os.write(args[0], f'{os.getpid()}\\n'.encode())
            while True:
                signal.pause()
        time.sleep(0.005)
os._exit(6)
"""
        process = self.start(*self.python(code, lines.write_end), pipes=[lines],
                             options=["--grace", "1h"])
        orphan = int(lines.line())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 6)
        os.kill(orphan, signal.SIGKILL)
        self.assertRegex(process.stderr.read().decode(), rf"process {orphan} \(python\S*\) still runs\n")

    def test_a_reader_that_went_away(self):
        """SIGPIPE of our own report is not the program's end."""
        read_end, write_end = os.pipe()
        process = self.start("sh", "-c", "read x; exit 3", stdin=subprocess.PIPE, stderr=write_end)
        os.close(write_end)
        os.close(read_end)
        process.stdin.close()
        self.assertEqual(process.wait(), 3)


main()
