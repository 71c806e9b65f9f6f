/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs cases, several at a time, each under a supervisor of its own, and tells how each came out.
 */
#pragma once

#include "harness/scenario/case_list.h"
#include "harness/scenario/case_result.h"

#define RUNNER_MAX_JOBS 256

struct runner_options {
    unsigned n_jobs;    /* cases at a time, 1..RUNNER_MAX_JOBS */
    unsigned n_repeats; /* how often each case runs, at least 1 */
    bool until_fail;    /* all cases again and again, until one fails; n_repeats bounds it if
                           it is above 1 */
    unsigned n_retries; /* of a case that failed */
    bool has_controls;  /* also runs cases with `lost` without the shim */
    bool updates;       /* writes what arrived into the files of cases that failed */
    const char *const
        *programs; /* folders where programs are looked for, after the scenario's own */
    size_t n_programs;
    const char *evidence;  /* folder for the recordings of cases that failed; NULL: none are kept */
    const char *workspace; /* folder for recordings while cases run; exists, is ours, is empty */
};

struct runner_observer {
    void *context;
    void (*started)(void *context, const char *name);
    /* Borrowed for the time of the call. Called once for each that started, and for skipped ones.
     * Returns whether that makes the run one that failed.
     */
    bool (*ended)(void *context, const struct case_result *result);
};

/*
 * Runs all cases of the list. Returns 0 when they have all been told; -EINTR: SIGINT or SIGTERM
 * came, what ran was ended, and is told as failed; -EMFILE, -ENOMEM: nothing could be begun.
 *
 * Works on the process's only thread, blocks SIGINT, SIGTERM and SIGHUP meanwhile, and makes the
 * process the subreaper of what dying supervisors leave behind, for good.
 */
__attribute__((warn_unused_result)) int runner_run(const struct runner_options *options,
                                                   const struct case_list *list,
                                                   const struct runner_observer *observer);
