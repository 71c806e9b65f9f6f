#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: shell.sh TREE
#
# shellcheck has nothing to say about any script.
set -euo pipefail
cd "$1"

mapfile -t scripts < <(find dev .ci tests scenarios -type f -exec grep -lE '^#!.*sh$' {} +)
printf '%d scripts\n' "${#scripts[@]}"
((${#scripts[@]} > 0))
shellcheck "${scripts[@]}"
