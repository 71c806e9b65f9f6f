/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What people see of a run: in a file, and on a terminal. */
#include "harness/scenario/report/console_report.h"

#include "tests/unit/scenario/report_cases.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct case_problem problems[] = {{"root: missing /x", 9, 5}, {"no rows", 0, 0}};

static const struct case_result failures[] = {
    {.name = "f[end=_exit]",
     .file = "s/f.yaml",
     .verdict = VERDICT_FAIL,
     .reason = "1 missing",
     .duration_us = 1250000,
     .n_problems = 2,
     .problems = problems,
     .details = "root (pid 7)\n  missing /x\n\n\tthe end",
     .evidence = "/tmp/f.rrd"},
    {.name = "it's",
     .file = "s/a b.yaml",
     .verdict = VERDICT_XPASS,
     .reason = "",
     .n_problems = 2,
     .problems = problems,
     .details = ""},
};

/* Our own CI may be a workflow of GitHub. */
static void forget_github(void)
{
    unsetenv("GITHUB_ACTIONS");
}

TestSuite(console_report, .init = forget_github);

static void expect(enum console_volume volume, const struct case_result *results, size_t n,
                   const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    setlocale(LC_CTYPE, "C.UTF-8");
    struct test_report *report = console_report_create(open_memstream(&text, &size), volume);
    cr_assert_eq(report_on(report, results, n), 0);
    cr_expect_str_eq(text, expected, "got:\n%s\nexpected:\n%s", text, expected);
    free(text);
}

#define GOOD_TOTALS "1 passed, 0 failed, 1 skipped, 1 flaky, 1 unknown, 1 xfail in 3.2 s\n"

Test(console_report, good)
{
    expect(CONSOLE_NORMAL, good_cases, N_GOOD_CASES,
           "5 cases, 2 at a time, seed 42\n"
           "pass        12 ms  a\n"
           "skipped            b: no gdb\n"
           "flaky       1.3 s  c: 2nd attempt\n"
           "xfail        0 ms  d: bug\n"
           "unknown      0 ms  e: pid 7\n"
           "\n" GOOD_TOTALS);
    expect(CONSOLE_QUIET, good_cases, N_GOOD_CASES, GOOD_TOTALS);
    expect(CONSOLE_VERBOSE, good_cases, 1,
           "1 case, 2 at a time, seed 42\n"
           "pass        12 ms  a\n"
           "  4 rows\n"
           "\n"
           "1 passed, 0 failed, 0 skipped in 3.2 s\n");
}

#define FAILURES                                                                                   \
    "\n"                                                                                           \
    "FAIL f[end=_exit]: 1 missing\n"                                                               \
    "  root (pid 7)\n"                                                                             \
    "    missing /x\n"                                                                             \
    "\n"                                                                                           \
    "      the end\n"                                                                              \
    "  recording: /tmp/f.rrd\n"                                                                    \
    "  again: lastword test s/f.yaml --filter 'f[end=_exit]'\n"                                    \
    "\n"                                                                                           \
    "XPASS it's\n"                                                                                 \
    "  s/a b.yaml:9:5: root: missing /x\n"                                                         \
    "  s/a b.yaml: no rows\n"                                                                      \
    "  again: lastword test 's/a b.yaml' --filter 'it'\\''s'\n"                                    \
    "\n"                                                                                           \
    "0 passed, 2 failed, 0 skipped in 3.2 s\n"

Test(console_report, failures_stand_at_the_end)
{
    expect(CONSOLE_NORMAL, failures, 2,
           "2 cases, 2 at a time, seed 42\n"
           "FAIL        1.3 s  f[end=_exit]: 1 missing\n"
           "XPASS        0 ms  it's\n" FAILURES);
    expect(CONSOLE_QUIET, failures, 2, FAILURES);
}

Test(console_report, strict_runs_fail_on_unknown)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = console_report_create(open_memstream(&text, &size), CONSOLE_QUIET);
    cr_assert_eq(report_strictly_on(report, &good_cases[4], 1), 0);
    cr_assert_str_eq(text, "\nUNKNOWN e: pid 7\n"
                           "  again: lastword test s/e.yaml --filter e\n"
                           "\n0 passed, 1 failed, 0 skipped in 3.2 s\n");
    free(text);
}

/* A line that begins with "::" is a command to the runner of GitHub, blanks before it or not. */
Test(console_report, a_program_cannot_talk_to_github)
{
    struct case_result result = failures[0];
    result.details = "::add-mask::a\n\n  ::error::b";
    setenv("GITHUB_ACTIONS", "true", 1);
    expect(CONSOLE_QUIET, &result, 1,
           "\n"
           "FAIL f[end=_exit]: 1 missing\n"
           "  | ::add-mask::a\n"
           "\n"
           "  |   ::error::b\n"
           "  recording: /tmp/f.rrd\n"
           "  again: lastword test s/f.yaml --filter 'f[end=_exit]'\n"
           "\n"
           "0 passed, 1 failed, 0 skipped in 3.2 s\n");
}

Test(console_report, an_early_end)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = console_report_create(open_memstream(&text, &size), CONSOLE_QUIET);
    const struct test_run run = run_of(3);
    const struct test_totals totals = {
        .n = {1}, .n_cases = 3, .was_interrupted = true, .fault = "no \x1b memory"};
    test_report_begin(report, &run);
    test_report_case_done(report, &good_cases[0]);
    cr_assert_eq(test_report_finish(report, &totals), 0);
    test_report_destroy(report);
    cr_assert_str_eq(text, "ended early: no \\x1b memory\ninterrupted\n"
                           "1 passed, 0 failed, 0 skipped, 2 not run in 0 ms\n");
    free(text);
}

/* --- On a terminal ---------------------------------------------------------------------------- */

#define ERASE "\r\x1b[K"

static char shown[8192];

/* Until the other side is closed and nothing is left: EIO on Linux. */
static void read_all(int master)
{
    size_t size = 0;
    ssize_t n;
    while ((n = read(master, shown + size, sizeof(shown) - 1 - size)) > 0) {
        size += (size_t)n;
    }
    shown[size] = '\0';
}

/* What a terminal of 40 columns gets of a run with two cases at a time. */
static void show(enum console_volume volume)
{
    int master, slave;
    const struct winsize size = {.ws_row = 24, .ws_col = 40};
    const struct test_run run = run_of(2);
    const struct test_totals totals = totals_of(good_cases, 2);

    setlocale(LC_CTYPE, "C.UTF-8");
    cr_assert_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
    struct test_report *report = console_report_create(fdopen(slave, "w"), volume);
    test_report_begin(report, &run);
    test_report_started(report, "a");
    test_report_started(report, "b");
    test_report_started(report, "a name that this line has no room for");
    test_report_case_done(report, &good_cases[0]);
    test_report_case_done(report, &good_cases[1]);
    cr_assert_eq(test_report_finish(report, &totals), 0);
    test_report_destroy(report);
    read_all(master);
    close(master);
}

Test(console_report, a_terminal_shows_what_is_running)
{
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    show(CONSOLE_NORMAL);
    cr_assert_str_eq(
        shown,
        "2 cases, 2 at a time, seed 42\r\n" ERASE "0/2 running: a" ERASE "0/2 running: a, b" ERASE
        "0/2 running: a, b, ..." ERASE "\x1b[32mpass    \x1b[0m    12 ms  a\r\n"
        "1/2 running: b, ..." ERASE "\x1b[36mskipped \x1b[0m           b\x1b[2m: no gdb\x1b[0m\r\n"
        "2/2 running: ..." ERASE "\r\n"
        "\x1b[32m1 passed, 0 failed, 1 skipped in 3.2 s\x1b[0m\r\n",
        "%s", shown);
}

Test(console_report, without_colours_the_line_is_still_erased)
{
    setenv("NO_COLOR", "1", 1);
    setenv("TERM", "xterm", 1);
    show(CONSOLE_NORMAL);
    cr_assert_not_null(strstr(shown, ERASE "pass        12 ms  a\r\n"), "%s", shown);
}

Test(console_report, a_dumb_terminal_gets_lines)
{
    setenv("TERM", "dumb", 1);
    show(CONSOLE_NORMAL);
    cr_assert_null(strchr(shown, '\x1b'), "%s", shown);
    cr_assert_null(strstr(shown, "running"), "%s", shown);
}
