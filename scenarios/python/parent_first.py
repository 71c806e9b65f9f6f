# SPDX-License-Identifier: MIT OR Apache-2.0
"""The parent is gone, by os._exit, before its three children log."""

import os

from rows import log_rows, start

start()
log_rows("root")
reader, writer = os.pipe()  # only the parent holds its writing end
for _ in range(3):
    if os.fork() == 0:
        os.close(writer)
        os.read(reader, 1)
        log_rows("child")
        os._exit(3)
os._exit(0)
