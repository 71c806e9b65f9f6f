/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The report for people. A line for each case as it ends, on a terminal below it what is running;
 * at the end the failures in full; and as the last line always
 *
 *     48 passed, 1 failed, 2 skipped in 3.2 s
 *
 * with what else there is (flaky, unknown, xfail, not run) before "in". The numbers add up to the
 * number of cases: `failed` is everything that fails the run.
 */
#pragma once

#include "harness/scenario/report/test_report.h"

enum console_volume {
    CONSOLE_NORMAL,
    CONSOLE_QUIET,   /* only failures and totals */
    CONSOLE_VERBOSE, /* also the details of cases that did not fail */
};

/* Text of programs cannot move the cursor, nor give commands to GitHub's runner; colours and the
 * line of what is running are for terminals only (see terminal_probe). Returns NULL without memory.
 */
struct test_report *console_report_create(FILE *out, enum console_volume volume);
