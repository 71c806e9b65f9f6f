# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program alone logs, and ends at once.

    main_ends.py "_exit 3"|exec|abort|SIGTERM|SIGKILL
"""

import sys

from rows import end_by, log_rows, start

start()
log_rows("root")
end_by(sys.argv[1])
