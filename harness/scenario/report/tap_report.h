/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A run in the Test Anything Protocol, for prove, meson and the like. A case that fails as its
 * xfail says is a TODO; one that passes in spite of it is `not ok`. Each case that is not a plain
 * pass has a YAML block (verdict, file, line, column, problems, ...) and its details as comments.
 * A run that ends early says "Bail out!".
 * Source: https://testanything.org/tap-version-14-specification.html
 */
#pragma once

#include "harness/scenario/report/test_report.h"

/* Returns NULL without memory. `version`: 13 or 14, which is all the difference between the two. */
struct test_report *tap_report_create(FILE *out, unsigned version);

/*
 * Returns the version that whoever started us understands: prove sets TAP_VERSION, and the one of
 * Debian 12 (Test::Harness 3.44) takes version 14 for a failure. 14 where nobody asks for another.
 */
unsigned tap_report_wanted_version(void);
