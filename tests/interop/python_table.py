# SPDX-License-Identifier: MIT OR Apache-2.0
"""The table of python/reroute.py says of all that leads to a recording what becomes of it; else: hands off.

    python_table.py LASTWORD REROUTE.PY

Every public function of the official SDK's native part is in exactly one of the tables, and nothing else is.
Then a module that is the native part but for one thing (another version, one function more, another signature,
one function less, another method) must stay as it is under `lastword run`; as it is, it must be replaced.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import rerun_bindings  # noqa: E402
from official import expect, fail  # noqa: E402

NATIVE = next(Path(rerun_bindings.__file__).parent.glob("rerun_bindings*.so"))

# rerun_bindings as it is, with `{change}` made last.
STUB = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("rerun_bindings.rerun_bindings", {native!r})
native = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = native
spec.loader.exec_module(native)
globals().update({{name: value for name, value in vars(native).items() if name not in ("__name__", "__path__", "__spec__")}})
{change}
"""
# Which names are not what the stub has put there; and one import for the audit hook.
PROGRAM = """
import rerun_bindings, colorsys
native = rerun_bindings.native
changed = rerun_bindings.__dict__.get("CHANGED", ())
other = [name for name in dir(native) if name not in changed and name[0] != "_" and
         getattr(rerun_bindings, name) is not getattr(native, name)]
for owner, name in (("LazyChunkStreamInternal", "send_to_recording"), ("_UrdfTreeInternal", "log")):
    if type(vars(getattr(native, owner))[name]).__name__ == "function":
        other.append(name)
print(" ".join(sorted(other)) or "untouched")
"""
HANDS_OFF = {
    "a later version": 'version = lambda: "rerun_py 0.99.0 (x)"; CHANGED = ["version"]',
    "an earlier version": 'version = lambda: "rerun_py 0.35.9 (x)"; CHANGED = ["version"]',
    "a version that is none": 'version = lambda: "unreleased"; CHANGED = ["version"]',
    "one function more, with a recording": "one_more = native.save",
    "another signature": 'flush = native.save; CHANGED = ["flush"]',
    "one function less": "del is_enabled, native.is_enabled",
    "one method more, with a recording": "class More:\n    one = vars(native.LazyChunkStreamInternal)['send_to_recording']",
    "a class less": "del FileSink, native.FileSink",
}
REPLACED = {
    "nothing": "",
    "another patch version": 'version = lambda: "rerun_py 0.41.7 (x)"; CHANGED = ["version"]',
    "one function more, without": "one_more = native.format_bytes",
}


def load_tables(path):
    names = {}
    exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), names)  # noqa: S102
    names["bindings"] = rerun_bindings
    return names


def check_tables(tables):
    found = dict(tables["public_functions"]())
    listed = [*tables["REROUTED"], *tables["MIRRORED"], *tables["REFUSED"], *tables["PASSED"]]
    expect(sorted(listed), sorted(set(listed)), "functions in the tables, each once")
    expect(sorted(listed), sorted(found), "public functions of rerun_bindings")
    telling = [name for name, signature in tables["public_methods"]() if tables["is_telling"](signature)]
    expect(sorted(telling), sorted(tables["METHODS"]), "methods that take a recording")
    passed = [name for name in tables["PASSED"] if "recording" in tables["parameters"](found[name]) and "blueprint" not in name]
    expect(passed, [], "functions that are passed on with a recording in it")
    return {*tables["REROUTED"], *tables["MIRRORED"], *tables["REFUSED"]}


def run_stub(lastword, folder, change):
    package = folder / "rerun_bindings"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(STUB.format(native=str(NATIVE), change=change), encoding="utf-8")
    command = [lastword, "run", "-o", folder / "stub.rrd", "--", sys.executable, "-c", PROGRAM]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode != 0:
        fail(f"{change}: ended with {done.returncode}:\n{done.stderr}")
    return done.stdout.strip()


def main():
    lastword = Path(sys.argv[1]).resolve()
    replaced = check_tables(load_tables(sys.argv[2]))
    replaced |= {"FileSink", "GrpcSink", "PyRecordingStream", "send_to_recording", "log"}
    with tempfile.TemporaryDirectory(prefix="lastword-table-") as folder:
        for what, change in REPLACED.items():
            expect(set(run_stub(lastword, Path(folder), change).split()), replaced, what)
        for what, change in HANDS_OFF.items():
            expect(run_stub(lastword, Path(folder), change), "untouched", what)
    print(f"{len(replaced)} replacements; hands off: {', '.join(HANDS_OFF)}")


main()
