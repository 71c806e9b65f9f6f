/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usage: write_report KIND good|nasty|early
 *
 * Writes a report to standard output, for readers of other houses to read. KIND `raw` gives the
 * texts as they are, each ended by a NUL: what the readers must find.
 */
#include "harness/scenario/report/console_report.h"
#include "harness/scenario/report/github_report.h"
#include "harness/scenario/report/json_report.h"
#include "harness/scenario/report/junit_report.h"
#include "harness/scenario/report/tap_report.h"
#include "tests/unit/scenario/report_cases.h"

#include <stdlib.h>
#include <string.h>

static void print_text(const char *text)
{
    fwrite(text, 1, strlen(text) + 1, stdout);
}

static void print_raw(const struct case_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct case_result *result = &results[i];
        char number[32];
        print_text(result->name);
        print_text(result->file);
        print_text(verdict_name(result->verdict));
        print_text(result->reason);
        print_text(result->details);
        print_text(result->evidence != NULL ? result->evidence : "");
        snprintf(number, sizeof(number), "%zu", result->n_problems);
        print_text(number);
        for (size_t j = 0; j < result->n_problems; j++) {
            print_text(result->problems[j].text);
        }
    }
}

static struct test_report *create(const char *kind)
{
    if (strcmp(kind, "console") == 0) {
        return console_report_create(stdout, CONSOLE_VERBOSE);
    }
    if (strcmp(kind, "tap") == 0) {
        return tap_report_create(stdout, tap_report_wanted_version());
    }
    if (strcmp(kind, "junit") == 0) {
        return junit_report_create(stdout);
    }
    if (strcmp(kind, "json") == 0) {
        return json_report_create(stdout);
    }
    return strcmp(kind, "github") == 0 ? github_report_create(stdout, NULL) : NULL;
}

/* Three cases of five, then the end. */
static int report_early(struct test_report *report)
{
    const struct test_run run = run_of(N_GOOD_CASES);
    struct test_totals totals = totals_of(good_cases, 3);
    totals.n_cases = N_GOOD_CASES;
    totals.fault = "no memory: \\ # <&> ]]> \"\n::x";

    test_report_begin(report, &run);
    for (size_t i = 0; i < 3; i++) {
        test_report_case_done(report, &good_cases[i]);
    }
    int error = test_report_finish(report, &totals);
    test_report_destroy(report);
    return error;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 2;
    }
    bool is_nasty = strcmp(argv[2], "nasty") == 0;
    const struct case_result *results = is_nasty ? nasty_cases() : good_cases;
    size_t n = is_nasty ? N_NASTY_CASES : N_GOOD_CASES;
    if (strcmp(argv[1], "raw") == 0) {
        print_raw(results, n);
        return EXIT_SUCCESS;
    }
    struct test_report *report = create(argv[1]);
    if (report == NULL) {
        return 2;
    }
    return (strcmp(argv[2], "early") == 0 ? report_early(report) : report_on(report, results, n)) ==
                   0
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}
