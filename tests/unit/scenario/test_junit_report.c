/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* JUnit XML as it stands; who else reads it, and nasty texts: read_reports.py. */
#include "harness/scenario/report/junit_report.h"

#include "tests/unit/scenario/report_cases.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *written(const struct case_result *results, size_t n)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = junit_report_create(open_memstream(&text, &size));
    cr_assert_eq(report_on(report, results, n), 0);
    return text;
}

#define START                                                                                      \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
    "<testsuites name=\"lastword\" tests=\"5\" failures=\"0\" errors=\"0\" time=\"3.200\">\n"      \
    "<testsuite name=\"lastword\" tests=\"5\" failures=\"0\" errors=\"0\" time=\"3.200\" "         \
    "skipped=\"2\" timestamp=\"2026-01-02T03:04:05\">\n"                                           \
    "<properties>\n<property name=\"seed\" value=\"42\"/>\n"

Test(junit_report, good)
{
    char *text = written(good_cases, N_GOOD_CASES);
    const char *body = strstr(text, "</properties>\n");
    cr_assert_not_null(body);
    cr_expect_eq(strncmp(text, START, strlen(START)), 0, "%s", text);
    cr_expect_str_eq(
        body, "</properties>\n"
              "<testcase classname=\"s.a\" name=\"a\" time=\"0.012\">\n</testcase>\n"
              "<testcase classname=\"s.b\" name=\"b\" time=\"0.000\">\n"
              "<skipped type=\"skipped\" message=\"no gdb\"></skipped>\n</testcase>\n"
              "<testcase classname=\"s.c\" name=\"c\" time=\"1.250\">\n"
              "<flakyFailure type=\"flaky\" message=\"2nd attempt\"></flakyFailure>\n</testcase>\n"
              "<testcase classname=\"s.d\" name=\"d\" time=\"0.000\">\n"
              "<skipped type=\"xfail\" message=\"bug\"></skipped>\n</testcase>\n"
              "<testcase classname=\"s.e\" name=\"e\" time=\"0.000\">\n"
              "<system-err>unknown: pid 7\n</system-err>\n</testcase>\n"
              "</testsuite>\n</testsuites>\n");
    free(text);
}

static void expect_class(const char *file, const char *expected)
{
    struct case_result result = good_cases[0];
    char wanted[128];
    result.file = file;
    snprintf(wanted, sizeof(wanted), "classname=\"%s\"", expected);
    char *text = written(&result, 1);
    cr_expect_not_null(strstr(text, wanted), "%s", text);
    free(text);
}

Test(junit_report, classes_are_named_as_files)
{
    expect_class("scenarios/a.b.yaml", "scenarios.a_b");
    expect_class("./x.yml", "x");
    expect_class("/tmp/x.yaml", "tmp.x");
    expect_class("../x", "__.x");
}

Test(junit_report, strict_runs_fail_on_unknown)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = junit_report_create(open_memstream(&text, &size));
    cr_assert_eq(report_strictly_on(report, &good_cases[4], 1), 0);
    cr_expect_not_null(strstr(text, "<failure type=\"unknown\" message=\"pid 7\">"), "%s", text);
    free(text);
}
