# SPDX-License-Identifier: MIT OR Apache-2.0
"""docs/scenario.schema.json accepts all scenarios of the tree, names all keys, and refuses what lastword refuses."""
import glob
import json
import os
import re

import jsonschema
import yaml

from support import SOURCE, ScenarioCase, unittest

with open(os.path.join(SOURCE, "docs", "scenario.schema.json"), encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)
GOOD = "run: [x]\nexpect: [{process: root, entity: log}]\n"


def keys_of(source):
    with open(os.path.join(SOURCE, "harness", "verify", source), encoding="utf-8") as file:
        table = re.search(r"schema_key keys\[\] = \{(.*?)^\};", file.read(), re.DOTALL | re.MULTILINE).group(1)
    return set(re.findall(r'\{"(\w+)"', table))


class Schema(ScenarioCase):
    def test_it_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)

    def test_all_keys(self):
        self.assertEqual(set(SCHEMA["properties"]), keys_of("expectation.c"))
        self.assertEqual(set(SCHEMA["definitions"]["entry"]["properties"]), keys_of("expected_row.c"))

    def test_scenarios_of_the_tree(self):
        paths = glob.glob(os.path.join(SOURCE, "scenarios", "*.yaml"))
        paths += glob.glob(os.path.join(SOURCE, "tests", "scenario", "controls", "*.yaml"))
        paths += glob.glob(os.path.join(SOURCE, "tests", "queueing", "*.yaml"))
        self.assertGreater(len(paths), 20)
        for path in paths:
            with open(path, encoding="utf-8") as file:
                jsonschema.validate(yaml.safe_load(file), SCHEMA)

    def test_what_lastword_refuses_is_refused(self):
        jsonschema.validate(yaml.safe_load(GOOD), SCHEMA)
        for text in (GOOD.replace("run:", "rum:"), GOOD + "within: 3\n", GOOD + "skip_if: [python]\n",
                     GOOD + "flush: stdio\n", GOOD + "flush: ['a b']\n", GOOD + "flush: ['a::b']\n",
                     GOOD + "others: maybe\n", GOOD + "ends: {root: gone}\n", GOOD + "tags: []\n",
                     GOOD + "lost: [nobody]\n", "run: [x]\n", GOOD.replace("entity: log", "entity: log, txt: a"),
                     GOOD.replace("entity: log", "entity: log, count: some"),
                     GOOD.replace("entity: log", "entity: log, box_xywh: [1, 2, 3]"),
                     GOOD + "forbid: [{process: root, entity: log, count: 2}]\n"):
            with self.subTest(text=text):
                with self.assertRaises(jsonschema.ValidationError):
                    jsonschema.validate(yaml.safe_load(text), SCHEMA)
                self.scenario("case", text)
                self.judge("--list", "case.yaml", expected=2)


unittest.main(verbosity=2)
