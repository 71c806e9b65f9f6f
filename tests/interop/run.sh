#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Runs a driver with the Python that has the official SDK; 77, which meson counts as skipped, when there is none.
set -eu

python=$(dirname "$(readlink -f "$0")")/../../.venv/bin/python3
if [ ! -x "$python" ]; then
    echo "skipped: no .venv; ./dev setup makes it"
    exit 77
fi
exec "$python" "$@"
