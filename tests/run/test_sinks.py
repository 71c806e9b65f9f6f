# SPDX-License-Identifier: MIT OR Apache-2.0
"""Files that a program names are whole when it is done with them, and at the end in any case."""
import json
import os
import select
import signal
import subprocess

from support import LASTWORD, Pipe, RunCase, courier_of, main

DUMP = os.environ["RUN_DUMP"]
SAVER = os.environ["RUN_SAVER"]


class Sinks(RunCase):
    suffix = ""

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.folder, "a.rrd" + self.suffix)
        self.other = os.path.join(self.folder, "b.rrd" + self.suffix)

    def save(self, *, run=True, **variables):
        """Starts the saver; self.order() speaks with it."""
        self.environment.update(variables)
        self.lines = Pipe(self)
        orders, self.orders = os.pipe()
        self.addCleanup(os.close, self.orders)
        words = [SAVER, str(orders), str(self.lines.write_end), self.file, self.other]
        if run:
            process = self.start(*words, pipes=[self.lines], pass_fds=[orders])
        else:
            process = subprocess.Popen(words, env=self.environment, stderr=subprocess.PIPE,
                                       pass_fds=[orders, self.lines.write_end])
            self.addCleanup(self.end, process)
        os.close(orders)
        self.lines.close()
        return process

    def tell(self, order):
        os.write(self.orders, order.encode())

    def order(self, orders):
        """Gives them one after the other; returns how many milliseconds the last one took."""
        for order in orders:
            self.tell(order)
            word = self.lines.line().split()
            self.assertEqual(word[:1], [order])
        return int(word[1])

    def end_of(self, process):
        self.tell("q")
        _, err = process.communicate()
        self.assertEqual(process.returncode, 0, err.decode())
        return err.decode()

    def expect_rows(self, path, count):
        """The file is whole, and /log has so many rows in it, each with an id of its own."""
        done = subprocess.run([DUMP, path], capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        chunks = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(chunks[-1], {"ending": "complete"})
        log = [chunk for chunk in chunks if chunk.get("entity_path") == "/log"]
        cells = [cell for chunk in log for cell in chunk["components"]["TextLog:text"]["cells"]]
        self.assertEqual(cells, [["row"]] * count)
        self.assertEqual(len({row for chunk in log for row in chunk["row_ids"]}), count)

    def expect_parts_gone(self):
        found = [name for name in os.listdir(self.folder) if ".part" in name]
        self.assertEqual(found, [os.path.basename(self.recording) + ".part"])

    def test_a_stream_that_is_freed_leaves_a_whole_file(self):
        """With rows of threads and of children, and of before the file was named."""
        process = self.save()
        self.order("lsltcf")
        self.expect_rows(self.file, 400)
        self.expect_parts_gone()
        self.end_of(process)
        self.expect_rows(self.file, 400)
        self.expect_nothing_left()

    def test_rows_that_nobody_has_read_yet_are_in_it(self):
        """Those of threads and children that were over before the stream was freed."""
        process = self.save()
        self.order("slT")
        self.expect_rows(self.file, 300)
        self.end_of(process)

    def test_an_older_file_stays_until_then(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("old")
        process = self.save()
        self.order("sl")
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual(file.read(), "old")
        self.order("f")
        self.expect_rows(self.file, 100)
        self.end_of(process)

    def test_sinks_that_are_replaced_are_whole(self):
        process = self.save()
        self.order("slo")
        self.expect_rows(self.file, 100)
        self.order("lln")
        self.expect_rows(self.other, 200)
        self.order("l2lf")
        self.expect_rows(self.file, 300)  # those logged without a sink belong to the next ones
        self.expect_rows(self.other, 400)
        err = self.end_of(process)
        self.expect_rows(self.recording, 500)
        self.assertIn("500 rows logged, 500 stored", err)

    def test_who_is_done_with_a_file_loses_nobody_elses_rows(self):
        process = self.save()
        self.order("slC")
        self.expect_rows(self.file, 200)
        self.order("lC")
        self.expect_rows(self.file, 400)
        self.order("lf")
        self.expect_rows(self.file, 500)
        self.order("l")
        self.end_of(process)
        self.expect_rows(self.file, 600)

    def test_a_file_is_not_written_twice(self):
        process = self.save()
        self.order("slol")
        written = os.stat(self.file)
        self.order("f")
        moved = self.other + ".moved"
        os.rename(self.other, moved)
        self.end_of(process)
        after = os.stat(self.file)
        self.assertEqual((written.st_ino, written.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        self.assertFalse(os.path.exists(self.other), "it was moved away")
        self.expect_rows(self.file, 100)

    def test_a_stuck_courier_is_not_waited_for(self):
        """The control: without the courier's work the file is not there, but at the end it is."""
        process = self.save(LASTWORD_FLUSH_TIMEOUT="300ms")
        self.order("sl")
        courier = courier_of(process.pid)
        os.kill(courier, signal.SIGSTOP)
        self.kill_later(courier)
        took = self.order("o")
        self.assertGreaterEqual(took, 250)
        self.assertLess(took, 5000)
        self.assertEqual(os.path.getsize(self.file), 0)
        self.order("l")
        self.assertLess(self.order("f"), 250, "nothing has moved since")
        os.kill(courier, signal.SIGCONT)
        self.end_of(process)
        self.expect_rows(self.file, 100)
        self.expect_rows(self.other, 100)
        self.expect_nothing_left()

    def test_a_courier_that_dies_meanwhile_is_followed_by_one_that_does_it(self):
        process = self.save(LASTWORD_FLUSH_TIMEOUT="60s")
        self.order("sl")
        courier = courier_of(process.pid)
        end = os.pidfd_open(courier)
        os.kill(courier, signal.SIGSTOP)
        self.tell("f")
        os.kill(courier, signal.SIGKILL)
        select.select([end], [], [])
        os.close(end)
        self.assertLess(int(self.lines.line().split()[1]), 50000)
        self.expect_rows(self.file, 100)
        self.end_of(process)
        self.expect_rows(self.file, 100)

    def test_without_a_courier_nobody_waits(self):
        process = self.save(run=False)
        self.order("sl")
        self.assertLess(self.order("f"), 1000)
        self.assertEqual(os.path.getsize(self.file), 0)
        self.end_of(process)
        session, = self.left_sessions()
        done = subprocess.run([LASTWORD, "deliver", "-o", self.recording, session],
                              env=self.environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.expect_rows(self.file, 100)
        self.expect_nothing_left()

    def test_a_file_that_cannot_be_written_any_more_does_no_harm(self):
        """Its rows are in the recording, and `deliver` tries again."""
        place = os.path.join(self.folder, "place")
        os.mkdir(place)
        self.file = os.path.join(place, "a.rrd" + self.suffix)
        process = self.save()
        self.order("sl")
        os.unlink(self.file)
        os.rmdir(place)
        self.assertLess(self.order("f"), 1500)
        os.mkdir(place)
        self.end_of(process)
        self.expect_rows(self.file, 100)

    def test_the_recording_itself(self):
        """Naming the file that `run` writes, or that it is writing, costs no row."""
        self.file = self.recording
        self.other = self.recording + ".part"
        process = self.save()
        self.order("slol")
        self.order("f")
        self.end_of(process)
        self.expect_rows(self.recording, 200)
        self.assertEqual(self.left_sessions(), [])


class CompressedSinks(Sinks):
    suffix = ".zst"
    name = "m.rrd.zst"


main()
