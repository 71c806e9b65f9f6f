/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes of a recording for programs: one JSON object, described in lastword(1).
 */
#pragma once

#include "harness/ps/ps_totals.h"

#include <stdio.h>

#define PS_JSON_SCHEMA 1 /* grows when a key changes its meaning or goes away */

/* Writes all of them, without limit, in the order of the recording; write errors are `out`'s. */
void ps_json_print(FILE *out, const char *path, const struct recording *recording);
