# SPDX-License-Identifier: MIT OR Apache-2.0
"""The shim gets into every CPython, however it is started; with an unknown rerun-sdk it keeps its hands off.

    python_versions.py LASTWORD [EMBED]

All ways of starting are tried with the Python that runs this test, a few with every other one that is found on the
machine (LASTWORD_TEST_PYTHONS, separated by colons; pyenv; PATH) and has rerun. EMBED is a C program with a Python in it.
"""

import glob
import os
import shutil
import site
import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path

sys.dont_write_bytecode = True
from official import expect, fail  # noqa: E402

# Logs two rows, and one in a child that ends by _exit; says who logged them.
PROGRAM = """
import os, sys
import rerun as rr, rerun_bindings
is_rerouted = not type(rerun_bindings.save).__name__.startswith("builtin")
rr.init("versions", recording_id="versions")
rr.log("x", rr.TextLog("one"))
rr.log("x", rr.TextLog("two"))
if is_rerouted and os.fork() == 0:
    rr.log("child", rr.TextLog("three"))
    os._exit(0)
if is_rerouted:
    os.wait()
print(rerun_bindings.version().split()[1], "rerouted" if is_rerouted else "official")
"""
SUBINTERPRETER = """
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
run = getattr(interpreters, "run_string", None) or interpreters.exec
def run_other():
    other = interpreters.create()
    try:
        run(other, "import rerun_bindings, colorsys; assert type(rerun_bindings.save).__name__.startswith('builtin')")
    except Exception as error:
        assert "ImportError" in str(error), error
    except BaseException as error:
        print("other", error)
    interpreters.destroy(other)  # while there is one, forks hang: CPython's own fault
"""


def run_lines(command, source="", environment=None):
    done = subprocess.run(command, input=source, capture_output=True, text=True, timeout=50, env=environment)
    if done.returncode != 0:
        fail(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip(), done.stderr


def check(lastword, folder, what, command, wanted, source="", **variables):
    """Runs a command, which must say `wanted`; the rows that arrive are those of the rerouted SDK."""
    environment = {**os.environ, "RERUN_ANALYTICS_ENABLED": "false", "PYTHONDONTWRITEBYTECODE": "1", **variables}
    run = [lastword, "run", "-o", folder / "versions.rrd", "--", *command]
    said, report = run_lines(run, source, environment)
    expect(said.splitlines()[-1:], [wanted], what)
    logged = "3 rows logged, 3 stored" if wanted.endswith("rerouted") else "0 rows logged, 0 stored"
    if logged not in report:
        fail(f"{what}: {report}")


def ways(folder):
    """{what: (arguments, standard input, environment)} of starting Python."""
    script, package = folder / "program.py", folder / "package"
    script.write_text(PROGRAM, encoding="utf-8")
    package.mkdir()
    (package / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    zipapp.create_archive(package, folder / "program.pyz")
    packages = os.pathsep.join(site.getsitepackages())
    plain = {" ".join(options) or "plain": ([*options, script], "", {}) for options in (
        [], ["-I"], ["-E"], ["-s"], ["-X", "dev"], ["-X", "importtime"], ["-O"], ["-W", "error::SyntaxWarning"])}
    return {**plain,
            "-S": (["-S", script], "", {"PYTHONPATH": packages}),
            "-c": (["-c", PROGRAM], "", {}),
            "-m": (["-m", "package"], "", {"PYTHONPATH": str(folder)}),
            "zipapp": ([folder / "program.pyz"], "", {}),
            "standard input": ([], PROGRAM, {}),
            "-v": (["-v", script], "", {}),
            "subinterpreter first": (["-c", SUBINTERPRETER + "run_other()\n" + PROGRAM], "", {}),
            "subinterpreter later": (["-c", SUBINTERPRETER + PROGRAM + "run_other()\nprint(rerun_bindings.version().split()[1], "
                                     "'rerouted')"], "", {})}


def check_embedded(lastword, folder, embed):
    head = f"import sys; sys.path[:0] = {site.getsitepackages()!r}; sys.argv = ['embedded']\n"
    check(lastword, folder, "embedded", [embed, head + PROGRAM], "0.41.0 rerouted")
    check(lastword, folder, "embedded, twice", [embed, head + PROGRAM, "import colorsys"], "0.41.0 rerouted")


def other_pythons():
    names = os.environ.get("LASTWORD_TEST_PYTHONS", "").split(":")
    names += glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python3"))
    names += [shutil.which(f"python3.{minor}") for minor in range(8, 15)]
    return [name for name in dict.fromkeys(names) if name and os.path.exists(name)]


def version_of(python):
    """(CPython's, rerun-sdk's version, whether that is one that is rerouted); None without rerun."""
    done = subprocess.run([python, "-c", "import sys, rerun_bindings; print(sys.version.split()[0], "
                           "rerun_bindings.version().split()[1])"], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        return None
    python_version, version = done.stdout.split()
    return python_version, version, (0, 36) <= tuple(int(part) for part in version.split(".")[:2]) <= (0, 41)


def main():
    lastword = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="lastword-versions-") as name:
        folder = Path(name)
        all_ways = ways(folder)
        for what, (arguments, source, variables) in all_ways.items():
            check(lastword, folder, what, [sys.executable, *arguments], "0.41.0 rerouted", source, **variables)
        print(f"{sys.version.split()[0]}, rerun-sdk 0.41.0: {', '.join(all_ways)}")
        if len(sys.argv) > 2:
            check_embedded(lastword, folder, Path(sys.argv[2]).resolve())
            print("embedded: once, twice")
        for python in other_pythons():
            found = version_of(python)
            for what in ("plain", "-I", "-X dev", "subinterpreter first") if found else ():
                if found[2] or what != "subinterpreter first":  # older ones cannot be in two interpreters
                    way = "rerouted" if found[2] else "official"
                    check(lastword, folder, f"{python} {what}", [python, *all_ways[what][0]], f"{found[1]} {way}")
            if found:
                print(f"{found[0]}, rerun-sdk {found[1]}: {'rerouted' if found[2] else 'hands off'}")


main()
