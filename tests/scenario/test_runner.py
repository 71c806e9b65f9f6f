# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which cases run, how often, in which order, and how a run ends."""
import json
import os
import re
import resource
import signal
import subprocess
import xml.etree.ElementTree

from support import LASTWORD, ScenarioCase, unittest

PASSES = 'run: [sh, -c, "exec $LOGGER hello"]\nexpect: [{process: root, entity: log, text: hello}]\n'


class Runner(ScenarioCase):
    def test_a_matrix_makes_cases_and_stands_everywhere(self):
        self.scenario("m", 'run: [sh, -c, "exec $LOGGER \\"$A\\" {b}"]\nenv: {A: "a{a}"}\n'
                           "matrix: {a: [1, 2], b: [x, y]}\nends: {root: \"{end}\"}\n"
                           'expect:\n  - {process: root, entity: log, text: "a{a}"}\n'
                           '  - {process: root, entity: log, text: "{b}"}\n'.replace('"{end}"', "return 0"))
        self.assertEqual(self.judge("--list", "m.yaml").split("\n"),
                         ["m[a=1,b=x]", "m[a=1,b=y]", "m[a=2,b=x]", "m[a=2,b=y]", ""])
        results = self.results("m.yaml")
        self.assertEqual({result["verdict"] for result in results.values()}, {"pass"})
        self.assertEqual(len(results), 4)

    def test_filter_and_tags(self):
        for name, tags in (("one", "[fast]"), ("two", "[slow, fast]"), ("three", "[slow]")):
            self.scenario(name, PASSES + f"tags: {tags}\n")
        self.assertEqual(self.judge("--list", ".").split(), ["one", "three", "two"])
        self.assertEqual(self.judge("--list", "--tag", "fast", ".").split(), ["one", "two"])
        self.assertEqual(self.judge("--list", "--filter", "t*", ".").split(), ["three", "two"])
        self.assertEqual(self.judge("--list", "-f", "wo", "-f", "one", ".").split(), ["one", "two"])
        self.assertIn("no case has this name or tag", self.judge("--filter", "four", ".", expected=2))

    def test_repeat_and_until_fail(self):
        self.scenario("case", PASSES)
        self.assertEqual(sorted(self.results("--repeat", "3", "case.yaml")), ["case #1", "case #2", "case #3"])
        self.scenario("case", PASSES.replace("exec", "echo x >>runs; test $(wc -l <runs) -lt 4 && exec"))
        results = self.results("--until-fail", "-j", "1", "case.yaml", expected=1)
        self.assertEqual([result["verdict"] for result in results.values()], ["pass"] * 3 + ["fail"])
        self.scenario("case", PASSES.replace("exec", "$STATIC; exec"))
        self.judge("--until-fail", "--strict", "-j", "1", "case.yaml", expected=1, timeout=60)

    def test_a_seed_is_an_order(self):
        for i in range(12):
            self.scenario(f"case{i}", PASSES)

        def order(*words):
            return self.judge("--list", *words, ".").split()

        self.assertEqual(order("--seed", "7"), order("--seed", "7"))
        self.assertNotEqual(order("--seed", "7"), order())
        self.assertEqual(sorted(order("--seed", "7")), sorted(order()))

    def test_wrong_words_are_refused_before_anything_runs(self):
        self.scenario("good", PASSES.replace("exec", "touch ran; exec"))
        self.scenario("bad", PASSES.replace("run:", "rum:"))
        said = self.judge(".", expected=2)
        self.assertIn("bad.yaml:1:1: a file of expectations has no key 'rum'; did you mean 'run'?", said)
        self.assertFalse(os.path.exists(self.path("ran")))
        for words in ([], ["--jobs", "0", "good.yaml"], ["--github", "often", "good.yaml"], ["missing.yaml"],
                      ["-q", "-v", "good.yaml"], ["--frob", "good.yaml"], ["sessions"]):
            self.assertRegex(self.judge(*words, expected=2), r"^lastword: .+\n$")
        self.scenario("none", "expect: [{process: root, entity: log}]\n")
        self.assertIn("needs the key 'run'", self.judge("none.yaml", expected=2))

    def test_matrix_faults(self):
        for matrix, said in (("{pid: [1]}", "has a meaning already"), ("{a: []}", "1 to 1000"),
                             ("{a: [x, x]}", "stands here twice"), ("{a: ['x=y']}", "cases are named by it"),
                             ("[1]", "must be a mapping"), ("{1a: [1]}", "no name for an axis")):
            self.scenario("case", PASSES + f"matrix: {matrix}\n")
            self.assertRegex(self.judge("case.yaml", expected=2), rf"case\.yaml:3:\d+: .*{re.escape(said)}")
        self.scenario("case", PASSES + "matrix: {a: [z, x, y, x, z]}\n")
        self.assertIn("case.yaml:3:23: 'x' stands here twice", self.judge("case.yaml", expected=2))

    def test_update(self):
        path = self.scenario("case", "# kept\nabout: a case\n" + PASSES.replace("text: hello", "text: goodbye")
                             + "# also kept\nwithin: 20s\n")
        said = self.judge("--update", "case.yaml")
        self.assertIn('got      "hello"', said)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(text, '# kept\nabout: a case\nrun: [sh, -c, "exec $LOGGER hello"]\nends:\n'
                               '  root: return 0\nexpect:\n'
                               '  - {process: root, entity: "/log", text: "hello", level: "INFO"}\n'
                               "# also kept\nwithin: 20s\n")
        self.judge("case.yaml")
        self.scenario("matrix", PASSES.replace("text: hello", "text: no") + "matrix: {a: [1]}\n")
        self.assertIn("its matrix would be lost", self.judge("--update", "matrix.yaml", expected=1))

    def test_update_leaves_what_it_cannot_rewrite(self):
        text = "{" + PASSES.replace("\n", ", ", 1).replace("text: hello", "text: no").strip() + "}\n"
        path = self.scenario("case", text)
        self.assertIn("its keys stand in braces", self.judge("--update", "case.yaml", expected=1))
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), text)

    def test_update_does_not_write_what_an_interrupted_program_logged(self):
        os.mkfifo(self.path("ready"))
        text = PASSES.replace("exec $LOGGER hello", "$LOGGER bye; echo >ready; sleep 1000; exit 0").replace("root", "child")
        path = self.scenario("case", text)
        self.interrupt("--update", "case.yaml")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), text)

    def test_a_scenario_that_is_changed_while_others_run(self):
        self.scenario("a", PASSES.replace("exec", "sed -i /^run/d b.yaml; exec"))
        self.scenario("b", PASSES)
        self.assertIn("has no key 'run' any more", self.judge("-j", "1", "a.yaml", "b.yaml", expected=125))

    def test_few_descriptors(self):
        self.scenario("case", PASSES)
        for limit in (1024, 64, 20):
            self.judge("-j", "256", "--repeat", "3", "case.yaml",
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))

    def test_inherited_ways(self):
        self.scenario("case", PASSES)
        self.judge("case.yaml", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN), timeout=60)
        done = subprocess.run(["sh", "-c", 'exec "$0" test --junit report.xml case.yaml >&- 2>&- <&-', LASTWORD],
                              cwd=self.folder, env=self.environment, check=False)
        self.assertEqual(done.returncode, 0)
        xml.etree.ElementTree.parse(self.path("report.xml"))

    def test_a_reader_that_goes(self):
        self.scenario("case", PASSES)
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([LASTWORD, "test", "--repeat", "5", "case.yaml"], cwd=self.folder, env=self.environment,
                              stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
        os.close(writing)
        self.assertEqual(done.returncode, 125)
        self.assertIn("could not be written whole", done.stderr)
        self.expect_nothing_left()

    def test_children_from_before_live_on(self):
        self.scenario("case", PASSES)
        os.mkfifo(self.path("hold"))
        with subprocess.Popen(["sh", "-c", 'cat hold & exec "$0" test case.yaml >said', LASTWORD], cwd=self.folder,
                              env=self.environment, stdout=subprocess.PIPE, text=True) as process:
            with open(self.path("hold"), "w", encoding="utf-8") as hold:
                process.wait()
                hold.write("still here")
            self.assertEqual(process.communicate()[0], "still here")

    def test_evidence_is_a_recording(self):
        self.scenario("case", PASSES.replace("text: hello", "text: no"))
        self.judge("--evidence", "kept", "case.yaml", expected=1)
        done = subprocess.run([LASTWORD, "verify", "kept/case.rrd.zst", "-e", "case.yaml"], cwd=self.folder,
                              stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('got      "hello"', done.stdout)

    def test_each_case_has_evidence_of_its_own(self):
        self.scenario("m", PASSES.replace("text: hello", "text: no") + "matrix: {a: [x y, x-y, x/y]}\n")
        results = self.results("--evidence", "kept", "m.yaml", expected=1)
        self.assertEqual(sorted(os.listdir(self.path("kept"))),
                         ["m[a=x%20y].rrd.zst", "m[a=x%2Fy].rrd.zst", "m[a=x-y].rrd.zst"])
        for result in results.values():
            self.assertTrue(os.path.exists(self.path(result["evidence"])))
        long_name = "n" * 220
        self.scenario(long_name, PASSES.replace("text: hello", "text: no"))
        evidence = self.results("--evidence", "kept", long_name + ".yaml", expected=1)[long_name]["evidence"]
        self.assertRegex(evidence, r"^kept/n{200}-[0-9a-f]{16}\.rrd\.zst$")

    def test_interrupted(self):
        os.mkfifo(self.path("ready"))
        self.scenario("case", PASSES.replace("exec $LOGGER hello", "echo >ready; sleep 1000"))
        self.interrupt("--junit", "report.xml", "case.yaml")
        xml.etree.ElementTree.parse(self.path("report.xml"))

    def test_interrupted_program_that_does_not_care(self):
        os.mkfifo(self.path("ready"))
        self.scenario("case", PASSES.replace("exec $LOGGER hello",
                                             "trap '' TERM; echo >ready; sleep 1000; sleep 1000") + "within: 10m\n")
        self.interrupt("case.yaml")

    def test_interrupted_without_the_shim(self):
        os.mkfifo(self.path("ready"))
        self.scenario("case", PASSES.replace("exec $LOGGER hello", "case $LD_PRELOAD in *lastword*) exec $LOGGER hello;; "
                                             "esac; echo >ready; exec sleep 1000") + "lost: [root]\n")
        self.interrupt("--json", "events", "case.yaml")
        with open(self.path("events"), encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        self.assertEqual([e["verdict"] for e in events if e["event"] == "case"], ["fault"])

    def test_interrupted_at_any_moment(self):
        self.scenario("case", PASSES)
        for i in range(40):
            with subprocess.Popen([LASTWORD, "test", "--repeat", "20", "case.yaml"], cwd=self.folder,
                                  env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
                try:
                    process.communicate(timeout=0.002 * i)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGINT)
                process.communicate(timeout=60)
            self.expect_nothing_left()

    def interrupt(self, *words):
        """Interrupts a run whose program has written to the fifo `ready`."""
        with subprocess.Popen([LASTWORD, "test", *words], cwd=self.folder,
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as process:
            with open(self.path("ready"), encoding="utf-8") as ready:
                ready.read()
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 130, said)
        self.expect_nothing_left()

    def test_reports_agree(self):
        self.scenario("good", PASSES)
        self.scenario("bad", PASSES.replace("text: hello", "text: no"))
        self.scenario("left_out", PASSES + "skip_if: [no such-program]\n")
        said = self.judge("--junit", "report.xml", "--json", "events", "--github", "always", ".", expected=1)
        self.assertIn("::error file=", said)
        self.assertIn("1 passed, 1 failed, 1 skipped", said)
        suite = xml.etree.ElementTree.parse(self.path("report.xml")).getroot()
        cases = {case.get("name"): case for case in suite.iter("testcase")}
        self.assertEqual(len(cases["bad"].findall("failure")), 1)
        self.assertEqual(len(cases["left_out"].findall("skipped")), 1)
        self.assertEqual(list(cases["good"]), [])
        with open(self.path("events"), encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        self.assertEqual({e["name"]: e["verdict"] for e in events if e["event"] == "case"},
                         {"good": "pass", "bad": "fail", "left_out": "skipped"})

    def test_a_report_that_cannot_be_written(self):
        self.scenario("case", PASSES)
        self.assertIn("cannot write", self.judge("--junit", "no/such/folder", "case.yaml", expected=125))
        self.assertIn("could not be written whole", self.judge("--junit", "/dev/full", "case.yaml", expected=125))


unittest.main(verbosity=2)
