# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs all cases of one module, as a program that uses the official Python SDK in the usual ways would.

    program.py MODULE FOLDER official|rerouted

It is run twice: with the official SDK as it is, every recording saved to a file of FOLDER, and under
`lastword run`, where no sink is named. What a case tells (answers of getters, exceptions) goes to
FOLDER/told.json; python_sdk.py compares that and the rows.
"""

import importlib
import json
import os
import sys
import traceback
import warnings

import rerun as rr

warnings.simplefilter("always")
CASES = []


def case(function, name=None):
    """Makes a function(run) a case; its name is the case's unless one is given."""
    CASES.append((name or function.__name__, function))
    return function


class Run:
    """What one case has to work with."""

    def __init__(self, name, folder, is_official):
        self.name = name
        self.folder = folder
        self.is_official = is_official
        self.told = []
        self.n_files = 0
        self.kept = []

    def sink(self, recording=None):
        """Gives a recording its file, where there is no lastword."""
        if self.is_official:
            self.n_files += 1
            path = os.path.join(self.folder, f"{self.name}-{self.n_files}.rrd")
            rr.save(path, recording=recording)

    def init(self, suffix="", *, with_sink=True, **options):
        """rr.init with ids that are the same in both runs."""
        name = self.name + suffix
        rr.init(name, **{"recording_id": name, "strict": True, "send_properties": False, **options})
        if with_sink:
            self.sink()

    def recording(self, suffix="", *, with_sink=True, **options):
        """A RecordingStream with ids that are the same in both runs, kept to the end of the case."""
        name = self.name + suffix
        recording = rr.RecordingStream(name, **{"recording_id": name, "send_properties": False, **options})
        self.kept.append(recording)
        if with_sink:
            self.sink(recording)
        return recording

    def tell(self, *values):
        self.told.append([repr(value) for value in values])

    def attempt(self, function, *arguments, **options):
        """Calls a function and tells its answer or its exception."""
        self.attempt_as("", function, *arguments, **options)

    def attempt_as(self, label, function, *arguments, **options):
        """The same, with a label that says in a difference which call it was."""
        try:
            answer = function(*arguments, **options)
        except BaseException as error:  # noqa: BLE001
            self.told.append([f"{label} {type(error).__name__}: {error}"])
        else:
            self.told.append([f"{label} answered {answer!r}"])

    def needs_sinks(self):
        """Whether `save` makes files; else the case is told to be not yet possible."""
        path = os.path.join(self.folder, f"{self.name}.sinks")
        recording = rr.RecordingStream(self.name + ".sinks", send_properties=False)
        recording.save(path)
        if os.path.exists(path):
            return True
        self.told.append(["save is not implemented"])
        return False

    def close(self):
        for recording in self.kept:
            if self.is_official:
                recording.disconnect()
        if self.is_official and rr.get_global_data_recording() is not None:
            rr.disconnect()
        rr.set_thread_local_data_recording(None)
        rr.set_global_data_recording(None)
        rr.set_strict_mode(False)


def run_case(function, name, folder, is_official):
    run = Run(name, folder, is_official)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            function(run)
        for warning in caught:
            run.told.append(["warning", warning.category.__name__, str(warning.message)])
    except Exception as error:  # noqa: BLE001
        traceback.print_exc()
        run.told.append(["case failed", type(error).__name__, str(error)])
    run.close()
    return run.told


def main():
    module, folder, way = sys.argv[1:4]
    sys.modules["program"] = sys.modules["__main__"]  # for the cases: one list of them
    importlib.import_module(module)
    told = {}
    for name, function in CASES:
        name = f"{module}_{name}"
        told[name] = run_case(function, name, folder, way == "official")
    with open(os.path.join(folder, "told.json"), "w", encoding="utf-8") as file:
        json.dump(told, file, indent=1)


if __name__ == "__main__":
    main()
