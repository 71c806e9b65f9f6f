# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the probe told, and what docs/supervisor.md says of it."""
import fnmatch
import os
import re
from dataclasses import dataclass

DOCUMENT = os.path.join(os.environ["SOURCE_ROOT"], "docs/supervisor.md")
LABELS = {"direct", "fork", "clone", "exec", "vfork", "spawn", "attributes", "system", "popen", "daemon"}


@dataclass
class Row:
    """A row of the table: one fact, in which processes it differs, and whether that takes a special start."""
    fact: str
    labels: set
    sometimes: bool


def documented():
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    table = re.search(r"\n## What a program can notice\n.*?\n\| --- .*?\n(.*?)\n\n", text, re.DOTALL)[1]
    where = {"every process": LABELS, "PROG": {"direct"}, "PROG and orphans": {"direct", "daemon"}}
    rows = []
    for line in table.splitlines():
        what, place, _ = (cell.strip() for cell in line.strip("|").split("|", 2))
        place, _, condition = place.partition(", if ")
        rows.extend(Row(fact, where[place], bool(condition)) for fact in re.findall(r"`([^`]+)`", what))
    return rows


def told(text, started):
    """{(label, fact): [values]}; numbers of processes by their parts."""
    facts = {}
    for line in text.splitlines():
        label, rest = line.split(" ", 1)
        fact, _, value = rest.partition(": ")
        if fact == "mapping":
            fact, value = "mapping " + re.sub(r"^\d+-[0-9a-f]{16}\.", "*.", value), "mapped"
        facts.setdefault((label, fact), []).append(value)
    probe = facts["direct", "pid"][0]
    outside = {str(started): "who was started", str(os.getpid()): "starter", "1": "init"}
    for (label, fact), values in facts.items():
        names = outside if label in ("direct", "daemon") else {probe: "the probe"}
        if fact == "parent":
            values[:] = [names.get(value, "other") for value in values]
        elif fact == "pid":
            values[:] = ["who was started" if value == str(started) else "another" for value in values]
        # Pipes that the probe itself makes are new ones in each run.
        if fact.startswith("descriptor") and label in ("popen", "daemon"):
            values[:] = [re.sub(r"\d+:\d+, at -1, pipe:\[\d+\]", "pipe", value) for value in values]
        values.sort()
    return facts


def judge(without, within, also):
    """Differences that the table does not have, and its rows that were not seen to differ.

    also  the rows that differ in this start, beside those that always do
    """
    rows = [row for row in documented() if not row.sometimes or row.fact in also]
    undocumented, unseen = [], {row.fact for row in rows}
    for label, fact in sorted(without.keys() | within.keys()):
        values = without.get((label, fact)), within.get((label, fact))
        matching = {row.fact for row in rows if fnmatch.fnmatchcase(fact, row.fact) and label in row.labels}
        if values[0] != values[1]:
            unseen -= matching
            if not matching:
                undocumented.append((label, fact, *values))
    return undocumented, unseen
