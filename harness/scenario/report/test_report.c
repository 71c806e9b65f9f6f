/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What all reports have in common: who closes the output, and that a write error is kept until
 * somebody asks. Each call is flushed, so that what has been reported outlives a crash and an error
 * is found at the case where it happened.
 */
#include "harness/scenario/report/test_report.h"

#include <errno.h>
#include <stdlib.h>

void test_report_fail(struct test_report *report, int error)
{
    if (report->error == 0) {
        report->error = error;
    }
}

struct test_report *test_report_create(const struct test_report_kind *kind, size_t size, FILE *out)
{
    struct test_report *report = calloc(1, size);
    if (report != NULL) {
        report->kind = kind;
        report->out = out;
    }
    return report;
}

/* --- Errors ----------------------------------------------------------------------------------- */

static bool is_open(struct test_report *report)
{
    errno = 0;
    return report->error == 0 && report->out != NULL;
}

/* A write inside a call may fail and the last flush succeed: only the stream remembers it. */
static void settle(struct test_report *report)
{
    if (fflush(report->out) != 0 || ferror(report->out)) {
        test_report_fail(report, errno != 0 ? -errno : -EIO);
    }
}

static void close_out(struct test_report *report)
{
    FILE *out = report->out;
    report->out = NULL;
    if (out != NULL && out != stdout && out != stderr && fclose(out) != 0) {
        test_report_fail(report, -errno);
    }
}

/* --- The calls -------------------------------------------------------------------------------- */

void test_report_begin(struct test_report *report, const struct test_run *run)
{
    report->run = *run;
    if (is_open(report) && report->kind->begin != NULL) {
        report->kind->begin(report);
        settle(report);
    }
}

void test_report_started(struct test_report *report, const char *name)
{
    if (is_open(report) && report->kind->started != NULL) {
        report->kind->started(report, name);
        settle(report);
    }
}

void test_report_case_done(struct test_report *report, const struct case_result *result)
{
    if (is_open(report) && report->kind->case_done != NULL) {
        report->kind->case_done(report, result);
        settle(report);
    }
}

int test_report_finish(struct test_report *report, const struct test_totals *totals)
{
    if (is_open(report)) {
        if (report->kind->finish != NULL) {
            report->kind->finish(report, totals);
        }
        settle(report);
    }
    close_out(report);
    return report->error;
}

void test_report_destroy(struct test_report *report)
{
    if (report == NULL) {
        return;
    }
    if (report->kind->done != NULL) {
        report->kind->done(report);
    }
    close_out(report);
    free(report);
}

/* --- Verdicts --------------------------------------------------------------------------------- */

bool test_run_fails(const struct test_run *run, enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_FAIL:
    case VERDICT_XPASS:
    case VERDICT_FAULT:
        return true;
    case VERDICT_UNKNOWN:
        return run->is_strict;
    default:
        return false;
    }
}

size_t test_totals_n_failed(const struct test_totals *totals, const struct test_run *run)
{
    size_t n = 0;
    for (enum verdict verdict = 0; verdict < N_VERDICTS; verdict++) {
        n += test_run_fails(run, verdict) ? totals->n[verdict] : 0;
    }
    return n;
}

size_t test_totals_n_not_run(const struct test_totals *totals)
{
    size_t n = 0;
    for (enum verdict verdict = 0; verdict < N_VERDICTS; verdict++) {
        n += totals->n[verdict];
    }
    return totals->n_cases > n ? totals->n_cases - n : 0;
}
