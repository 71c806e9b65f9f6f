/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a process is to end, as the author of an expectation writes it:
 *
 *     return            main returned, whatever the status; `return 3`: with that one
 *     exit 0, _exit 0, _Exit 0, quick_exit 0        the call, with or without a status
 *     abort             abort() was called
 *     exec              it became another program at least once
 *     SIGKILL           a signal killed it; `signal SIGKILL` and `signal 9` are the same
 *     daemon            it went away inside daemon()
 *     running           it outlived the run
 *
 * Plain data, thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENDING_ANY_STATUS (-1)

struct ending {
    const char *by; /* as in PROCESS_ENDED_BY ("_exit", "signal"); a constant, never freed */
    int status;     /* exit status, or signal number; ENDING_ANY_STATUS */
};

/* Reads the forms above. Returns 0, or -EINVAL. */
__attribute__((warn_unused_result)) int ending_parse(const char *text, struct ending *ret_ending);

/*
 * Tells whether a process ended so. `by` and `status` as the recording has them (status -1: not
 * known, then only the kind counts). A process that called abort() also died of SIGABRT.
 */
bool ending_matches(const struct ending *ending, const char *by, int64_t status);

#define ENDING_TEXT_SIZE 64

/* Writes an ending in the words above: "_exit 0", "SIGKILL". `by` may be any text. */
void ending_format(const char *by, int64_t status, char text[static ENDING_TEXT_SIZE]);

/* For messages: what can be written. */
#define ENDING_FORMS                                                                               \
    "return, exit N, _exit N, _Exit N, quick_exit N, abort, exec, SIGNAME, daemon or running"
