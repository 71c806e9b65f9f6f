/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A report that nobody can read does not look like success, whatever its kind. */
#include "harness/scenario/report/console_report.h"
#include "harness/scenario/report/github_report.h"
#include "harness/scenario/report/json_report.h"
#include "harness/scenario/report/junit_report.h"
#include "harness/scenario/report/tap_report.h"
#include "tests/unit/scenario/report_cases.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define N_KINDS 5

static struct test_report *create(size_t kind, FILE *out)
{
    cr_assert_not_null(out);
    switch (kind) {
    case 0:
        return console_report_create(out, CONSOLE_NORMAL);
    case 1:
        return tap_report_create(out, 14);
    case 2:
        return junit_report_create(out);
    case 3:
        return json_report_create(out);
    default:
        return github_report_create(out, NULL);
    }
}

Test(test_report, a_full_disk_is_told)
{
    for (size_t kind = 0; kind < N_KINDS; kind++) {
        FILE *full = fopen("/dev/full", "w");
        cr_expect_eq(report_on(create(kind, full), nasty_cases(), N_NASTY_CASES), -ENOSPC);
    }
}

Test(test_report, a_reader_that_is_gone_is_told)
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t kind = 0; kind < N_KINDS; kind++) {
        int ends[2];
        cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
        close(ends[0]);
        FILE *out = fdopen(ends[1], "w");
        cr_expect_eq(report_on(create(kind, out), nasty_cases(), N_NASTY_CASES), -EPIPE);
    }
}

/* An error in the middle is told at the end, though the rest could be written. */
Test(test_report, the_first_error_is_kept)
{
    const struct test_totals totals = totals_of(good_cases, N_GOOD_CASES);
    struct test_report *report = create(3, tmpfile());

    test_report_fail(report, -ENOMEM);
    test_report_fail(report, -EIO);
    test_report_case_done(report, &good_cases[0]);
    cr_assert_eq(test_report_finish(report, &totals), -ENOMEM);
    test_report_destroy(report);
}

Test(test_report, the_output_is_closed_but_not_stdout)
{
    for (size_t kind = 0; kind < N_KINDS; kind++) {
        FILE *out = fopen("/dev/null", "w");
        int fd = fileno(out);
        cr_assert_eq(report_on(create(kind, out), good_cases, N_GOOD_CASES), 0);
        cr_assert_eq(fcntl(fd, F_GETFD), -1);

        out = fopen("/dev/null", "w");
        fd = fileno(out);
        struct test_report *report = create(kind, out);
        test_report_started(report, "never done");
        test_report_destroy(report);
        cr_assert_eq(fcntl(fd, F_GETFD), -1);

        test_report_destroy(create(kind, stdout));
        cr_assert_neq(fcntl(STDOUT_FILENO, F_GETFD), -1);
    }
    test_report_destroy(NULL);
}

Test(test_report, what_fails_a_run)
{
    const struct test_totals totals = {.n = {[VERDICT_PASS] = 1,
                                             [VERDICT_FAIL] = 2,
                                             [VERDICT_UNKNOWN] = 3,
                                             [VERDICT_SKIPPED] = 4,
                                             [VERDICT_FLAKY] = 5,
                                             [VERDICT_XFAIL] = 6,
                                             [VERDICT_XPASS] = 70,
                                             [VERDICT_FAULT] = 800},
                                       .n_cases = 900};
    struct test_run run = run_of(900);

    cr_assert_eq(test_totals_n_failed(&totals, &run), 872);
    run.is_strict = true;
    cr_assert_eq(test_totals_n_failed(&totals, &run), 875);
    cr_assert_eq(test_totals_n_not_run(&totals), 9);
    cr_assert_eq(test_totals_n_not_run(&(struct test_totals){.n = {1}}), 0);
}
