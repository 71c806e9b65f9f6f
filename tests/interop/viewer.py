# SPDX-License-Identifier: MIT OR Apache-2.0
"""The real Rerun viewer, without a window, opens what `lastword run` recorded and knows all of it.

    viewer.py [--screenshot PNG] LASTWORD PROGRAM [ARGUMENT...]

Runs Rerun's multiprocessing example in one of its forms, opens the recording in the viewer and compares the viewer's own account of it with what
the scenario logs: entities, components, and no complaint in its log.
"""

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time

import rerun_cli
from rerun.experimental import ViewerClient

LOAD_SECONDS = 60
EXPECTED = {"/log": {"TextLog:text"}}
EXPECTED.update({f"/task_{i}": {"Boxes2D:centers", "Boxes2D:half_sizes", "Boxes2D:labels"}
                 for i in range(4)})


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def viewer(recording, log):
    """The viewer's real binary: the one on the PATH is a wrapper that cannot be signalled."""
    port = free_port()
    binary = os.path.join(os.path.dirname(rerun_cli.__file__), "rerun")
    command = [binary, "--headless", "--bind", "127.0.0.1", "--port", str(port), recording]
    with open(log, "w") as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                   env=dict(os.environ, RERUN_ANALYTICS="0"))
    try:
        yield process, f"rerun+http://127.0.0.1:{port}/proxy"
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_loaded(process, url):
    """A client of the viewer that has the recording open and nothing left to load."""
    deadline = time.monotonic() + LOAD_SECONDS
    problem = "it never answered"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client = ViewerClient.connect(url)
            state = client.get_state()
            if state.recordings and not state.loading:
                return client
            problem = f"it shows {len(state.recordings)} recordings"
        except Exception as error:  # the client raises its own kinds while the viewer starts
            problem = str(error)
        time.sleep(0.1)  # between two questions; the deadline is what bounds them
    raise SystemExit(f"the viewer did not open the recording: {problem}")


def check(client):
    found = {entity.entity_path: {component.component for component in entity.components}
             for entity in client.get_recording_schema().entities}
    for entity, components in EXPECTED.items():
        missing = components - found.get(entity, set())
        if missing:
            raise SystemExit(f"the viewer does not know {sorted(missing)} of {entity}; it has {found}")
    processes = [entity for entity in found if entity.startswith("/lastword/processes/")]
    if len(processes) != 4:
        raise SystemExit(f"the viewer knows {len(processes)} processes, not 4: {sorted(found)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lastword")
    parser.add_argument("--screenshot")
    parser.add_argument("program", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lastword-viewer-") as folder:
        recording = os.path.join(folder, "m.rrd")
        log = os.path.join(folder, "viewer.log")
        subprocess.run([options.lastword, "run", "-q", "-o", recording, "--", *options.program],
                       check=True)
        with viewer(recording, log) as (process, url):
            client = wait_loaded(process, url)
            check(client)
            if options.screenshot:
                client.save_screenshot(os.path.abspath(options.screenshot))
        with open(log) as file:
            complaints = [line for line in file if "rrd" in line and ("ERROR" in line or "WARN" in line)]
        if complaints:
            sys.exit("the viewer complains: " + "".join(complaints))


if __name__ == "__main__":
    main()
