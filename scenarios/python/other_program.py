# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program runs itself as another one, which initialises, logs and leaves by os._exit.

    other_program.py
"""

import os
import subprocess
import sys

from rows import log_rows, start

start()
if sys.argv[1:] == ["other"]:
    log_rows("other")
    os._exit(3)
log_rows("root")
print("other", subprocess.run([sys.executable, __file__, "other"], check=False).returncode)
