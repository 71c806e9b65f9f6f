# SPDX-License-Identifier: MIT OR Apache-2.0
"""Each verdict, of programs that behave and of programs that do not."""
import os
import subprocess

from support import PROGRAMS, ScenarioCase, unittest

PASSES = 'run: [sh, -c, "exec $LOGGER hello"]\nexpect: [{process: root, entity: log, text: hello}]\n'
FAILS = PASSES.replace("text: hello", "text: goodbye")


class Verdicts(ScenarioCase):
    def verdict(self, text, *options, expected):
        self.scenario("case", text)
        return self.results("case.yaml", *options, expected=expected)["case"]

    def test_pass_and_fail(self):
        self.assertEqual(self.verdict(PASSES, expected=0)["verdict"], "pass")
        self.assertEqual(self.verdict(FAILS, expected=1)["verdict"], "fail")

    def test_xfail_and_xpass(self):
        result = self.verdict(FAILS + "xfail: issue 12\n", expected=0)
        self.assertEqual((result["verdict"], result["reason"]), ("xfail", "issue 12"))
        self.assertEqual(self.verdict(PASSES + "xfail: issue 12\n", expected=1)["verdict"], "xpass")
        text = PASSES.replace("sh,", "./no-such-program,")
        self.assertEqual(self.verdict(text + "xfail: issue 12\n", expected=1)["verdict"], "fail")

    def test_skipped(self):
        for condition in ("no surely-no-such-program", "env LOGGER", "no env SURELY_NOT_SET",
                          "root" if os.geteuid() == 0 else "not root"):
            result = self.verdict(FAILS + f"skip_if: [{condition}]\n", expected=77)
            self.assertEqual((result["verdict"], result["reason"]), ("skipped", condition))
        self.verdict(PASSES + "skip_if: [no sh, env SURELY_NOT_SET, no env LOGGER]\n", expected=0)

    def test_a_process_that_cannot_be_entered_is_unknown(self):
        text = PASSES.replace("exec $LOGGER", "$STATIC; exec $LOGGER")
        verdict = self.verdict(text, expected=0)
        self.assertEqual(verdict["verdict"], "unknown")
        self.assertIn(": static)", verdict["reason"])
        self.assertEqual(self.verdict(text, "--strict", expected=1)["verdict"], "unknown")

    def test_a_process_that_becomes_a_program_that_cannot_be_entered_is_unknown(self):
        for exec_it in ("(exec $STATIC)", "(exec $LOGGER hello -- $STATIC)"):
            text = PASSES.replace("exec $LOGGER hello", f"{exec_it}; exec $LOGGER hello")
            if "hello --" in text:
                text = text.replace("text: hello}", "text: hello}, {process: child, entity: log}")
            self.assertEqual(self.verdict(text, expected=0)["verdict"], "unknown")

    def test_what_is_expected_of_a_process_that_cannot_be_entered_fails(self):
        text = PASSES.replace("exec $LOGGER", "$STATIC; exec $LOGGER")
        self.assertEqual(self.verdict(text + "ends: {child: return 0}\n", expected=1)["verdict"], "fail")

    def test_a_program_that_is_not_there(self):
        result = self.verdict(PASSES.replace("sh,", "./no-such-program,"), expected=1)
        self.assertEqual(result["verdict"], "fail")
        self.assertIn("cannot run './no-such-program'", result["details"])

    def test_no_rows_is_a_failure(self):
        result = self.verdict('run: ["true"]\nexpect: [{process: root, entity: log}]\n', expected=1)
        self.assertIn("no rows", result["details"])

    def test_flaky(self):
        text = PASSES.replace("exec $LOGGER hello", "test -e mark && exec $LOGGER hello; touch mark")
        result = self.verdict(text, "--retries", "2", expected=0)
        self.assertEqual((result["verdict"], result["n_attempts"]), ("flaky", 2))

    def test_a_hang_is_ended_and_told(self):
        text = PASSES.replace("exec $LOGGER hello", "$LOGGER hello; sleep 1000") + "within: 1s\n"
        result = self.verdict(text.replace("root", "child 1"), expected=1)
        self.assertIn("had not ended after 1s", result["reason"])
        self.assertRegex(result["details"], r"process \d+ \(sleep\) was sleeping")
        self.assertNotIn("missing", result["details"])

    def test_a_time_out_is_told_as_it_was_set(self):
        text = PASSES.replace("exec $LOGGER hello", "$LOGGER hello; trap : TERM; while :; do sleep 1000; done")
        result = self.verdict(text.replace("root", "child 1") + "within: 600ms\n", expected=1)
        self.assertEqual(result["reason"], "had not ended after 600ms")

    def test_what_is_left_behind_is_named_and_ended(self):
        text = PASSES.replace("exec $LOGGER hello", "$LOGGER hello; sleep 1000 & echo $! >pid; exit 0")
        result = self.verdict(text.replace("root", "child 1"), expected=1)
        self.assertRegex(result["reason"], r"left process \d+ \(sleep\) running")
        self.assertRegex(result["details"], r"\(sleep\), sleeping in .*, with standard output and standard error open")
        with open(self.path("pid"), encoding="utf-8") as file:
            self.assertFalse(os.path.exists("/proc/" + file.read().strip()))

    def test_what_may_run_on(self):
        text = PASSES.replace("exec $LOGGER hello", "$LOGGER hello; sleep 1000 & exit 0")
        self.verdict(text.replace("root", "child 1") + "ends: {child 2: running}\n", expected=0)

    def test_a_flood_of_output_takes_no_memory(self):
        text = PASSES.replace("exec $LOGGER", "head -c 100000000 /dev/zero; exec $LOGGER")
        result = self.verdict(text, expected=0)
        self.assertIn("standard output, 100000000 bytes", result["details"])

    def test_closed_descriptors(self):
        code = "import os; os.closerange(0, 1000); os.execv(os.environ['LOGGER'], ['logger', 'hello'])"
        self.verdict(PASSES.replace('sh, -c, "exec $LOGGER hello"', f'/usr/bin/python3, -S, -c, "{code}"'),
                     expected=0)

    def test_lost_rows_prove_something(self):
        text = PASSES.replace("exec $LOGGER hello", f"exec {PROGRAMS}/bare_exec empty").replace(
            "text: hello}", "text: before exec}, {process: root, entity: log, text: after exec}")
        result = self.verdict(text + "lost: [root]\n", expected=0)
        self.assertIn("1 of 2 rows of root missing", result["details"])
        result = self.verdict(PASSES + "lost: [root]\n", expected=1)
        self.assertIn("proves nothing", result["reason"])
        self.verdict(PASSES + "lost: [root]\n", "--no-control", expected=0)

    def test_surroundings(self):
        self.write("data", "from a file\n")
        os.mkdir(self.path("inner"))
        self.verdict(
            'run: [sh, -c, "read line; $LOGGER \\"$line\\" \\"$WORD\\" \\"${HOME-none}\\" \\"${PWD##*/}\\""]\n'
            "stdin: typed\nenv: {WORD: a word, HOME: ~}\ncwd: inner\n"
            "expect:\n"
            "  - {process: child, entity: log, text: typed}\n"
            "  - {process: child, entity: log, text: a word}\n"
            "  - {process: child, entity: log, text: none}\n"
            "  - {process: child, entity: log, text: inner}\n", expected=0)

    def test_a_supervisor_that_dies_is_a_fault(self):
        self.scenario("case", PASSES.replace("exec $LOGGER hello", "kill -9 $PPID; sleep 1000"))
        self.judge("case.yaml", expected=125)

    def test_what_a_dead_supervisor_leaves_is_ended_before_the_next_case(self):
        self.scenario("a", PASSES.replace("exec $LOGGER hello",
                                          "$LOGGER hello; (sh -c 'sleep 1000 & sleep 1000' &); kill -9 $PPID; sleep 1000"))
        self.scenario("b", PASSES)
        results = self.results("-j", "1", "a.yaml", "b.yaml", expected=125)
        self.assertEqual([results[name]["verdict"] for name in "ab"], ["fault", "pass"])

    def test_a_program_that_stops_itself_is_ended_in_time(self):
        text = PASSES.replace("exec $LOGGER hello", "$LOGGER hello; kill -STOP $$") + "within: 1s\n"
        result = self.verdict(text.replace("root", "child 1"), expected=1)
        self.assertIn("had not ended after 1s", result["reason"])
        self.assertRegex(result["details"], r"process \d+ \(sh\) was stopped")

    def test_a_folder_is_no_program(self):
        os.mkdir(self.path("sh"))
        self.verdict(PASSES, expected=0)

    def test_unknown_is_not_flaky(self):
        text = PASSES.replace("exec $LOGGER hello", "test -e mark || { touch mark; exit 1; }; $STATIC; exec $LOGGER hello")
        self.assertEqual(self.verdict(text, "--retries", "1", "--strict", expected=1)["verdict"], "unknown")

    def test_more_left_behind_than_can_be_told_apart(self):
        text = PASSES.replace("exec $LOGGER hello", "for i in $(seq 70); do sleep 1000 & done; exec $LOGGER hello")
        result = self.verdict(text + "ends: {program sleep: running}\n", expected=1)
        self.assertIn("left 70 processes running, more than the 64", result["reason"] + result["details"])

    def expect_nothing_left(self):
        super().expect_nothing_left()
        left = subprocess.run(["pgrep", "-f", self.folder], stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(left.stdout, "")


unittest.main(verbosity=2)
