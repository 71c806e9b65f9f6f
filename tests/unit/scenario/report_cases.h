/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Cases to report on: one of each verdict, with texts that break out of every format. */
#pragma once

#include "harness/scenario/report/test_report.h"

#define N_NASTY_CASES 9

/* Returns the cases, which last as long as the program. One has 1 MiB of details. */
const struct case_result *nasty_cases(void);

/* Five cases that do not fail a run: pass, skipped, flaky, xfail, unknown. */
#define N_GOOD_CASES 5
extern const struct case_result good_cases[N_GOOD_CASES];

/* Tells a report of a whole run of these cases, which took 3.2 s, and destroys it. Returns what
 * finish returned. */
int report_on(struct test_report *report, const struct case_result *cases, size_t n);

/* The same of a strict run. */
int report_strictly_on(struct test_report *report, const struct case_result *cases, size_t n);

/* The totals of such a run. */
struct test_totals totals_of(const struct case_result *cases, size_t n);

/* What the run is said to be: seed 42, 2 jobs, begun at 2026-01-02T03:04:05. */
struct test_run run_of(size_t n_cases);
