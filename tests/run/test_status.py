# SPDX-License-Identifier: MIT OR Apache-2.0
"""lastword run ends as its program did, and passes on every byte."""
import os
import random
import signal
import subprocess

from support import LASTWORD, SANITIZED, RunCase, main


class Status(RunCase):
    def test_every_exit_status_comes_back(self):
        for status in [*range(0, 256, 51 if SANITIZED else 1), 124, 125, 126, 127, 128]:
            got, _, err = self.run_whole("sh", "-c", f"exit {status}", options=["-q"])
            self.assertEqual((got, err), (status, ""))

    def test_a_deadly_signal_comes_back(self):
        numbers = "HUP INT QUIT ILL ABRT FPE KILL USR1 SEGV USR2 PIPE ALRM TERM BUS SYS".split()
        for name in [*numbers, "RTMIN", "RTMAX"]:
            number = getattr(signal, "SIG" + name)
            code = f"os.kill(os.getpid(), {int(number)})"
            got, _, err = self.run_whole(*self.python(f"signal.signal(13, signal.SIG_DFL)\n{code}")
                                         if name == "PIPE" else
                                         self.python("signal.signal(2, signal.SIG_DFL)\n" + code))
            self.assertEqual(got, -number, f"{name}: {err}")
            self.assertRegex(err, r"lastword: process \d+ \(python\S*\) died of (SIG|signal)")

    def test_a_program_that_is_not_there(self):
        got, out, err = self.run_whole("no-such-program-anywhere")
        self.assertEqual((got, out), (127, b""))
        self.assertEqual(err, "lastword: cannot run 'no-such-program-anywhere': "
                              "No such file or directory\n")
        self.assertFalse(os.path.exists(self.recording))
        self.expect_nothing_left()

    def test_a_program_that_cannot_be_run(self):
        got, _, err = self.run_whole("/etc/passwd")
        self.assertEqual((got, err), (126, "lastword: cannot run '/etc/passwd': "
                                           "Permission denied\n"))
        self.expect_nothing_left()

    def test_a_missing_interpreter_is_said(self):
        script = os.path.join(self.folder, "script")
        with open(script, "w", encoding="utf-8") as file:
            file.write("#!/no/such/interpreter\n")
        os.chmod(script, 0o700)
        got, _, err = self.run_whole(script)
        self.assertEqual(got, 127)
        self.assertIn("its interpreter or dynamic linker is missing", err)

    def test_a_failed_start_leaves_an_older_recording_alone(self):
        with open(self.recording, "wb") as file:
            file.write(b"older")
        self.assertEqual(self.run_whole("no-such-program-anywhere")[0], 127)
        with open(self.recording, "rb") as file:
            self.assertEqual(file.read(), b"older")

    def test_where_the_recording_cannot_go_no_program_is_started(self):
        self.recording = os.path.join(self.folder, "missing", "m.rrd")
        got, out, err = self.run_whole("echo", "started")
        self.assertEqual((got, out), (125, b""))
        self.assertEqual(err, f"lastword: cannot write the recording '{self.recording}': its "
                              "directory does not exist, or it is a link to nowhere: make the "
                              "directory first\n")
        self.assertEqual(self.left_sessions(), [])

    def test_words_that_are_not_understood(self):
        got, _, err = self.run_whole("true", options=["--timeout", "5"])
        self.assertEqual(got, 125)
        self.assertRegex(err, r"^lastword: run: --timeout '5': .*\n$")

    def test_help_teaches(self):
        done = subprocess.run([LASTWORD, "run", "--help"], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        for word in ("--output", "--recording-id", "--timeout", "--grace", "--no-args",
                     "--no-subreaper", "--quiet", "124", "500ms"):
            self.assertIn(word, done.stdout.decode())
        with open("/dev/full", "wb") as full:
            done = subprocess.run([LASTWORD, "run", "--help"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 125)

    def test_streams_are_passed_byte_by_byte(self):
        data = random.Random(1).randbytes(3_000_000)
        got, out, err = self.run_whole("sh", "-c", "cat; echo to-stderr >&2", options=["-q"],
                                       input=data)
        self.assertEqual((got, err), (0, "to-stderr\n"))
        self.assertTrue(out == data)

    def test_closed_streams_stay_closed(self):
        script = ('"$@" sh -c \'for n in 0 1 2; do [ -e /proc/self/fd/$n ] || printf $n >&4; done\' '
                  "<&- >&- 2>&- 4>&5")
        read_end, write_end = os.pipe()
        os.dup2(write_end, 5)
        subprocess.run(["sh", "-c", script, "sh", *self.command("sh")[:-1]], env=self.environment,
                       pass_fds=[5], check=False)
        os.close(write_end)
        os.close(5)
        with open(read_end, "rb") as file:
            self.assertEqual(file.read(), b"012")

    def test_the_short_form_is_the_same(self):
        words = self.command("x")
        done = subprocess.run([words[0], "sh", "-c", "exit 9"], env=self.environment,
                              cwd=self.folder, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 9)
        self.assertRegex(done.stderr.decode(), r"-> lastword-sh-\d+\.rrd\n$")
        name = done.stderr.decode().split()[-1]
        self.assertTrue(os.path.exists(os.path.join(self.folder, name)))

    def test_a_whole_run_leaves_only_the_recording(self):
        got, _, err = self.run_whole("true")
        self.assertEqual((got, err), (0, "lastword: 1 process, 0 rows logged, 0 stored -> "
                                         f"{self.recording}\n"))
        self.assertTrue(os.path.exists(self.recording))
        self.expect_nothing_left()


main()
