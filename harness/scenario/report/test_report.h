/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a runner of scenarios tells, and what every report of it is: a thing that is told of the
 * begin, of each case, and of the end. Each kind has its own file with its constructor; a runner
 * holds a list of them and tells all of them the same.
 *
 * Not thread-safe: one thread calls. The order is begin, then started and case_done as it happens,
 * then finish; destroy at any time.
 */
#pragma once

#include "harness/scenario/case_result.h"

#include <stdbool.h>
#include <stdio.h>

/* What is known before the first case. */
struct test_run {
    size_t n_cases;
    unsigned n_jobs;      /* cases at a time */
    uint64_t seed;        /* gives the same order again; 0: that of the files */
    int64_t started_at_s; /* seconds since 1970 */
    bool is_strict;       /* VERDICT_UNKNOWN fails the run */
};

/* What is known after the last. */
struct test_totals {
    size_t n[N_VERDICTS];
    size_t n_cases; /* that were to be run; the sum of `n` is less when the run ended early */
    int64_t duration_us;
    bool was_interrupted; /* by a signal to lastword */
    const char *fault;    /* one line: what else ended the run early; NULL nothing */
};

struct test_report;

/* The functions of a kind. NULL for what it does not want to hear. None of them looks for write
 * errors, as test_report.c does it. */
struct test_report_kind {
    void (*begin)(struct test_report *report);
    void (*started)(struct test_report *report, const char *name);
    void (*case_done)(struct test_report *report, const struct case_result *result);
    void (*finish)(struct test_report *report, const struct test_totals *totals);
    void (*done)(struct test_report *report); /* frees what it has beside its own struct */
};

/* The first member of the struct of every kind. */
struct test_report {
    const struct test_report_kind *kind;
    FILE *out;           /* NULL once it is closed */
    int error;           /* the first thing that went wrong: negative errno */
    struct test_run run; /* from begin on */
};

/*
 * Allocates a report of a kind, `size` bytes that begin with struct test_report and are zero
 * otherwise. For constructors. It owns `out` from then on: finish or destroy close it, but leave
 * stdout and stderr open. Returns NULL without memory, and `out` is still the caller's then.
 */
struct test_report *test_report_create(const struct test_report_kind *kind, size_t size, FILE *out);

/* Closes and frees. NULL does nothing. */
void test_report_destroy(struct test_report *report);

/* Before the first case. `run` is copied. */
void test_report_begin(struct test_report *report, const struct test_run *run);

/* A case has been started; every one that was started is told to case_done before finish, unless
 * the run ends early. `name` is borrowed for the call. */
void test_report_started(struct test_report *report, const char *name);

/* A case has ended or was skipped. `result` is borrowed for the call. */
void test_report_case_done(struct test_report *report, const struct case_result *result);

/*
 * Writes what is left and closes. Returns 0, or the first error of all calls as negative errno: the
 * report is incomplete then (-ENOSPC a full disk, -EPIPE nobody reads, -ENOMEM). After an error
 * nothing more is written.
 */
__attribute__((warn_unused_result)) int test_report_finish(struct test_report *report,
                                                           const struct test_totals *totals);

/* For kinds: remembers an error (negative errno) that has nothing to do with `out`. */
void test_report_fail(struct test_report *report, int error);

/* Says whether a case with this verdict makes the run one that failed. */
bool test_run_fails(const struct test_run *run, enum verdict verdict);

/* Returns how many cases failed the run, and how many were never told of. */
size_t test_totals_n_failed(const struct test_totals *totals, const struct test_run *run);
size_t test_totals_n_not_run(const struct test_totals *totals);
