#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: includes.sh TREE
#
# Who may include what (docs/architecture.md, "Parts"): what is loaded into a program stays small and
# brings no library along, and the parts know each other in one direction only.
set -euo pipefail
cd "$1"

readonly outside_libc='<(nanoarrow|flatcc|lz4|zstd|yaml|bsd|md5|sha2|xxhash|nghttp2|elfutils|criterion)'
n_includes=0
n_breaches=0

# check FOLDER ALLOWED [REFUSED]: each #include "..." of the folder's files must match the one pattern, and
# none, of a system header neither, the other.
check() {
    local folder=$1 allowed=$2 refused=${3:-^$} file line directive include
    while IFS=: read -r file line directive; do
        [[ $directive =~ [\"\<][^\"\>]+[\"\>] ]] || continue
        include=${BASH_REMATCH[0]}
        n_includes=$((n_includes + 1))
        if [[ $include =~ $refused || ($include == \"* && ! $include =~ $allowed) ]]; then
            printf '%s:%s: may not include %s\n' "$file" "$line" "$include"
            n_breaches=$((n_breaches + 1))
        fi
    done < <(grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' "$folder")
}

check sdk/record '"sdk/record/' "$outside_libc"
check sdk/spool '"sdk/(record|spool)/' "$outside_libc"
check sdk '"(sdk/|rerun\.h"|lastword\.h")' "$outside_libc"
check preload '"(preload/|sdk/(record|spool)/)' "$outside_libc"
check python '"(python/|sdk/)' "$outside_libc"
check harness '"(harness/|sdk/(record|spool)/|preload/target\.h")' '<(rerun|lastword)\.h>'
check scenarios '"[a-z_]+\.h"' "$outside_libc"

printf '%d includes, %d breaches\n' "$n_includes" "$n_breaches"
((n_includes > 0 && n_breaches == 0))
