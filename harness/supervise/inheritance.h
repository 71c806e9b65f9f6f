/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a process keeps over exec and loses over fork. Whoever started lastword in place of the
 * program left it to the program: lastword takes it, and the forked child has it again before it
 * execs.
 */
#pragma once

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

#define INHERITANCE_MAX_PENDING 64 /* one each of the ordinary signals, and some queued ones */
#define INHERITANCE_N_TIMERS    3  /* ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */

struct inheritance {
    int death_signal; /* wanted when the parent dies; 0: none */
    int subreaper;    /* whether orphans were to come to the program */
    struct itimerval timers[INHERITANCE_N_TIMERS];
    size_t n_pending;
    siginfo_t pending[INHERITANCE_MAX_PENDING]; /* in the order in which they will be sent */
};

/*
 * Takes all of it from the calling process, which has no timers and none of the pending signals
 * then, but keeps its death signal. mask  signals that were blocked when the process started; they
 * are blocked still. What is pending of others came later, and is not taken.
 */
void inheritance_take(struct inheritance *ret_inheritance, const sigset_t *mask);

/*
 * Gives it to the calling process: the forked child, with all signals blocked. Only calls that are
 * safe after fork. What cannot be given is left out: the program could not hear of it.
 */
void inheritance_give(const struct inheritance *inheritance);
