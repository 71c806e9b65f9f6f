/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* JSON lines as docs/test-json.md has them; nasty texts: read_reports.py. */
#include "harness/scenario/report/json_report.h"

#include "tests/unit/scenario/report_cases.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(json_report, good)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = json_report_create(open_memstream(&text, &size));
    cr_assert_eq(report_on(report, good_cases, 1), 0);
    cr_assert_str_eq(
        text,
        "{\"event\":\"begin\",\"schema\":1,\"lastword\":\"" LASTWORD_VERSION
        "\",\"n_cases\":1,\"n_jobs\":2,\"seed\":\"42\",\"started_at_s\":1767323045,"
        "\"is_strict\":false}\n"
        "{\"event\":\"case\",\"name\":\"a\",\"file\":\"s/a.yaml\",\"verdict\":\"pass\","
        "\"fails_run\":false,\"reason\":\"\",\"duration_us\":12000,\"n_attempts\":0,\"n_rows\":0,"
        "\"n_processes\":0,\"problems\":[],\"details\":\"4 rows\\n\",\"evidence\":null}\n"
        "{\"event\":\"end\",\"duration_us\":3200000,\"verdicts\":{\"pass\":1,\"fail\":0,"
        "\"unknown\":0,\"skipped\":0,\"flaky\":0,\"xfail\":0,\"xpass\":0,\"fault\":0},"
        "\"n_failed\":0,\"n_not_run\":0,\"was_interrupted\":false,\"fault\":null}\n",
        "%s", text);
    free(text);
}

/* Each event can be read when it has happened, not only at the end. */
Test(json_report, events_are_there_at_once)
{
    char *text = NULL;
    size_t size = 0;
    const struct test_run run = run_of(1);
    struct test_report *report = json_report_create(open_memstream(&text, &size));
    test_report_begin(report, &run);
    cr_assert_gt(size, 0);
    cr_assert_eq(text[size - 1], '\n');
    test_report_destroy(report);
    free(text);
}
