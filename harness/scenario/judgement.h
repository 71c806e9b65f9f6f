/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is to be said of one attempt: how its program ended up, what arrived, and how that differs
 * from the scenario. Plain data in memory of its own.
 */
#pragma once

#include "harness/scenario/attempt.h"
#include "harness/scenario/case_result.h"
#include "harness/verify/expectation.h"

struct judgement {
    enum verdict verdict; /* VERDICT_PASS, _FAIL, _UNKNOWN or _FAULT */
    char *reason;         /* one line; NULL: none */
    size_t n_problems;
    struct case_problem *problems;
    char *details; /* many lines; NULL: none */
    size_t n_rows, n_processes;
    bool never_ran; /* the program could not be executed */
};

/* How many places of the scenario file are named; the details have all. */
#define JUDGEMENT_MAX_PROBLEMS 50

/*
 * Judges an attempt with the shim, which is over, and its recording. Returns 0 or -ENOMEM, with
 * nothing to free then; a recording that cannot be read is a VERDICT_FAULT.
 */
__attribute__((warn_unused_result)) int judgement_make(struct judgement *judgement,
                                                       const struct expectation *scenario,
                                                       const struct attempt *attempt,
                                                       const char *recording);

/*
 * Adds what follows from an attempt without the shim: of each process of `lost` rows must be
 * missing in its recording (`control`), or the scenario proves nothing and fails. `recording` is
 * that of the passed attempt with the shim. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int
judgement_add_control(struct judgement *judgement, const struct expectation *scenario,
                      const struct attempt *attempt, const char *recording, const char *control);

/*
 * Writes what arrived into the scenario's file (see update.h): an attempt that failed by its rows
 * or endings has passed then. What keeps it from that is told in the details. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int judgement_update(struct judgement *judgement,
                                                         const struct expectation *scenario,
                                                         const struct attempt *attempt,
                                                         const char *recording);

/* Makes a VERDICT_FAULT of something that lastword could not do. */
__attribute__((format(printf, 2, 3))) void judgement_fault(struct judgement *judgement,
                                                           const char *format, ...);

/* Adds a line to the details; without memory it is left out. */
__attribute__((format(printf, 2, 3))) void judgement_note(struct judgement *judgement,
                                                          const char *format, ...);

/* Frees everything. NULL does nothing. */
void judgement_done(struct judgement *judgement);
