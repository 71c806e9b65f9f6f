/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A run as JSON lines, one object for each event as it happens: docs/test-json.md is the schema.
 */
#pragma once

#include "harness/scenario/report/test_report.h"

#define JSON_REPORT_SCHEMA 1 /* grows when a key changes its meaning or goes away */

/* Returns NULL without memory. */
struct test_report *json_report_create(FILE *out);
