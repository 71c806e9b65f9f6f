/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One run of a case's program: in a process of its own, which is its supervisor, in a process group
 * of its own, with a session of its own. It is started, watched through descriptors, and over when
 * its process is gone; nothing of it lives on then.
 *
 * Not thread-safe: the caller has one thread, and SIGCHLD may not be ignored.
 */
#pragma once

#include "harness/scenario/output_tail.h"
#include "harness/supervise/supervisor.h"
#include "harness/verify/run_plan.h"

#include <poll.h>

struct attempt_options {
    const struct run_plan *plan;
    const char *program;   /* to be executed: a path, or a name that PATH has */
    const char *folder;    /* of the scenario file: where `cwd` is looked for */
    const char *recording; /* absolute path; made, or replaced */
    bool shim;             /* false: without it, to see what is lost then */
    int64_t within_ms;     /* for the program */
    int64_t grace_ms;      /* for its descendants after it */
};

#define ATTEMPT_N_FDS 4

/* In the caller's memory. */
struct attempt {
    pid_t pid; /* of the supervisor; 0: not running */
    int pidfd;
    int result_fd;
    size_t result_size;              /* bytes of `result` that came */
    struct supervisor_result result; /* valid if attempt_has_result */
    struct output_tail outputs[2];   /* standard output, standard error */
    int wait_status;                 /* of the supervisor, once it is over */
    int64_t within_ms;               /* as it was asked for */
    int64_t started_us;              /* CLOCK_MONOTONIC */
    int64_t killed_at_us;            /* when its supervisor is taken for hung */
};

/* Starts one. Returns 0, or what pipe2, fork and pidfd_open say: -EMFILE, -EAGAIN, -ENOMEM. */
__attribute__((warn_unused_result)) int attempt_start(struct attempt *attempt,
                                                      const struct attempt_options *options);

/* Fills ATTEMPT_N_FDS entries for poll(2). */
void attempt_poll(const struct attempt *attempt, struct pollfd *fds);

/* Takes what poll said of them. Returns whether the attempt is over. */
bool attempt_advance(struct attempt *attempt, const struct pollfd *fds);

/* To be called when killed_at_us has passed: a supervisor that hangs is ended. */
void attempt_kill(struct attempt *attempt);

/* Asks it to end early: SIGTERM to the program, as from outside. killed_at_us is in 7 s then. */
void attempt_cancel(struct attempt *attempt);

/* Says whether the program was started and supervised to its end. */
bool attempt_has_result(const struct attempt *attempt);

/* Frees what is left, and ends and reaps one that still runs. */
void attempt_done(struct attempt *attempt);

int64_t attempt_now_us(void);
