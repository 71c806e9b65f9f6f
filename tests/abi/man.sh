#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: man.sh TREE LASTWORD
#
# The man page is well formed and has a section for each verb that `lastword --help` lists, and for none
# that it does not: a verb lands together with its page.
set -euo pipefail
page=$1/man/lastword.1
lastword=$2

mandoc -T lint -W warning "$page"

listed=$("$lastword" --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort)
described=$(sed -nE 's/^\.Ss lastword ([a-z]+)$/\1/p' "$page" | sort)
if [[ $listed != "$described" ]]; then
    echo "man/lastword.1: the verbs with a section '.Ss lastword VERB' (right) are not those of --help (left):"
    diff <(echo "$listed") <(echo "$described")
fi
