# SPDX-License-Identifier: MIT OR Apache-2.0
"""`lastword test` on the scenarios of the official SDK, whose programs connect to an official server.

    python_scenarios.py LASTWORD FOLDER [OPTION...]

Options go to `lastword test`. `python3` is the interpreter of this test, which has the SDK.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from server import official_server


def main():
    lastword, scenarios, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="lastword-python-") as folder:
        with official_server(Path(folder) / "server.rrd") as server:
            environment = {
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "VIEWER": server.url,
            }
            done = subprocess.run([lastword, "test", *options, scenarios], env=environment, check=False)
    sys.exit(done.returncode)


main()
