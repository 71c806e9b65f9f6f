# SPDX-License-Identifier: MIT OR Apache-2.0
"""An official server on a port of its own, which saves all that arrives to a file."""

import contextlib
import re
import signal
import subprocess
import threading
import time
import uuid
import warnings

from official import RERUN, fail

import rerun as rr

PATIENCE_SECONDS = 30
warnings.filterwarnings("ignore", message=".*no footer.*")  # the server writes none


class Server:
    def __init__(self, process, path):
        self.process = process
        self.path = path
        self.port = self._wait_ready()
        self.url = f"rerun+http://127.0.0.1:{self.port}/proxy"
        threading.Thread(target=self._drain, daemon=True).start()

    def _wait_ready(self):
        """Its port, which it says once it listens."""
        for line in self.process.stdout:
            told = re.search(rb"Listening for gRPC connections on 127\.0\.0\.1:(\d+)", line)
            if told:
                return int(told[1])
        fail("the official server does not start")

    def _drain(self):
        for _ in self.process.stdout:
            pass

    def _connections(self):
        """How many connections it has not read to their end, from the kernel's table."""
        listens, time_wait = "0A", "06"
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table][1:]
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] not in (listens, time_wait) for row in rows)

    def settle(self):
        """Returns when all that ended clients have sent is in the file."""
        wait_for(lambda: self._connections() == 0, "clients of the official server do not end")
        marker = f"marker-{uuid.uuid4()}"
        recording = rr.RecordingStream(marker, send_properties=False)
        recording.connect_grpc(self.url)
        recording.log("marker", rr.TextLog("all before is there"))
        recording.disconnect()
        wait_for(lambda: marker.encode() in self.path.read_bytes(), "the official server does not save")


def wait_for(condition, problem):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            fail(problem)
        time.sleep(0.01)  # between two looks: the deadline is what bounds them


@contextlib.contextmanager
def official_server(path):
    """Runs a server that saves to `path` while the block runs."""
    command = [RERUN, "--bind", "127.0.0.1", "--port", "0", "--save", path]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield Server(process, path)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE_SECONDS)

