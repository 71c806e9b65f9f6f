/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Annotations for GitHub Actions: one for each problem, at its place in the scenario file. Errors
 * for what fails the run, warnings for flaky and unknown, nothing for the rest. (GitHub shows ten
 * of each kind for a step; the others stand in its log.)
 */
#pragma once

#include "harness/scenario/report/test_report.h"

/*
 * `workspace`: the folder that file names are written relative to, or NULL for GITHUB_WORKSPACE,
 * else the current one. A file outside of it keeps its name. Returns NULL without memory.
 */
struct test_report *github_report_create(FILE *out, const char *workspace);

/* Says whether we run in a workflow of GitHub Actions: what "auto" means. */
bool github_report_is_wanted(void);
