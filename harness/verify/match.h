/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Judges a recording by an expectation.
 *
 * Each process has its own sequence of expected rows: those entries of `expect` that cover it, in
 * the order of the file, each as often as its count says. The rows of the process, in the order of
 * their RowIds, must be that sequence, one row for one expectation. What differs is a finding; no
 * finding means that the recording is as expected.
 */
#pragma once

#include "harness/verify/expectation.h"
#include "harness/verify/recording.h"
#include "harness/verify/row_comparison.h"

enum finding_kind {
    FINDING_NO_ROWS,       /* the recording has no rows at all */
    FINDING_NO_PROCESS,    /* expected of a process that is not there: `row` or `ending` */
    FINDING_PROCESS_COUNT, /* n processes of a role that should be selector.n_processes */
    FINDING_MISSING,       /* n rows like `expected` */
    FINDING_EXTRA,         /* `row` */
    FINDING_MISPLACED,     /* `row` is as `expected`, but not where it should be in the order */
    FINDING_DIFFERENT,     /* `row` in the place of `expected`: `fields`, `note` */
    FINDING_MORE,          /* n extra rows that were not kept */
    FINDING_ENDING,        /* the process ended otherwise than `ending` */
    FINDING_NOT_STORED,    /* n rows that the process logged are not in the recording */
    FINDING_FORBIDDEN,     /* `row` is like `expected`, an entry of `forbid` */
    FINDING_UNDECIDED,     /* beside others: there may be a way in which its rows are as expected */
    N_FINDING_KINDS,
};

/* One thing that is wrong. All pointers lead into expectation and recording. */
struct finding {
    enum finding_kind kind;
    size_t process; /* its first image, or NO_PROCESS */
    const struct expected_row *expected;
    const struct expected_ending *ending;
    const struct recorded_row *row;
    uint64_t n;
    uint64_t n_there; /* FINDING_MISSING: how many fit the entry */
    unsigned fields;  /* enum row_field */
    char note[ROW_NOTE_SIZE];
};

struct match {
    size_t n, capacity;
    struct finding *findings;         /* in the order in which they are to be told */
    uint64_t n_fitting;               /* rows that are as expected */
    uint64_t n_others;                /* rows that no entry speaks of, and that are allowed */
    uint64_t counts[N_FINDING_KINDS]; /* rows, processes or endings, by kind */
};

/*
 * How a recording is to be loaded for match_run: with as many rows of each process as it takes to
 * judge it and to say what is wrong, and with rows of Rerun's and lastword's own entities where an
 * entry names these by their first part. Borrows the expectation.
 */
struct recording_options match_recording_options(const struct expectation *expectation);

/* Tells whether an entry of `expect` names an entity of Rerun's or lastword's own so. */
bool match_wants_expected(const struct expectation *expectation, struct string_view entity);

/* Judges. Returns 0 (look at match->n for the verdict) or -ENOMEM with nothing to free. */
__attribute__((warn_unused_result)) int match_run(struct match *match,
                                                  const struct expectation *expectation,
                                                  const struct recording *recording);
void match_done(struct match *match);
