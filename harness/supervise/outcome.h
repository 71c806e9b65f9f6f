/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a run came out: what is said of it, and how lastword ends.
 */
#pragma once

#include "harness/supervise/supervisor.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Borrows everything. */
struct outcome {
    const struct supervisor_result *result; /* of a program that was started */
    const char *program;                    /* as the user named it */
    const char *recording;                  /* likewise */
    const char *session;
    int64_t timeout_ms;
    pid_t courier;     /* that goes on alone, when result->left */
    int strict_status; /* --strict: of a run that lost rows or did not cover a process; 0: not */
};

/*
 * Prints the report: what is worth naming, line by line, and last the counts. `quiet`: only where
 * rows were lost, --strict fails the run, or the recording is not whole.
 */
void outcome_print(FILE *out, const struct outcome *outcome, bool quiet);

/* The exit status of `run`, see enum lastword_status; 128 and the signal when one ended the
 * program; strict_status only where the program itself ended by 0. */
int outcome_status(const struct outcome *outcome);

/* The signal by which lastword is to end, since the program did; 0: it exits. */
int outcome_signal(const struct supervisor_result *result);
