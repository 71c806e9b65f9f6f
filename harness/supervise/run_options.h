/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The command line of `lastword run`.
 */
#pragma once

#include "harness/flush_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_DEFAULT_GRACE_MS 10000

struct run_options {
    const char *output;       /* -o; NULL: lastword-PROG-PID.rrd */
    const char *recording_id; /* --recording-id; NULL: from the environment, or a fresh one */
    int64_t timeout_ms;       /* --timeout; 0: none */
    int64_t grace_ms;         /* --grace */
    struct flush_words flush; /* --flush; none: LASTWORD_FLUSH stays as it is */
    bool record_args;         /* false: --no-args */
    bool subreaper;           /* false: --no-subreaper */
    bool shim;                /* false: --no-shim */
    bool kills_survivors;     /* --kill-survivors */
    bool quiet;               /* -q */
    int strict_status;        /* --strict: 125, or what --error-exitcode says; 0: not strict */
    bool help;                /* --help: nothing else is checked */
    char **program;           /* PROG ARGS, NULL-terminated; not empty unless help */
};

/*
 * Reads the command line, argv[0] being the verb. Options end at the first argument that is none,
 * or at "--". The strings stay argv's. Not thread-safe (getopt). Errors: -EINVAL, and error_text
 * (error_size bytes) names the word that is wrong.
 */
__attribute__((warn_unused_result)) int run_options_parse(struct run_options *ret_options, int argc,
                                                          char **argv, char *error_text,
                                                          size_t error_size);
