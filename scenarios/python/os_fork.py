# SPDX-License-Identifier: MIT OR Apache-2.0
"""os.fork and os._exit, three times beside each other or each below the other.

    os_fork.py flat|nested
"""

import os
import sys

from rows import log_rows, start

start()
log_rows("root")
for depth in (1, 2, 3):
    child = os.fork()
    if child == 0:
        log_rows(f"child {depth}")
    if sys.argv[1] == "flat" and child == 0:
        os._exit(3)
    if sys.argv[1] == "nested" and child != 0:
        os.waitpid(child, 0)
        os._exit(3 if depth > 1 else 0)
if sys.argv[1] == "flat":
    for _ in range(3):
        os.wait()
else:
    os._exit(3)
