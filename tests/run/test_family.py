# SPDX-License-Identifier: MIT OR Apache-2.0
"""The program's descendants: waited for, reaped, ended in time, and told from strangers."""
import os
import select
import signal
import subprocess
import time

from support import SANITIZED, Pipe, RunCase, courier_of, is_alive, main, status_of

SAY = """
def say(word):
    os.write(args[0], f'{word}\\n'.encode())
"""

# Leaves an orphan in a session of its own, which tells its pid when it has been adopted.
ORPHAN = SAY + """
if os.fork() != 0:
    ROOT_DOES
os.setsid()
middle = os.getpid()
if os.fork() != 0:
    os._exit(0)
while os.getppid() == middle:
    time.sleep(0.001)
say(os.getpid())
ORPHAN_DOES
"""


class Family(RunCase):
    def orphan(self, orphan, root="os.wait(); os._exit(3)"):
        return ORPHAN.replace("ROOT_DOES", root).replace("ORPHAN_DOES", orphan)

    def test_orphans_are_waited_for(self):
        lines, gate = Pipe(self), os.pipe()
        os.set_inheritable(gate[0], True)
        process = self.start(*self.python(self.orphan("os.read(args[1], 1); say('done')"),
                                          lines.write_end, gate[0]),
                             pipes=[lines], pass_fds=[gate[0]], options=["--grace", "1h"])
        orphan = int(lines.line())
        self.assertEqual(int(status_of(orphan)[1]), process.pid, "not adopted")
        self.assertIsNone(process.poll())
        os.write(gate[1], b"x")
        self.assertEqual(process.wait(), 3)
        self.assertEqual(lines.rest(), "done\n")
        self.assertNotIn("still runs", process.stderr.read().decode())
        os.close(gate[0])
        os.close(gate[1])

    def test_the_grace_has_an_end(self):
        lines = Pipe(self)
        for grace in ("0s", "300ms"):
            begin = time.monotonic()
            process = self.start(*self.python(self.orphan("signal.pause()"), lines.write_end),
                                 pipes=[lines], options=["--grace", grace])
            orphan = int(lines.line())
            self.kill_later(orphan)
            self.assertEqual(process.wait(), 3)
            self.assertLess(time.monotonic() - begin, 5)
            self.assertTrue(is_alive(orphan), "a grace ends nobody")
            os.kill(orphan, signal.SIGKILL)
            self.assertRegex(process.stderr.read().decode(),
                             rf"lastword: process {orphan} \(python\S*\) still runs\n")

    def test_orphans_are_reaped_while_the_program_runs(self):
        lines = Pipe(self)
        wait = """
    orphan = int(os.read(args[1], 10))
    for _ in range(2000):
        try:
            os.kill(orphan, 0)
        except ProcessLookupError:
            os._exit(0)
        time.sleep(0.005)
    os._exit(1)"""
        numbers = os.pipe()
        for end in numbers:
            os.set_inheritable(end, True)
        code = self.orphan("os.write(args[2], str(os.getpid()).encode()); os._exit(0)", wait)
        process = self.start(*self.python(code, lines.write_end, *numbers), pipes=[lines],
                             pass_fds=numbers)
        for end in numbers:
            os.close(end)
        self.assertEqual(process.wait(), 0, "the orphan stayed a zombie")

    def test_without_subreaper_orphans_go_elsewhere(self):
        lines = Pipe(self)
        code = self.orphan("signal.pause()", "os.wait(); signal.pause()")
        process = self.start(*self.python(code, lines.write_end), pipes=[lines],
                             options=["--no-subreaper", "--timeout", "1h"])
        orphan = int(lines.line())
        self.kill_later(orphan)
        self.assertNotEqual(int(status_of(orphan)[1]), process.pid)

    def expect_all_ended(self, words, lines, options=(), least=0):
        begin = time.monotonic()
        process = self.start(*words, pipes=[lines], options=["--timeout", "300ms", *options])
        pids = [int(pid) for pid in lines.rest().split()]  # until all that hold the pipe are gone
        self.assertEqual(process.wait(), 124)
        self.assertLess(time.monotonic() - begin, 15)
        self.assertGreaterEqual(len(pids), least)
        self.assertEqual([pid for pid in pids if is_alive(pid)], [])
        err = process.stderr.read().decode()
        self.assertRegex(err, r"had not ended after 300ms: ended its \d+ process")
        self.assertRegex(err, r"stored -> ")
        return err

    def test_the_time_out_ends_who_ends_by_itself(self):
        lines = Pipe(self)
        begin = time.monotonic()
        code = SAY + "signal.signal(15, lambda *_: os._exit(0)); say(os.getpid()); signal.pause()"
        self.expect_all_ended(self.python(code, lines.write_end), lines, least=1)
        self.assertLess(time.monotonic() - begin, 2, "SIGKILL was waited for")

    def test_the_time_out_ends_the_whole_tree(self):
        """Deaf to SIGTERM, stopped, in sessions of their own, orphaned, one below the other."""
        lines = Pipe(self)
        code = SAY + """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
say(os.getpid())
for depth in range(4):
    if os.fork() == 0:
        os.setsid()
        say(os.getpid())
        if depth == 1:
            if os.fork() != 0:
                os._exit(0)
            say(os.getpid())
        elif depth == 3:
            os.kill(os.getpid(), signal.SIGSTOP)
    elif depth != 2:
        break
while True:
    signal.pause()
"""
        err = self.expect_all_ended(self.python(code, lines.write_end), lines, least=5)
        self.assertNotIn("still runs", err)

    def test_the_time_out_reaches_orphans_without_subreaper(self):
        lines = Pipe(self)
        code = self.orphan("signal.signal(15, signal.SIG_IGN); signal.pause()",
                           "say(os.getpid()); signal.pause()")
        self.expect_all_ended(self.python(code, lines.write_end), lines,
                              options=["--no-subreaper"], least=2)

    def test_the_time_out_ends_what_is_never_the_same_process(self):
        if SANITIZED:
            self.skipTest("an ASan courier takes minutes for thousands of processes")
        for pause in (500, 0):
            lines = Pipe(self)
            process = self.start("sh", "-c", f"{os.environ['RUN_HOPPER']} {pause} & sleep 1000",
                                 options=["--timeout", "100ms"], stdout=lines.write_end)
            self.assertEqual(lines.rest(), "")  # until the last that holds the pipe is gone
            self.assertEqual(process.wait(), 124)
            self.assertNotIn("still runs", process.stderr.read().decode())

    def test_the_time_out_is_for_the_program_not_for_the_grace(self):
        lines = Pipe(self)
        process = self.start(*self.python(self.orphan("time.sleep(1)"), lines.write_end),
                             pipes=[lines], options=["--timeout", "500ms"])
        self.assertEqual(process.wait(), 3)

    def test_children_from_before_are_strangers(self):
        """As in: exec lastword run -- PROG > >(tee log)."""
        for option in ([], ["--timeout", "300ms"]):
            words = self.command("sleep", "1000", options=option) if option else self.command("true")
            script = 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $!; exec "$@"'
            begin = time.monotonic()
            done = subprocess.run(["sh", "-c", script, "sh", *words], env=self.environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            stranger = int(done.stdout)
            self.kill_later(stranger)
            self.assertEqual(done.returncode, 124 if option else 0)
            self.assertLess(time.monotonic() - begin, 8, "a stranger was waited for")
            self.assertTrue(is_alive(stranger))
            self.assertNotIn("still runs", done.stderr.decode())

    def test_the_courier_is_out_of_sight(self):
        """Its own session, no terminal, nothing of the program's held open."""
        lines = Pipe(self)
        read_end, write_end = os.pipe()
        process = self.start(*self.python("os.write(args[0], b'x\\n'); signal.pause()",
                                          lines.write_end),
                             pipes=[lines], pass_fds=[write_end])
        os.close(write_end)
        lines.line()
        courier = courier_of(process.pid)
        self.assertEqual(int(status_of(courier)[3]), courier)
        for fd in os.listdir(f"/proc/{courier}/fd"):
            target = os.readlink(f"/proc/{courier}/fd/{fd}")
            self.assertFalse(target.startswith("pipe:"), target)
            if int(fd) <= 2:
                self.assertEqual(target, "/dev/null")
        os.close(read_end)

    def test_lastword_killed(self):
        """The program goes on, and the courier finishes by itself."""
        lines, gate = Pipe(self), os.pipe()
        code = SAY + "say(os.getpid()); os.read(args[1], 1); say('went on')"
        process = self.start(*self.python(code, lines.write_end, gate[0]), pipes=[lines],
                             pass_fds=[gate[0]])
        program = int(lines.line())
        self.kill_later(program)
        courier = os.pidfd_open(courier_of(process.pid))
        process.kill()
        process.wait()
        self.assertTrue(is_alive(program))
        os.write(gate[1], b"x")
        self.assertEqual(lines.rest(), "went on\n")
        select.select([courier], [], [])
        os.close(courier)
        self.assertTrue(os.path.exists(self.recording))
        self.expect_nothing_left()
        os.close(gate[0])
        os.close(gate[1])

    def test_process_one(self):
        """As in a container: it reaps what is not its own, and cannot die of a signal."""
        namespace = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]
        if subprocess.run([*namespace, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("may not make a pid namespace")
        for script, status in (("exit 3", 3), ("kill -TERM $$", 128 + signal.SIGTERM),
                               ("(setsid sh -c 'sleep 0.1' &) ; exit 4", 4)):
            done = subprocess.run([*namespace, *self.command("sh", "-c", script)],
                                  env=self.environment, stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, status, done.stderr.decode())
            self.expect_nothing_left()

    def test_no_proc(self):
        namespace = ["unshare", "--mount"]
        if SANITIZED:
            self.skipTest("ASan itself needs /proc")
        if subprocess.run([*namespace, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("may not make a mount namespace")
        script = 'mount -t tmpfs none /proc && exec "$@"'
        environment = dict(self.environment)
        environment.pop("LASTWORD_SHIM", None)
        done = subprocess.run([*namespace, "sh", "-c", script, "sh", *self.command("true")],
                              env=environment, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 125)
        self.assertIn("mount /proc, or name the shim in LASTWORD_SHIM", done.stderr.decode())


main()
