# SPDX-License-Identifier: MIT OR Apache-2.0
"""Couriers and supervisors die, programs outlive them: every row is in the recording, once."""
import os
import re
import select
import signal
import subprocess

from support import LASTWORD, Pipe, RunCase, courier_of, is_alive, main

LOGGER = os.environ["RUN_LOGGER"]


class Courier(RunCase):
    def log(self, options=(), **settings):
        """Starts the logger; self.order() speaks with it."""
        self.lines = Pipe(self)
        orders, self.orders = os.pipe()
        process = self.start(LOGGER, str(orders), str(self.lines.write_end), options=options,
                             pipes=[self.lines], pass_fds=[orders], **settings)
        os.close(orders)
        self.addCleanup(os.close, self.orders)
        self.lines.close()
        word, pid = self.lines.line().split()
        self.assertEqual(word, "ready")
        self.program = os.pidfd_open(int(pid))
        self.addCleanup(os.close, self.program)
        return process

    def end_program(self, letter="q"):
        """Returns when it has ended; lastword need not have noticed."""
        os.write(self.orders, letter.encode())
        select.select([self.program], [], [])

    def order(self, letter):
        os.write(self.orders, letter.encode())
        return self.lines.line()

    def log_thousand(self):
        self.assertEqual(self.order("l"), "logged")

    def kill_courier(self, courier):
        """Returns when it is dead."""
        end = os.pidfd_open(courier)
        os.kill(courier, signal.SIGKILL)
        select.select([end], [], [])
        os.close(end)

    def next_courier(self, process, last):
        while True:
            try:
                courier = courier_of(process.pid)
            except StopIteration:
                continue
            if courier != last:
                return courier

    def verify(self, counts, recording=None):
        """counts: how many rows each process logged, from the first on."""
        path = os.path.join(self.folder, "expect.yaml")
        names = ["root", "child"]
        with open(path, "w", encoding="utf-8") as file:
            file.write("expect:\n")
            for name, count in zip(names, counts):
                file.write(f'  - {{process: {name}, entity: /log, text: "row {{{name}}}", '
                           f"count: {count}}}\n")
        done = subprocess.run([LASTWORD, "verify", recording or self.recording, "--expect", path],
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode()[:2000])

    def deliver(self, *options):
        sessions = self.left_sessions()
        self.assertEqual(len(sessions), 1)
        done = subprocess.run([LASTWORD, "deliver", *options, sessions[0]], env=self.environment,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.expect_nothing_left()

    def end_of(self, process):
        process.wait()
        return process.stderr.read().decode()

    def log_while_couriers_die(self, process, n_deaths):
        last = None
        for _ in range(n_deaths):
            self.log_thousand()
            last = self.next_courier(process, last)
            self.kill_courier(last)
        self.log_thousand()
        os.write(self.orders, b"q")
        return self.end_of(process)

    def test_couriers_that_die_are_followed_by_others(self):
        process = self.log()
        err = self.log_while_couriers_die(process, 3)
        self.assertEqual(process.returncode, 5, err)
        self.assertEqual(err, "lastword: 3 couriers died, and the next went on\n"
                              "lastword: 1 process, 4000 rows logged, 4000 stored -> "
                              f"{self.recording}\n")
        self.verify([4000])
        self.expect_nothing_left()

    def test_when_all_couriers_die_the_rows_are_kept(self):
        process = self.log()
        err = self.log_while_couriers_die(process, 4)
        self.assertEqual(process.returncode, 125)
        self.assertRegex(err, r"m\.rrd\S* is not whole: .*the last one died of SIGKILL\n"
                              r"lastword: \S*logger ended by exit 5; what was logged is kept: "
                              r"`lastword deliver \S+` finishes the recording\n$")
        self.deliver()
        self.verify([5000])

    def test_a_courier_that_dies_at_the_end(self):
        process = self.log()
        self.log_thousand()
        os.kill(courier_of(process.pid), signal.SIGSTOP)
        self.log_thousand()
        self.end_program()
        self.kill_courier(courier_of(process.pid))
        self.assertEqual(self.end_of(process).count("2000 stored"), 1)
        self.assertEqual(process.returncode, 5)
        self.verify([2000])
        self.expect_nothing_left()

    def test_lastword_killed(self):
        process = self.log()
        self.log_thousand()
        courier = courier_of(process.pid)
        end = os.pidfd_open(courier)
        process.kill()
        process.wait()
        self.log_thousand()
        os.write(self.orders, b"q")
        select.select([end], [], [])
        os.close(end)
        self.verify([2000])
        self.expect_nothing_left()

    def test_both_killed_then_delivered(self):
        process = self.log()
        self.log_thousand()
        courier = courier_of(process.pid)
        process.kill()
        process.wait()
        self.kill_courier(courier)
        self.log_thousand()
        self.end_program("k")
        self.deliver()
        self.verify([2000])

    def test_a_program_that_is_killed(self):
        process = self.log()
        self.log_thousand()
        os.write(self.orders, b"k")
        err = self.end_of(process)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertRegex(err, r"^lastword: process \d+ \(logger\) died of SIGKILL\n"
                              r"lastword: 1 process, 1000 rows logged, 1000 stored -> \S+\n$")
        self.verify([1000])

    def test_children_that_are_killed_are_named(self):
        """Their parent reaps them, so it is the courier who knows."""
        program = os.environ["MULTIPROCESS"]
        got, _, err = self.run_whole(program, "--end", "kill")
        self.assertEqual(got, 0)
        self.assertRegex(err, r"^(lastword: process \d+ \(multiprocess\) died of SIGKILL\n){3}"
                              r"lastword: 4 processes, 8 rows logged, 8 stored -> \S+\n$")

    def test_what_a_survivor_logs_later_is_delivered(self):
        process = self.log(options=["--grace", "0s"])
        self.log_thousand()
        orphan = int(self.order("o").split()[1])
        self.kill_later(orphan)
        self.assertEqual(process.wait(), 3)
        self.log_thousand()
        os.write(self.orders, b"q")
        self.assertEqual(self.lines.line(), "")
        err = process.stderr.read().decode()
        session, = self.left_sessions()
        self.assertRegex(err, rf"lastword: process {orphan} \(logger\) still runs\n"
                              rf"lastword: `lastword deliver {re.escape(session)}` stores what is "
                              rf"still logged there\nlastword: \d process(es)?, 1000 rows logged, 1000 "
                              rf"stored -> ")
        self.verify([1000])
        self.deliver()
        self.verify([1000, 1000])

    def test_without_subreaper_the_spools_tell_when_the_last_is_gone(self):
        process = self.log(options=["--no-subreaper", "--grace", "1h"])
        orphan = int(self.order("o").split()[1])
        self.kill_later(orphan)
        self.log_thousand()
        self.assertIsNone(process.poll())
        os.write(self.orders, b"q")
        err = self.end_of(process)
        self.assertEqual(process.returncode, 3)
        self.assertIn("2 processes, 1000 rows logged, 1000 stored", err)
        self.assertNotIn("still runs", err)
        self.expect_nothing_left()

    def test_without_subreaper_the_grace_ends_as_well(self):
        process = self.log(options=["--no-subreaper", "--grace", "300ms"])
        orphan = int(self.order("o").split()[1])
        self.kill_later(orphan)
        self.assertEqual(process.wait(), 3)
        self.assertTrue(is_alive(orphan))
        os.kill(orphan, signal.SIGKILL)
        self.assertRegex(process.stderr.read().decode(),
                         rf"process {orphan} \(logger\) still runs\n")

    def test_who_does_not_wait_for_a_stuck_courier(self):
        process = self.log()
        self.log_thousand()
        courier = courier_of(process.pid)
        end = os.pidfd_open(courier)
        os.kill(courier, signal.SIGSTOP)
        self.end_program()
        while process.poll() is None:  # the first ones may come before the program's end is seen
            process.send_signal(signal.SIGINT)
            select.select([], [], [], 0.01)
        self.assertEqual(process.returncode, 5)
        self.assertEqual(process.stderr.read().decode(),
                         f"lastword: not waiting: process {courier} goes on storing to "
                         f"{self.recording}\n")
        os.kill(courier, signal.SIGCONT)
        select.select([end], [], [])
        os.close(end)
        self.verify([1000])
        self.expect_nothing_left()

    def test_a_full_disk(self):
        """The program is not disturbed; the rows are kept, and go elsewhere."""
        script = ('mkdir "$1" && mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"')
        probe = ["unshare", "--mount", "sh", "-c", script, "sh"]
        if subprocess.run([*probe, self.folder + "/try", "true"], stderr=subprocess.DEVNULL,
                          check=False).returncode != 0:
            self.skipTest("may not mount")
        small = os.path.join(self.folder, "small")
        self.recording = os.path.join(small, self.name)
        self.lines = Pipe(self)
        orders, self.orders = os.pipe()
        self.addCleanup(os.close, self.orders)
        command = self.command(LOGGER, str(orders), str(self.lines.write_end))
        process = subprocess.Popen([*probe, small, *command], env=self.environment,
                                   pass_fds=[orders, self.lines.write_end],
                                   stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        os.close(orders)
        self.lines.close()
        self.assertRegex(self.lines.line(), "^ready ")
        for _ in range(30):
            self.log_thousand()
        os.write(self.orders, b"q")
        err = self.end_of(process)
        self.assertEqual(process.returncode, 125, err)
        self.assertRegex(err, r"m\.rrd\S* is not whole: (?s:.*)logger ended by exit 5; what was logged "
                              r"is kept: `lastword deliver \S+` finishes the recording\n$")


class CompressedCourier(Courier):
    """All of it again, with a recording that is compressed when it is whole."""

    name = "m.rrd.zst"


main()
