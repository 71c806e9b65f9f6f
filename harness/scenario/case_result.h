/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How one case of a scenario came out: what the runner hands to the reports. Plain data; a report
 * borrows it for the time of a call.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_UNKNOWN, /* as expected, but a process of which nothing is expected was not seen */
    VERDICT_SKIPPED,
    VERDICT_FLAKY, /* passed when it was tried again */
    VERDICT_XFAIL, /* failed, as its xfail says */
    VERDICT_XPASS, /* passed, though its xfail says that it fails */
    VERDICT_FAULT, /* lastword itself failed: nothing is known of the program */
    N_VERDICTS,
};

/* One thing that is wrong, at the place of the scenario file that says otherwise. */
struct case_problem {
    char *text;          /* one line: "child 2 (pid 4713): missing /task_2 label "task_2"" */
    size_t line, column; /* in the scenario file, from 1; 0: the file as a whole */
};

struct case_result {
    const char *name; /* unique in the run: "multiprocess[end=_exit]" */
    const char *file; /* the scenario file, as the user named it or as it was found */
    enum verdict verdict;
    const char *reason;  /* one line: why skipped, xfail's reason, what failed first; "" none */
    int64_t duration_us; /* of all attempts */
    unsigned n_attempts; /* 0 when skipped */
    size_t n_rows;       /* that arrived in the last attempt */
    size_t n_processes;  /* that were seen in it */
    size_t n_problems;
    const struct case_problem *problems;
    const char *details;  /* many lines, plain text: diff, tree of processes, stderr; "" none */
    const char *evidence; /* path of the recording that was kept, or NULL */
};

/* Returns "pass", "fail", "unknown", "skipped", "flaky", "xfail", "xpass" or "fault". */
const char *verdict_name(enum verdict verdict);
