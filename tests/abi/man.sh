#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: man.sh TREE LASTWORD
#
# The man pages are well formed; lastword(1) has a section for each verb that `lastword --help` lists, and
# for none that it does not; lastword-test(1) has the options of `lastword test --help`; and
# lastword-scenario(5) has the keys that the reader of scenarios names.
set -euo pipefail
page=$1/man/lastword.1
lastword=$2

mandoc -T lint -W warning "$1"/man/*.[15]

listed=$("$lastword" --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort)
described=$(sed -nE 's/^\.Ss lastword ([a-z]+)$/\1/p' "$page" | sort)
if [[ $listed != "$described" ]]; then
    echo "man/lastword.1: the verbs with a section '.Ss lastword VERB' (right) are not those of --help (left):"
    diff <(echo "$listed") <(echo "$described")
fi

# Compares two sorted lists of words.
same() {
    if [[ $2 != "$3" ]]; then
        echo "man/$1: what it has (right) is not what there is (left):"
        diff <(echo "$2") <(echo "$3")
    fi
}
options=$("$lastword" test --help | grep -oE '^  (-[a-z], |    )--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u)
same lastword-test.1 "$options" "$(sed -nE 's/^\.It .*Fl -([a-z-]+).*|^\.It Fl [a-z] , -([a-z-]+).*/--\1\2/p' "$1/man/lastword-test.1" | sort -u)"
keys=$(sed -n '/^static const struct schema_key keys/,/^};/p' "$1/harness/verify/expectation.c" | grep -oE '\{"[a-z_]+"' | tr -d '{"' | sort)
same lastword-scenario.5 "$keys" "$(sed -nE 's/^\.It Ic ([a-z_]+)$/\1/p' "$1/man/lastword-scenario.5" | sort)"
