/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One case on its way: its attempts, with and without the shim, until its verdict stands.
 */
#pragma once

#include "harness/scenario/judgement.h"
#include "harness/scenario/runner.h"

/* In the caller's memory; begin with zeros. */
struct job {
    const struct runner_options *options;
    const struct test_case *test; /* NULL: idle */
    char *name;                   /* of the case; with its number, where it is repeated */
    size_t slot;                  /* names its files */
    struct expectation scenario;
    bool is_loaded;
    char *program;     /* resolved */
    char *recording;   /* of attempts with the shim */
    char *control;     /* of attempts without */
    bool is_control;   /* the attempt is one without */
    bool is_cancelled; /* no further attempt */
    struct attempt attempt;
    struct judgement judgement;
    unsigned n_attempts; /* with the shim */
    char *evidence;      /* path of the recording of an attempt that failed, or NULL */
    int64_t started_us;
};

/*
 * Begins a case. repetition: from 1; 0: it is not repeated. Returns 1: it runs; 0: it is over
 * already (skipped, or it could not be started), look with job_conclude; -ENOMEM.
 */
__attribute__((warn_unused_result)) int job_begin(struct job *job,
                                                  const struct runner_options *options,
                                                  const struct test_case *test, unsigned repetition,
                                                  size_t slot);

/*
 * To be called when its attempt is over: judges, and begins the next attempt if there is to be one.
 * Returns as job_begin.
 */
__attribute__((warn_unused_result)) int job_go_on(struct job *job);

/* Fills in how the case came out; everything is borrowed from the job, until job_done. */
void job_conclude(struct job *job, struct case_result *ret_result);

/* Frees everything, and makes the job idle. */
void job_done(struct job *job);
