# SPDX-License-Identifier: MIT OR Apache-2.0
"""Negative controls: for each kind of expectation a scenario that must fail, and the diff that it must show.

controls/NAME.yaml, controls/NAME.txt. `UPDATE=1` in the environment writes the texts anew.
"""
import glob
import os
import re

from support import PROGRAMS, SOURCE, ScenarioCase, unittest

FOLDER = os.path.join(SOURCE, "tests", "scenario", "controls")


def masked(text):
    """Without what differs from run to run."""
    text = re.sub(r"\bpid[ =]\d+", lambda found: re.sub(r"\d+", "PID", found.group()), text)
    text = re.sub(r"process \d+", "process PID", text)
    text = re.sub(r"rec_[0-9a-f]{32}", "RECORDING", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    return re.sub(r"(\{\w+\} is) \w+ here, not \w+", r"\1 ONE here, not ANOTHER", text)


class Controls(ScenarioCase):
    def test_each_fails_as_it_should(self):
        results = self.results("--programs", PROGRAMS, FOLDER, expected=1)
        self.assertEqual(len(results), len(glob.glob(os.path.join(FOLDER, "*.yaml"))))
        self.assertGreater(len(results), 10)
        for name, result in results.items():
            with self.subTest(name=name):
                self.assertEqual(result["verdict"], "fail")
                got = masked(f'{result["reason"]}\n{result["details"]}'.replace(FOLDER + "/", ""))
                path = os.path.join(FOLDER, os.path.basename(name) + ".txt")
                if os.environ.get("UPDATE"):
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(got)
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(got, file.read())


unittest.main(verbosity=2)
