/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the shim's tests share: one run of `cases`, compared with what it must have told. */
#pragma once

#include "sdk/record/record.h"
#include "tests/support/shim_run.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The wait status of a process that exited with `status`, or was killed by `signal`. */
#define EXITED(status) ((status) << 8)
#define KILLED(signal) (signal)

/* Runs `cases NAME ...` (ARGS) with the shim. */
void run_case(struct shim_run *run, const char *const *args);
/* The same without shim and session. */
void run_case_alone(struct shim_run *run, const char *const *args);
/* The same with the shim and further environment. */
void run_case_with(struct shim_run *run, const char *const *args, const char *const *more);

/*
 * Compares the lives (shim_run.h) and the root's wait status; in the lives the path of `cases`
 * reads CASES. Shows both texts where they differ.
 */
void expect_lives(const struct shim_run *run, int wait_status, const char *lives);

/* run_case, expect_lives, shim_run_done. */
void check_case(const char *const *args, int wait_status, const char *lives);

/* Number of lines of the lives that contain `text`. Free-standing: for runs in any order. */
size_t count_lives(const struct shim_run *run, const char *text);

/*
 * Runs the case with the shim and further environment (may be NULL), and compares what it printed
 * and how it ended; whether it left a core file does not matter.
 */
void check_case_prints(const char *const *args, const char *const *more, const char *wanted,
                       int wait_status);

/* Number of notes of `kind` that begin with `text`. */
size_t count_notes(const struct shim_run *run, enum note_kind kind, const char *text);

/* As run_case_with; returns the milliseconds that it took. */
long run_case_timed(struct shim_run *run, const char *const *args, const char *const *more);

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))
