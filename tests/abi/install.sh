#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: install.sh TREE BUILD PREFIX LIBDIR
#
# `meson install` puts everything where it is looked for, and a program that knows only pkg-config
# builds and runs against it.
set -euo pipefail
build=$2 prefix=$3 libdir=$4

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
DESTDIR=$stage meson install -C "$build" --no-rebuild --quiet

for file in bin/lastword "$libdir/liblastword.so" "$libdir/lastword/liblastword-preload.so" \
    "$libdir/lastword/liblastword-python.so" \
    "$libdir/pkgconfig/lastword.pc" include/lastword/rerun.h include/lastword/lastword.h \
    share/man/man1/lastword.1 share/man/man1/lastword-test.1 share/man/man5/lastword-scenario.5; do
    [[ -e $stage$prefix/$file ]] || { echo "not installed: $prefix/$file" && exit 1; }
done
(cd "$stage$prefix" && find . -type f | sort)

cat >"$stage/program.c" <<'C'
#include <lastword.h>
#include <stdio.h>

int main(void)
{
    return puts(rr_version_string()) < 0;
}
C
export PKG_CONFIG_PATH=$stage$prefix/$libdir/pkgconfig PKG_CONFIG_SYSROOT_DIR=$stage
read -ra flags <<<"$(pkg-config --cflags --libs lastword)"
cc -o "$stage/program" "$stage/program.c" "${flags[@]}"
# In a sanitizer build the library brings the runtime to a program that is without.
export LD_LIBRARY_PATH=$stage$prefix/$libdir ASAN_OPTIONS=verify_asan_link_order=0
[[ $("$stage/program") == 0.41.0 ]]
[[ $("$stage$prefix/bin/lastword" --version) == "lastword "* ]]
