/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A run as JUnit XML, in the form that Jenkins' xunit plugin (junit-10), GitLab and their kin read.
 *
 *   fail, xpass    failure; its text is the problems and the details
 *   fault          error
 *   skipped, xfail skipped; xfail has type="xfail"
 *   flaky          flakyFailure, as Surefire has it: passed
 *   unknown        passed, with system-err that says so; failure when the run is strict
 *
 * `classname` is the scenario file as pytest writes it: scenarios/a.yaml is "scenarios.a". What
 * ended a run early is the suite's system-err. Nothing is written before finish, as the counts
 * stand first.
 */
#pragma once

#include "harness/scenario/report/test_report.h"

/* Returns NULL without memory. */
struct test_report *junit_report_create(FILE *out);
