/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each text is one that some format would take for a word of its own if it were not escaped. */
#include "tests/unit/scenario/report_cases.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "scenarios/we%ird, a:b \"c\" <&>.yaml"
#define LONG_SIZE (1 << 20)

static char problem_place[] = "child 2 (pid 4713): missing \"/task_2\" ]]> \\ # %0A\x07\x7f";
static char problem_file[] = "::error::two\nlines\r, \xff and \xc3";
static const struct case_problem problems[] = {{problem_place, 9, 5}, {problem_file, 0, 0}};

static const char details[] =
    "child 2 (pid 4713)\n"
    "  missing \"/task_2\" ]]> <tag attr='x'> &amp; 100%\n"
    "\n"
    "not ok 99 - a line of the program\r1..7\r\n"
    "Bail out! says the program\n"
    "Subtest: of the program\n"
    "  ---\n"
    "  ...\n"
    "\x1b[31mred\x1b[0m \xff\xfe bad, \xed\xa0\x80 surrogate, \xef\xbf\xbe none, \xef\xbf\xbf "
    "none\n"
    "\xe2\x80\xa8separator \xc2\x85next \xef\xbb\xbfmark \xf0\x9f\x8e\x89 party\ttab\n"
    "::error file=x::not ours\n"
    "no line feed at the end";

static struct case_result cases[N_NASTY_CASES] = {
    {.name = "plain", .verdict = VERDICT_PASS, .duration_us = 12000},
    {.name = "q\"uote's[a=<&>] ]]> %0A: # TODO \\# x\\, ::error::",
     .verdict = VERDICT_FAIL,
     .reason = "1 missing\nnot ok 98 # SKIP <\x01>",
     .duration_us = 1234567,
     .n_problems = 2,
     .problems = problems,
     .details = details,
     .evidence = "/tmp/a b/\xff\"x\".rrd"},
    {.name = "unseen\nok 97", .verdict = VERDICT_UNKNOWN, .reason = "pid 7 was not seen"},
    {.name = "\\", .verdict = VERDICT_SKIPPED, .reason = "no \"gdb\" # here \\", .n_attempts = 0},
    {.name = "7 is a number",
     .verdict = VERDICT_FLAKY,
     .reason = "passed at the 2nd attempt",
     .n_attempts = 2,
     .n_problems = 1,
     .problems = problems,
     .details = details},
    {.name = "x #fail", .verdict = VERDICT_XFAIL, .reason = "bug #12: \\#", .details = details},
    {.name = "x pass \xff", .verdict = VERDICT_XPASS, .reason = "bug 13 is gone"},
    {.name = "", .verdict = VERDICT_FAIL},
    {.name = "fault", .verdict = VERDICT_FAULT, .reason = "No space left on device"},
};

static char *long_text(void)
{
    static const char pattern[] =
        "]]>\xff a long line of the program, 100% of it: <&> \"quoted\" #\\\n";
    char *text = calloc(LONG_SIZE + 1, 1);
    for (size_t i = 0; text != NULL && i < LONG_SIZE; i++) {
        text[i] = pattern[i % (sizeof(pattern) - 1)];
    }
    return text;
}

const struct case_result *nasty_cases(void)
{
    static char *text;
    if (text != NULL) {
        return cases;
    }
    text = long_text();
    for (size_t i = 0; i < N_NASTY_CASES; i++) {
        struct case_result *result = &cases[i];
        result->file = FILE_NAME;
        result->reason = result->reason != NULL ? result->reason : "";
        result->details = result->details != NULL ? result->details : "";
    }
    cases[N_NASTY_CASES - 1].details = text;
    return cases;
}

const struct case_result good_cases[N_GOOD_CASES] = {
    {.name = "a", .file = "s/a.yaml", .reason = "", .details = "4 rows\n", .duration_us = 12000},
    {.name = "b",
     .file = "s/b.yaml",
     .verdict = VERDICT_SKIPPED,
     .reason = "no gdb",
     .details = ""},
    {.name = "c",
     .file = "s/c.yaml",
     .verdict = VERDICT_FLAKY,
     .reason = "2nd attempt",
     .details = "",
     .duration_us = 1250000,
     .n_attempts = 2},
    {.name = "d", .file = "s/d.yaml", .verdict = VERDICT_XFAIL, .reason = "bug", .details = ""},
    {.name = "e", .file = "s/e.yaml", .verdict = VERDICT_UNKNOWN, .reason = "pid 7", .details = ""},
};

struct test_run run_of(size_t n_cases)
{
    return (struct test_run){
        .n_cases = n_cases, .n_jobs = 2, .seed = 42, .started_at_s = 1767323045};
}

struct test_totals totals_of(const struct case_result *results, size_t n)
{
    struct test_totals totals = {.n_cases = n, .duration_us = 3200000};
    for (size_t i = 0; i < n; i++) {
        totals.n[results[i].verdict]++;
    }
    return totals;
}

static int tell(struct test_report *report, const struct test_run *run,
                const struct case_result *results)
{
    const struct test_totals totals = totals_of(results, run->n_cases);

    test_report_begin(report, run);
    for (size_t i = 0; i < run->n_cases; i++) {
        test_report_started(report, results[i].name);
        test_report_case_done(report, &results[i]);
    }
    int error = test_report_finish(report, &totals);
    test_report_destroy(report);
    return error;
}

int report_on(struct test_report *report, const struct case_result *results, size_t n)
{
    const struct test_run run = run_of(n);
    return tell(report, &run, results);
}

int report_strictly_on(struct test_report *report, const struct case_result *results, size_t n)
{
    struct test_run run = run_of(n);
    run.is_strict = true;
    return tell(report, &run, results);
}
