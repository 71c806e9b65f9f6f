# SPDX-License-Identifier: MIT OR Apache-2.0
"""usage: read_reports.py WRITE_REPORT PAGE

Reads every report as those do that it is for, and finds each text of each case in it again. Nothing of
lastword judges here: json and ElementTree of Python, TAP::Parser and prove of Perl, and for GitHub the
unescaping that its runner does. PAGE is docs/test-json.md, which must name every key and whose examples
must be JSON.
"""
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

write_report = os.path.abspath(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as page_file:
    page = page_file.read()


def written(kind, cases, **environment):
    """Returns the bytes of a report."""
    clean = {k: v for k, v in os.environ.items() if k not in ("TAP_VERSION", "GITHUB_ACTIONS", "GITHUB_WORKSPACE")}
    done = subprocess.run([write_report, kind, cases], stdout=subprocess.PIPE, check=True, env={**clean, **environment})
    return done.stdout


class Case:
    def __init__(self, fields):
        text = lambda: next(fields).decode("utf-8", "replace")
        self.name, self.file, self.verdict, self.reason, self.details, self.evidence = (text() for _ in range(6))
        self.problems = [text() for _ in range(int(text()))]


def raw(cases):
    fields = iter(written("raw", cases).split(b"\0")[:-1])
    found = []
    while True:
        try:
            found.append(Case(fields))
        except (StopIteration, RuntimeError):
            return found


nasty, good = raw("nasty"), raw("good")
assert len(nasty) == 9 and len(good) == 5
assert max(len(case.details) for case in nasty) >= 1 << 20


# --- JSON lines -------------------------------------------------------------------------------------

def check_json():
    lines = written("json", "nasty").decode("utf-8").split("\n")
    assert lines.pop() == ""
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events] == ["begin"] + ["case"] * len(nasty) + ["end"]
    assert events[0]["schema"] == 1 and events[0]["seed"] == "42" and events[0]["n_cases"] == len(nasty)
    for case, event in zip(nasty, events[1:]):
        for key in ("name", "file", "verdict", "reason", "details"):
            assert event[key] == getattr(case, key), (key, event[key])
        assert (event["evidence"] or "") == case.evidence
        assert [problem["text"] for problem in event["problems"]] == case.problems
    places = [(problem["line"], problem["column"]) for problem in events[2]["problems"]]
    assert places == [(9, 5), (None, None)], places
    end = events[-1]
    assert end["n_failed"] == 4 and end["n_not_run"] == 0 and end["fault"] is None
    assert sum(end["verdicts"].values()) == len(nasty) and end["verdicts"]["fail"] == 2
    end = json.loads(written("json", "early").decode().splitlines()[-1])
    assert end["n_not_run"] == 2 and end["fault"] == 'no memory: \\ # <&> ]]> "\n::x', end


def check_page():
    events = [json.loads(line) for line in written("json", "nasty").splitlines()]
    examples = [json.loads(line) for line in re.search("```json\n(.*?)```", page, re.DOTALL).group(1).splitlines()]
    for event, example in ((events[0], examples[0]), (events[1], examples[1]), (events[-1], examples[2])):
        assert list(event) == list(example), (list(event), list(example))
        for key in event:
            assert key == "event" or "`%s`" % key in page, key
    for verdict in events[-1]["verdicts"]:
        assert "\n| `%s` |" % verdict in page, verdict


# --- JUnit ------------------------------------------------------------------------------------------

# What the common readers allow: element -> (elements in it, attributes it must have, those it may have).
OUTCOME = (set(), {"type", "message"}, set())
JUNIT = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": ({"properties", "testcase", "system-out", "system-err"}, {"name", "tests", "failures", "errors"},
                  {"time", "skipped", "timestamp", "hostname", "id", "package", "file"}),
    "testcase": ({"skipped", "error", "failure", "flakyFailure", "flakyError", "system-out", "system-err"},
                 {"name", "classname"}, {"time"}),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "skipped": OUTCOME, "failure": OUTCOME, "error": OUTCOME, "flakyFailure": OUTCOME,
    "system-err": (set(), set(), set()),
}
ELEMENT_OF = {"pass": None, "fail": "failure", "xpass": "failure", "fault": "error", "skipped": "skipped",
              "xfail": "skipped", "flaky": "flakyFailure", "unknown": "system-err"}


def check_schema(element):
    children, required, allowed = JUNIT[element.tag]
    assert required <= set(element.attrib) <= required | allowed, (element.tag, element.attrib)
    if "time" in element.attrib:
        assert re.fullmatch(r"\d+\.\d{3}", element.get("time"))
    if element.tag in ("testsuites", "testsuite", "testcase", "properties"):
        assert not (element.text or "").strip()
    for child in element:
        assert child.tag in children, (element.tag, child.tag)
        check_schema(child)


def xml_of(text):
    """What is left of a text in XML 1.0."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)


def check_junit_case(case, element):
    assert element.get("name") == xml_of(case.name)
    assert element.get("classname") == 'scenarios.we%ird, a:b "c" <&>'
    outcome = ELEMENT_OF[case.verdict]
    assert [child.tag for child in element] == ([outcome] if outcome else []), case.name
    if outcome is None:
        return
    text = element[0].text or ""
    if outcome != "system-err":
        assert element[0].get("message") == xml_of(case.reason) and element[0].get("type") == case.verdict
    for part in [case.details, case.evidence] + case.problems:
        assert xml_of(part) in text, (case.name, part)


def check_junit():
    root = ElementTree.fromstring(written("junit", "nasty"))
    assert root.tag == "testsuites" and len(root) == 1
    check_schema(root)
    suite, elements = root[0], root[0].findall("testcase")
    assert len(elements) == len(nasty)
    for case, element in zip(nasty, elements):
        check_junit_case(case, element)
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(suite.get(attribute)) == len(suite.findall("testcase/" + tag)), attribute
    assert int(suite.get("tests")) == len(nasty) and suite.get("timestamp") == "2026-01-02T03:04:05"
    assert suite.find("properties/property[@name='seed']").get("value") == "42"
    root = ElementTree.fromstring(written("junit", "early"))
    check_schema(root)
    assert root[0].get("tests") == "3" and '<&> ]]> "' in root[0].find("system-err").text


# --- TAP --------------------------------------------------------------------------------------------

PERL = r"""
use strict; use warnings; use TAP::Parser; use JSON::PP;
my $parser = TAP::Parser->new({exec => [@ARGV]});
my (@tests, @other);
while (my $result = $parser->next) {
    if ($result->is_test) {
        push @tests, {number => $result->number, raw_ok => $result->ok, ok => $result->is_ok ? 1 : 0,
            description => $result->description, directive => $result->directive, reason => $result->explanation};
    } elsif ($result->is_yaml) {
        $tests[-1]{yaml} = $result->data;
    } elsif ($result->is_bailout) {
        push @other, ["bailout", $result->explanation];
    } elsif ($result->is_unknown) {
        push @other, ["unknown", $result->as_string];
    }
}
print JSON::PP->new->ascii->canonical->encode({tests => \@tests, other => \@other, version => $parser->version,
    errors => [$parser->parse_errors], good => $parser->is_good_plan ? 1 : 0});
"""


def parsed_tap(cases):
    done = subprocess.run(["perl", "-e", PERL, write_report, "tap", cases], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def tap_of(text):
    """How a description looks to a reader that leaves the escapes in."""
    text = re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", " ", text)
    return re.sub(r"([\\#])", r"\\\1", text)


def check_tap_case(case, test, number):
    assert test["number"] == number
    assert test["raw_ok"] == ("not ok" if case.verdict in ("fail", "xpass", "fault", "xfail") else "ok")
    # Perl takes blanks off the ends.
    assert test["description"].strip() == ("- " + tap_of(case.name)).strip(), test
    wanted = {"skipped": "SKIP", "xfail": "TODO"}.get(case.verdict, "")
    assert test["directive"] == wanted, test
    if wanted:
        assert test["reason"] == tap_of(case.reason)
    assert ("yaml" in test) == (case.verdict not in ("pass", "skipped")), test
    if "yaml" in test:
        assert test["yaml"]["verdict"] == case.verdict
        assert len(test["yaml"].get("problems", [])) == len(case.problems)
        if case.problems:
            assert test["yaml"]["line"] == "9" and test["yaml"]["column"] == "5"


def check_tap():
    read = parsed_tap("nasty")
    assert read["good"] and not read["errors"] and not read["other"] and read["version"] == 13, read
    assert len(read["tests"]) == len(nasty)
    for number, (case, test) in enumerate(zip(nasty, read["tests"]), 1):
        check_tap_case(case, test, number)
    assert parsed_tap("early")["other"][0][0] == "bailout"
    # Only the version line tells 14 from 13.
    new, old = written("tap", "nasty"), written("tap", "nasty", TAP_VERSION="13")
    assert new.startswith(b"TAP version 14\n1..9\n") and old.startswith(b"TAP version 13\n")
    assert new.split(b"\n")[1:] == old.split(b"\n")[1:]
    assert not re.search(rb"^# Subtest", new, re.MULTILINE)


def prove(cases):
    command = ["prove", "--exec", write_report + " tap", cases]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          cwd=os.path.dirname(os.path.abspath(write_report)))


def check_prove():
    folder = os.path.dirname(os.path.abspath(write_report))
    names = [os.path.join(folder, name) for name in ("good", "nasty")]
    assert not any(os.path.exists(name) for name in names)
    done = prove("good")
    assert done.returncode == 0 and "Result: PASS" in done.stdout, done.stdout
    done = prove("nasty")
    assert done.returncode != 0 and "Failed 4/9" in done.stdout.replace("\n", " "), done.stdout


# --- GitHub -----------------------------------------------------------------------------------------

def unescaped(text, is_property=False):
    codes = {"%0D": "\r", "%0A": "\n", "%25": "%"}
    codes.update({"%3A": ":", "%2C": ","} if is_property else {})
    return re.sub("%(0D|0A|25|3A|2C)", lambda match: codes.get(match.group(), match.group()), text)


def github_of(text):
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", "\ufffd", text)


def check_github():
    lines = written("github", "nasty").decode("utf-8").split("\n")
    assert lines.pop() == ""
    wanted = [(case, text) for case in nasty if case.verdict not in ("pass", "skipped", "xfail")
              for text in (case.problems or [case.reason or "no more is known"])]
    assert len(lines) == len(wanted), lines
    for line, (case, text) in zip(lines, wanted):
        command, properties, message = re.fullmatch(r"::(error|warning) (.*?)::(.*)", line).groups()
        assert command == ("warning" if case.verdict in ("flaky", "unknown") else "error")
        properties = dict(part.split("=", 1) for part in properties.split(","))
        assert unescaped(properties["file"], True) == case.file
        assert unescaped(properties["title"], True) == github_of(case.name) + ": " + case.verdict
        assert unescaped(message) == github_of(text)
        assert (properties.get("line"), properties.get("col")) == (("9", "5") if text in nasty[1].problems[:1]
                                                                   else (None, None))


# --- Console ----------------------------------------------------------------------------------------

def check_console():
    lines = written("console", "nasty").decode("utf-8").split("\n")
    assert lines.pop() == ""
    assert not re.search("[\x00-\x1f\x7f-\x9f]", "".join(lines))
    assert lines[-1] == "1 passed, 4 failed, 1 skipped, 1 flaky, 1 unknown, 1 xfail in 3.2 s", lines[-1]
    assert written("console", "good").decode().split("\n")[-2].startswith("1 passed, 0 failed, 1 skipped, ")


for check in (check_json, check_page, check_junit, check_tap, check_prove, check_github, check_console):
    check()
    print(check.__name__, "ok")
