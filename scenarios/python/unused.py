# SPDX-License-Identifier: MIT OR Apache-2.0
"""A parent imports rerun and does not use it; its three children do, and one more program only imports it."""

import multiprocessing
import subprocess
import sys

import rerun  # noqa: F401

from rows import join, log_rows, start


def task():
    start()
    log_rows("child")


print("other", subprocess.run([sys.executable, "-c", "import rerun"], check=False).returncode)
fork = multiprocessing.get_context("fork")
children = [fork.Process(target=task) for _ in range(3)]
for child in children:
    child.start()
join(children)
