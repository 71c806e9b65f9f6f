# SPDX-License-Identifier: MIT OR Apache-2.0
"""A parent imports rerun and leaves its use to its three children. And a program logs for which nobody initialised."""

import multiprocessing
import subprocess
import sys

import rerun  # noqa: F401

from rows import join, log_rows, start


def task():
    start()
    log_rows("child")


nobody = "import rerun as rr; rr.log('log', rr.TextLog('nobody initialised'))"
print("other", subprocess.run([sys.executable, "-c", nobody], check=False).returncode)
fork = multiprocessing.get_context("fork")
children = [fork.Process(target=task) for _ in range(3)]
for child in children:
    child.start()
join(children)
