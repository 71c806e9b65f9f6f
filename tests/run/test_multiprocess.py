# SPDX-License-Identifier: MIT OR Apache-2.0
"""Rerun's multiprocessing example, from the run to the verdict: whatever way its processes end, all rows
arrive and the ends are named; and a recording from which something is missing fails."""
import os
import re
import subprocess

from support import LASTWORD, RunCase, main

MULTIPROCESS = os.environ["MULTIPROCESS"]
EXPECTED = os.environ["MULTIPROCESS_YAML"]

# How --end and --root-end read in `ends`, for a process whose status is 0.
ENDS = {
    "return": "return 0",
    "exit": "exit 0",
    "_exit": "_exit 0",
    "exec": "exec",
    "abort": "abort",
    "kill": "SIGKILL",
}


class Multiprocess(RunCase):
    def expect(self, root="return 0", children="_exit 0", add="", swap=("", "")):
        """Writes the scenario's expectations with other ends, and whatever else is to be different."""
        with open(EXPECTED, encoding="utf-8") as file:
            text = file.read()
        text, n = re.subn(r"^ends:.*$", f"ends: {{root: {root}, 3 children: {children}}}", text,
                          flags=re.MULTILINE)
        self.assertEqual(n, 1)
        self.assertIn(swap[0], text)
        text = text.replace(*swap)
        path = os.path.join(self.folder, "expect.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + add)
        return path

    def verify(self, expect, *options, recording=None):
        """Returns exit status, stdout, stderr."""
        done = subprocess.run(
            [LASTWORD, "verify", recording or self.recording, "--expect", expect, *options],
            env=self.environment, capture_output=True, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def check_end(self, end, root_end, status):
        with self.subTest(end=end, root_end=root_end):
            found, _, err = self.run_whole(MULTIPROCESS, "--end", end, "--root-end", root_end)
            self.assertEqual(found, status, err)
            expect = self.expect(ENDS[root_end], ENDS[end])
            self.assertEqual(
                self.verify(expect),
                (0, f"PASS {self.recording}: 8 rows of 4 processes as {expect} says\n", ""))

    def test_children_end_in_every_way(self):
        for end in ENDS:
            self.check_end(end, "return", 0)

    def test_the_root_ends_first_in_every_way(self):
        for root_end, status in (("exit", 0), ("_exit", 0), ("exec", 0), ("abort", -6), ("kill", -9)):
            self.check_end("_exit", root_end, status)
            self.check_end("kill", root_end, status)

    def test_a_compressed_recording(self):
        """zstd finds nothing wrong with it; it holds what a plain one does, and so does a file for save."""
        saved = os.path.join(self.folder, "saved.rrd.zst")
        self.recording += ".zst"
        self.environment["LASTWORD_SAVE"] = saved
        status, _, err = self.run_whole(MULTIPROCESS)
        self.assertEqual((status, err), (0, "lastword: 4 processes, 8 rows logged, 8 stored -> "
                                            f"{self.recording}\n"))
        self.expect_nothing_left()
        self.assertEqual(self.verify(EXPECTED)[0], 0)
        self.assertEqual(self.verify(self.expect(add="  - {process: root, entity: /log, text: more}\n"))[0], 1)
        for path in (self.recording, saved):
            done = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True)
            self.assertEqual(done.stdout[:4], b"RRF2")
            self.assertEqual(done.stdout[-12:-4], b"RRF2FOOT")
            self.assertEqual(done.stdout.count(b"/lastword/processes/") > 0, path == self.recording)

    def test_the_picture_shows_all(self):
        self.run_whole(MULTIPROCESS, "--end", "exec")
        self.environment["LC_ALL"] = "C.UTF-8"
        status, out, err = self.verify(self.expect(children="exec"), "--show")
        self.assertEqual((status, err), (0, ""), out)
        for text in ("root multiprocess --end exec", "└─ child 3", "   └─ then true", "┌task_0─",
                     "┌task_3─", "4 boxes, x 5 to 85, y 5 to 85"):
            self.assertIn(text, out)
        self.assertEqual(out.count("Logging from pid="), 4)

    def test_a_wrong_expectation_fails(self):
        self.run_whole(MULTIPROCESS)
        more = "  - {process: child 2, entity: /log, text: more}\n"
        status, out, _ = self.verify(self.expect(add=more))
        self.assertEqual(status, 1)
        self.assertIn(f"FAIL {self.recording}: 1 missing; 8 rows as expected", out)
        for swap, verdict in (
            (("[30, 30, 30, 40]", "[30, 30, 30, 41]"), "1 different; 7 rows"),
            (("label: task_3", "label: task_4"), "1 different; 7 rows"),
            (("/task_0", "/task_9"), "1 missing, 1 extra; 7 rows"),
            (("thread={tid}", "thread={n}x"), "4 different; 4 rows"),
            (("3 children:", "4 children:"), "1 wrong number of processes; 8 rows"),
        ):
            status, out, err = self.verify(self.expect(swap=swap))
            self.assertEqual((status, err), (1, ""))
            self.assertIn(f"FAIL {self.recording}: {verdict} as expected", out)
        status, out, _ = self.verify(self.expect(children="exit 0"))
        self.assertEqual(status, 1)
        self.assertEqual(out.count("  ended      expected exit 0, got _exit 0\n"), 3)

    def test_a_recording_from_which_rows_are_missing_fails(self):
        """Cut anywhere, a recording either cannot be read or lacks something, and never passes."""
        self.run_whole(MULTIPROCESS)
        with open(self.recording, "rb") as file:
            whole = file.read()
        # Behind the last row stand the processes and the index, without which rows are still whole.
        end = whole.index(b"/lastword/processes/")
        expect, cut = self.expect(), os.path.join(self.folder, "cut.rrd")
        for size in range(0, end, 997):
            with open(cut, "wb") as file:
                file.write(whole[:size])
            status, out, err = self.verify(expect, recording=cut)
            if size < 12:
                self.assertEqual((status, out), (125, ""))
                self.assertEqual(err.count("\n"), 1, err)
            else:
                self.assertEqual(status, 1)
                self.assertIn(f"FAIL {cut}: ", out)


if __name__ == "__main__":
    main()
