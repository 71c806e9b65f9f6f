#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: symbols.sh LIBRARY TREE
#
# The shim exports what hooks.def lists, docs/fork.md tells of the same, and nothing is imported that
# the four rules of preload forbid: no malloc, no stdio, no locks, no environment changed.
set -euo pipefail
library=$1
tree=$2

readonly forbidden='(malloc|calloc|realloc|reallocarray|free|posix_memalign|strdup|strndup|asprintf|'\
'.*printf.*|f?puts|f?putc|putchar|fopen.*|fdopen|fclose|fflush|fwrite|fread|getline|perror|std(in|out|err)|'\
'setenv|putenv|unsetenv|clearenv|pthread_(mutex|rwlock|spin|cond)_.*|backtrace.*|syslog|__.*_chk)'

hooks=$(sed -nE 's/^X\(([A-Za-z_0-9]+), .*/\1/p' "$tree/preload/hooks.def" | sort)
exported=$(nm -D --defined-only "$library" | awk '{print $3}' | sort)
# shellcheck disable=SC2016 # the backquotes are the page's
documented=$(sed -nE 's/^\| `([A-Za-z_0-9]+)` \|.*/\1/p' "$tree/docs/fork.md" | sort)
imported=$(nm -D --undefined-only "$library" | sed -E 's/.* //; s/@.*//' | sort)

[[ $(wc -l <<<"$hooks") -ge 20 ]] || { echo 'hooks.def was not understood'; exit 1; }
diff <(printf '%s\nlastword_spool_v1\n' "$hooks" | sort) <(echo "$exported") ||
    { echo 'exported symbols (>) differ from hooks.def (<)'; exit 1; }
diff <(echo "$hooks") <(echo "$documented") ||
    { echo 'the table of docs/fork.md (>) differs from hooks.def (<)'; exit 1; }
grep -q '^dlsym$' <<<"$imported" || { echo 'the imports were not understood'; exit 1; }
if grep -xE "$forbidden" <<<"$imported"; then
    echo 'the shim imports what it may not use'
    exit 1
fi
needed=$(readelf -d "$library" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p')
if grep -vxE 'libc\.so\.[0-9]+|ld-linux.*' <<<"$needed"; then
    echo 'the shim needs another library than libc'
    exit 1
fi
