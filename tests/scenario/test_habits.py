# SPDX-License-Identifier: MIT OR Apache-2.0
"""In other people's runners: prove, pytest, meson and CTest, as docs/scenarios.md has it."""
import os
import re
import shutil
import subprocess
import sys

from support import LASTWORD, SOURCE, ScenarioCase, unittest

PASSES = 'run: [sh, -c, "exec $LOGGER hello"]\nexpect: [{process: root, entity: log, text: hello}]\n'


def block(language):
    with open(os.path.join(SOURCE, "docs", "scenarios.md"), encoding="utf-8") as file:
        return re.search(rf"```{language}\n(.*?)```", file.read(), re.DOTALL).group(1)


class Habits(ScenarioCase):
    def run_tool(self, *words, expected):
        self.environment["PATH"] = os.path.dirname(LASTWORD) + ":" + self.environment["PATH"]
        done = subprocess.run(words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, expected, done.stdout)
        return done.stdout

    def scenarios(self):
        self.scenario("good", PASSES)
        self.scenario("bad", PASSES.replace("text: hello", "text: no"))
        self.scenario("left_out", PASSES + "skip_if: [no such-program]\n")

    def test_prove(self):
        self.scenarios()
        said = self.run_tool("prove", "--exec", f"{LASTWORD} test --tap", "good.yaml", "left_out.yaml", expected=0)
        self.assertIn("Result: PASS", said)
        said = self.run_tool("prove", "--exec", f"{LASTWORD} test --tap", "bad.yaml", expected=1)
        self.assertIn("Failed 1/1", said)

    @unittest.skipUnless(shutil.which("meson"), "no meson")
    def test_meson(self):
        self.scenario("worker", PASSES)
        self.write("meson.build", "project('p')\n" + block("meson"))
        self.run_tool("meson", "setup", "build", expected=0)
        said = self.run_tool("meson", "test", "-C", "build", expected=0)
        self.assertIn("Ok:                 1", said)
        self.scenario("worker", PASSES.replace("text: hello", "text: no"))
        self.run_tool("meson", "test", "-C", "build", expected=1)

    @unittest.skipUnless(shutil.which("ctest"), "no CTest")
    def test_ctest(self):
        self.scenario("worker", PASSES)
        self.write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.16)\nproject(p NONE)\nenable_testing()\n"
                   + block("cmake"))
        self.run_tool("cmake", "-B", "build", expected=0)
        said = self.run_tool("ctest", "--test-dir", "build", expected=0)
        self.assertIn("100% tests passed", said)
        self.scenario("worker", PASSES + "skip_if: [no such-program]\n")
        self.assertIn("***Skipped", self.run_tool("ctest", "--test-dir", "build", expected=0))
        self.scenario("worker", PASSES.replace("text: hello", "text: no"))
        said = self.run_tool("ctest", "--test-dir", "build", "--output-on-failure", expected=8)
        self.assertIn('got      "hello"', said)

    def test_pytest(self):
        try:
            import pytest  # noqa: F401  pylint: disable=unused-import,import-outside-toplevel
        except ImportError:
            self.skipTest("no pytest")
        self.scenarios()
        self.write("conftest.py", block("python"))
        said = self.run_tool(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", expected=1)
        self.assertIn("1 failed, 1 passed, 1 skipped", said)
        self.assertIn('got      "hello"', said)


unittest.main(verbosity=2)
