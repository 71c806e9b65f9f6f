# SPDX-License-Identifier: MIT OR Apache-2.0
"""The official Python SDK, rerouted, does what it does by itself.

    python_sdk.py LASTWORD [MODULE...]

The modules of cases/ are programs that use the SDK in all its ways. Each is run twice: by itself, saving to
files, and under `lastword run`. All recordings, entities, rows, columns, types, values, times and all answers
and exceptions of both runs must be equal.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from official import fail  # noqa: E402
from rows import read  # noqa: E402

CASES = Path(__file__).parent / "cases"
MODULES = sorted(path.stem for path in CASES.glob("*.py") if path.stem != "program")
MAX_SHOWN = 40
# For the module `switches`.
ENVIRONMENTS = [{"RERUN": "off"}, {"RERUN": "1", "RERUN_LOG_TICK": "1"}, {"RERUN": "nonsense", "RERUN_STRICT": "1"},
                {"RERUN_LOG_TIME": "0", "RERUN_LOG_TICK": "false"}]

# What an answer says that comes from a part of lastword that is not there yet: the case is then left out.
NOT_YET = ("is not implemented", "are not implemented")


def run(lastword, module, folder, way, more):
    """Runs a module's cases one way; returns ({recording: rows}, {case: what it told})."""
    program = [sys.executable, CASES / "program.py", module, folder, way]
    if way == "rerouted":
        program = [lastword, "run", "-o", folder / "all.rrd", "--", *program]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "RERUN_ANALYTICS_ENABLED": "false", "RUST_LOG": "off", **more}
    done = subprocess.run(program, env=environment, cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=170)
    if done.returncode != 0:
        fail(f"{module}, {way}: ended with {done.returncode}\n{done.stdout}{done.stderr}")
    recordings = {}
    for path in sorted(folder.glob("*.rrd")):
        for name, entities in read(path).items():
            for entity, rows in entities.items():
                recordings.setdefault(name, {}).setdefault(entity, []).extend(rows)
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return recordings, told, done.stderr


def differences(official, rerouted, path=""):
    """Where two values of the same shape differ, as lines."""
    if isinstance(official, dict) and isinstance(rerouted, dict):
        for key in sorted({*official, *rerouted}, key=str):
            place = f"{path}[{key!r}]"
            if key not in rerouted:
                yield f"{place}: MISSING {official[key]!r:.300}"
            elif key not in official:
                yield f"{place}: TOO MUCH {rerouted[key]!r:.300}"
            else:
                yield from differences(official[key], rerouted[key], place)
    elif isinstance(official, list) and isinstance(rerouted, list):
        if len(official) != len(rerouted):
            yield f"{path}: {len(rerouted)} of {len(official)}"
        for i, (one, other) in enumerate(zip(official, rerouted)):
            yield from differences(one, other, f"{path}[{i}]")
    elif official != rerouted:
        yield f"{path}: official {official!r:.300}\n    rerouted {rerouted!r:.300}"


def is_not_yet(told):
    return any(text in word for line in told for word in line for text in NOT_YET)


def of_case(recordings, case):
    return {name: rows for name, rows in recordings.items() if name[0] == case or name[0].startswith(case + ".")}


def check_module(lastword, module, folder, environment):
    """The number of differences between a module's two runs, which are printed."""
    results = {}
    for way in ("official", "rerouted"):
        place = Path(tempfile.mkdtemp(prefix=f"{module}-", dir=folder)) / way
        place.mkdir()
        results[way] = run(lastword, module, place, way, environment)
    (rows, told, _), (other_rows, other_told, stderr) = results["official"], results["rerouted"]
    if list(told) != list(other_told) or not told:
        fail(f"{module}: cases {list(told)} and {list(other_told)}")
    found, left_out, n_rows = [], [], 0
    for case in told:
        if any(line[0] == "case failed" for line in told[case]):
            fail(f"{case}: {told[case][-1]}: the official SDK does not do this\n{results['official'][2]}")
        if is_not_yet(other_told[case]):
            left_out.append(case)
            continue
        n_rows += sum(len(some) for entities in of_case(rows, case).values() for some in entities.values())
        found += differences(told[case], other_told[case], case)
        found += differences(of_case(rows, case), of_case(other_rows, case))
    print(f"{module}: {len(told) - len(left_out)} cases, {n_rows} rows; not yet: {' '.join(left_out) or 'none'}")
    for line in found[:MAX_SHOWN]:
        print("  " + line)
    if found:
        print(f"  {len(found)} differences\n{stderr[-2000:]}")
    if n_rows == 0 and len(left_out) < len(told) and environment.get("RERUN") != "off":
        fail(f"{module}: no rows at all")
    return len(found)


def main():
    lastword = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="lastword-python-") as folder:
        n = sum(check_module(lastword, module, Path(folder), environment)
                for module in sys.argv[2:] or MODULES
                for environment in (ENVIRONMENTS if module == "switches" else [{}]))
    if n:
        fail(f"{n} differences")


main()
