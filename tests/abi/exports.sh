#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: exports.sh TREE LIBRARY PYTHON_LIBRARY
#
# liblastword.so exports what liblastword.symbols lists and the headers declare, needs no library but
# libc, and imports nothing that it must not use in other people's programs: threads, sockets, stdio's
# streams, locks. malloc serves one function that has nothing to do with rows.
set -euo pipefail
export LC_ALL=C
tree=$1 library=$2 python_library=$3

readonly forbidden='(calloc|realloc|reallocarray|posix_memalign|strdup|strndup|v?asprintf|v?f?printf|'\
'f?puts|f?putc|putchar|fopen.*|fdopen|fclose|fflush|fwrite|fread|getline|perror|std(in|out|err)|'\
'setenv|putenv|unsetenv|clearenv|pthread_(create|mutex|rwlock|spin|cond)_?.*|socket|connect|sendto|'\
'fork|vfork|posix_spawn.*|exec.*|signal|sigaction|exit|_exit|abort)'

exported=$(nm -D --defined-only "$library" | awk '{print $3}' | sort)
imported=$(nm -D --undefined-only "$library" | sed -E 's/.* //; s/@.*//' | sort)
declared=$(cat "$tree"/sdk/include/*.h | sed -E 's,/\*.*\*/,,' |
    grep -oE '\b_?(rr|lw)_[a-z0-9_]+\(' | grep -v '^rr_make_string' | tr -d '(' | sort -u)

diff "$tree/tests/abi/liblastword.symbols" <(echo "$exported") ||
    { echo 'exported symbols (>) differ from tests/abi/liblastword.symbols (<)' && exit 1; }
diff <(echo "$declared") <(grep -v '^lastword_spool_v1$' <<<"$exported") ||
    { echo 'exported symbols (>) differ from what the headers declare (<)' && exit 1; }
grep -qx clock_gettime <<<"$imported" || { echo 'the imports were not understood' && exit 1; }
# A sanitizer brings imports and libraries of its own.
if ! grep -qE '^__(asan|ubsan|tsan)_' <<<"$imported"; then
    ! grep -xE "$forbidden" <<<"$imported" ||
        { echo 'the library imports what it may not use' && exit 1; }
    ! readelf -d "$library" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p' |
        grep -vxE 'libc\.so\.[0-9]+|ld-linux.*' ||
        { echo 'the library needs another one than libc' && exit 1; }
fi

# The library for Python programs shows one function, and takes from others what Python's limited API,
# the shim and libc have: an unknown name would keep it from being loaded.
[[ $(nm -D --defined-only "$python_library" | awk '{print $3}') == lastword_python_attach ]] ||
    { echo 'the Python library exports something else than lastword_python_attach' && exit 1; }
! nm -D --undefined-only "$python_library" | awk '{print $NF}' |
    grep -vxE '_?Py[A-Za-z_0-9]+|lastword_spool_v1|.*@GLIBC_[0-9.]+|__(gmon_start|cxa_finalize).*|_ITM_.*' ||
    { echo 'the Python library imports what nobody has' && exit 1; }
