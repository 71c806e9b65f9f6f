#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: shell.sh TREE
#
# Nothing in any script troubles shellcheck.
set -euo pipefail
cd "$1"

mapfile -t scripts < <(find dev .ci tests scenarios -type f -exec grep -lE '^#!.*sh$' {} +)
printf '%d scripts\n' "${#scripts[@]}"
((${#scripts[@]} > 0))
shellcheck "${scripts[@]}"
