#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: readme.sh TREE BUILD
#
# Every command that README shows in a block marked `sh` runs as it stands there, in a folder that looks
# like a built tree; those that use .venv only where there is one, and what they make is then there for the
# next. Of ./dev, whose verbs build and test all this, only the verb's name is checked.
set -euo pipefail
tree=$1
build=$2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for path in "$tree"/*; do
    [[ ${path##*/} == build* ]] || ln -s "$path" "$scratch/"
done
ln -s "$build" "$scratch/build"
[[ ! -e $tree/.venv ]] || ln -s "$tree/.venv" "$scratch/"
cd "$scratch"

verbs=$("$tree/dev" help | sed -nE 's/^  ([a-z]+) .*/\1/p')
# shellcheck disable=SC2016 # the backquotes are Markdown's
commands=$(sed -n '/^```sh$/,/^```$/{/^```/d;s/ *#.*//;/./p}' "$tree/README.md")
n_commands=0
while IFS= read -r command; do
    n_commands=$((n_commands + 1))
    if [[ $command =~ ^\./dev\ ([a-z]+) ]]; then
        grep -qx "${BASH_REMATCH[1]}" <<<"$verbs" || { echo "README.md: no such verb: $command" && exit 1; }
    elif [[ $command =~ \.venv|train\.rrd && ! -e .venv ]]; then
        printf 'without .venv: %s\n' "$command"
    else
        printf '$ %s\n' "$command"
        bash -euo pipefail -c "$command" </dev/null || { echo "README.md: failed: $command" && exit 1; }
    fi
done <<<"$commands"
printf '%d commands\n' "$n_commands"
((n_commands > 0))
