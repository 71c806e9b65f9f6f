/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is wrong with a recording, for people: process by process, each finding with the place of
 * its expectation.
 */
#pragma once

#include "harness/verify/match.h"
#include "harness/verify/terminal.h"

#define DIFF_MAX_FINDINGS 50 /* of one process; the rest is counted */

/* Writes all findings; nothing when there are none. */
void diff_print(const struct terminal *terminal, const struct match *match,
                const struct expectation *expectation, const struct recording *recording);

/* Writes the verdict in one line without a newline: "FAIL m.rrd: 1 row missing, 2 fit". */
void diff_print_verdict(const struct terminal *terminal, const struct match *match,
                        const struct expectation *expectation, const struct recording *recording,
                        const char *recording_path);

/* Writes a process by role, birth and pid: "child 2 (pid 4244)"; also for other views. */
void diff_print_process(const struct terminal *terminal, const struct recorded_process *process);
