/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The program under the shim: `cases NAME ARG...` does one thing and returns its exit status. It
 * knows nothing of lastword but the table that the shim exports.
 */
#pragma once

#include <stddef.h>

struct shim_case {
    const char *name;
    int (*run)(char **args); /* what follows the name, NULL at its end */
};

/* One list for each file, NULL at its end. */
extern const struct shim_case start_cases[], end_cases[], exec_cases[], wait_cases[], guest_cases[],
    flush_cases[], stream_cases[], signal_cases[];

/* Leaves with status 90 and a line on stderr unless `condition` holds. */
#define CHECK(condition) check((condition), #condition, __LINE__)
void check(int condition, const char *text, int line);

/* Waits for a child and leaves with 90 unless it exited with `status`. */
void reap(int pid, int status);

/*
 * Ends the process: "exit", "_exit", "_Exit", "quick_exit", "exec", "execlp", all with status 3;
 * after an exec that fails, "failed_exec", "refused_exec"; "abort", "fault", "overflow", "signalN".
 */
void end_by(const char *how);

/* Path of this program. */
extern char *self;
