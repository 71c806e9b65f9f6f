/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs a program with or without the shim, and shows what its processes told about themselves. For
 * tests: exits the test on any trouble of its own.
 */
#pragma once

#include "sdk/spool/session.h"
#include "tests/support/spool_records.h"

#include <stddef.h>

struct shim_run {
    int wait_status;
    char *out; /* standard output, terminated */
    char *err;
    size_t out_size;
    size_t err_size;
    struct spool_test_records records; /* none without the shim */
    char session[SESSION_PATH_SIZE];
};

/*
 * Runs argv until every process that holds its standard output or error has ended.
 *   shim   path of liblastword-preload.so, or NULL: without it and without a session
 *   more   further environment ("NAME=value"), NULL at its end; may be NULL. The program gets
 * these, PATH, HOME and what the shim needs, nothing else Free with shim_run_done, which removes
 * the session too.
 */
void shim_run(struct shim_run *run, const char *shim, const char *const *argv,
              const char *const *more);
void shim_run_done(struct shim_run *run);

/*
 * The lives of all processes as text, a line for each record, process after process:
 *
 *     1.1 exec: prog arg          images in order of their start, processes of one in its order
 *     1.1 child 1.2 exited 3      killed N
 *     1.1 ended exit 3            return | exit N | _exit N | _Exit N | quick_exit N | abort |
 *     1.1 cancelled               daemon | exec PATH
 *     1.2 fork of 1.1             _fork of | daemon of; "of ?" when the parent is not known
 *     2.1 exec over 1.2: prog     the process had another image before
 *     1.2 nothing                 it wrote rows, but nothing about itself
 *     1.2 rows 3                  records that are not about lives, at the process's end
 *
 * Free the result with free().
 */
char *shim_run_lives(const struct shim_run *run);
