#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: spdx.sh TREE
#
# Every file that people write says its licence in its first lines.
set -euo pipefail
cd "$1"

readonly line='SPDX-License-Identifier: MIT OR Apache-2.0'
n_files=0
n_without=0
while IFS= read -r file; do
    n_files=$((n_files + 1))
    if [[ $(head -n 5 "$file") != *"$line"* ]]; then
        printf '%s: the first lines must say "%s"\n' "$file" "$line"
        n_without=$((n_without + 1))
    fi
done < <(find . \( -path './build*' -o -path './.*/*' -o -path './subprojects/nanoarrow-*' -o -path ./subprojects/flatcc.wrap -o -path '*/__pycache__' \) -prune -o -type f \( \
    -name '*.[ch]' -o -name '*.def' -o -name '*.in' -o -name '*.map' -o -name '*.build' -o -name '*.wrap' \
    -o -name 'meson_options.txt' -o -name 'requirements.txt' -o -name '*.md' -o -name '*.py' -o -name '*.sh' \
    -o -name '*.yaml' -o -name '*.[1-9]' -o -name dev -o -path ./tests/python \) -print)
printf '%d files, %d without\n' "$n_files" "$n_without"
((n_files > 0 && n_without == 0))
