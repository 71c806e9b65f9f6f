# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program is killed by another one as soon as it has logged."""

import signal
import subprocess

from rows import log_rows, start

start()
killer = subprocess.Popen(["/bin/sh", "-c", "read line; kill -KILL $PPID"], stdin=subprocess.PIPE, bufsize=0)
log_rows("root")
killer.stdin.write(b"\n")
while True:
    signal.pause()
