# SPDX-License-Identifier: MIT OR Apache-2.0
"""Shared by the tests of `lastword test`: scenario files in a folder of their own, and what is said of them."""
import glob
import json
import os
import shutil
import subprocess
import tempfile
import unittest

LASTWORD = os.environ["LASTWORD"]
LOGGER = os.environ["SCENARIO_LOGGER"]
STATIC = os.environ["SCENARIO_STATIC"]
SOURCE = os.environ["SOURCE_ROOT"]
PROGRAMS = os.environ["PROGRAMS"]


class ScenarioCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lastword-scenario-", dir="/dev/shm")
        self.addCleanup(shutil.rmtree, self.folder)
        os.mkdir(self.path("sessions"))
        os.mkdir(self.path("work"))
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("LASTWORD_", "GITHUB_"))}
        self.environment.update(LASTWORD_DIR=self.path("sessions"), TMPDIR=self.path("work"), LC_ALL="C.UTF-8",
                                LASTWORD_SHIM=os.environ["LASTWORD_SHIM"], LOGGER=LOGGER, STATIC=STATIC)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def scenario(self, name, text):
        return self.write(name + ".yaml", text)

    def judge(self, *words, expected=0, **settings):
        """Runs `lastword test` in the folder; returns what it printed."""
        done = subprocess.run([LASTWORD, "test", *words], cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False, **settings)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        self.expect_nothing_left()
        return done.stdout + done.stderr

    def results(self, *words, expected=0):
        """The case events of a run, by name."""
        self.judge("--json", "events", *words, expected=expected)
        with open(self.path("events"), encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        return {event["name"]: event for event in events if event["event"] == "case"}

    def expect_nothing_left(self):
        self.assertEqual(os.listdir(self.path("work")), [])
        self.assertEqual(glob.glob(self.path("sessions/*/*")), [])
