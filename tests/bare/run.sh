#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: tests/bare/run.sh [VERB...]        as root; needs debootstrap
#
# Runs ./dev VERB (demo and test, unless told otherwise) on the committed tree in a new, bare Debian 12:
# no git, no Python, no sudo, no locale, an empty home, neither /proc nor /dev/shm mounted, no terminal.
# What this machine needs to reach packages (apt's and pip's configuration, proxies, certificates) is
# carried along. The chroot is removed at the end, however that comes.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
verbs=("$@")
((${#verbs[@]})) || verbs=(demo test)

[[ $EUID == 0 ]] || { echo "tests/bare/run.sh: must be root, for chroot" >&2 && exit 1; }
command -v debootstrap >/dev/null || { echo "tests/bare/run.sh: apt-get install debootstrap" >&2 && exit 1; }

chroot=$(mktemp -d "${TMPDIR:-/tmp}/lastword-bare.XXXXXX")
trap 'rm -rf --one-file-system "$chroot"' EXIT

# The archive that apt uses here, or debootstrap's own default.
# shellcheck disable=SC2016 # apt-get expands
mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk '$1 == "bookworm" && $2 == "main" { print $3; exit }')
debootstrap --variant=minbase bookworm "$chroot" ${mirror:+"$mirror"} >"$chroot.log" 2>&1 ||
    { cat "$chroot.log" && exit 1; }
rm -f "$chroot.log"

carry() {
    local path
    for path in "$@"; do
        [[ ! -e $path ]] || cp -rL --parents "$path" "$chroot"
    done
}
rm -rf "$chroot/etc/apt"
carry /etc/apt /etc/hosts /etc/resolv.conf /etc/pip.conf /usr/local/share/ca-certificates /usr/share/keyrings
for path in ~/.config/pip/pip.conf ~/.pip/pip.conf; do
    [[ ! -e $path ]] || cp "$path" "$chroot/etc/pip.conf"
done
environment=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root)
while IFS= read -r name; do
    environment+=("$name=${!name}")
done < <(compgen -e | grep -E '^PIP_|_proxy$|_PROXY$' || true)

rm -rf "$chroot/dev/shm"
chmod 755 "$chroot" # tests become other users
mkdir "$chroot/lastword"
git -C "$root" archive HEAD | tar -x -C "$chroot/lastword"

for verb in "${verbs[@]}"; do
    printf '=== ./dev %s in a bare Debian 12\n' "$verb"
    time env -i "${environment[@]}" chroot "$chroot" /lastword/dev "$verb" </dev/null
done
