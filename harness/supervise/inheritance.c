/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Taking and giving what fork would drop. No state of its own. */
#include "harness/supervise/inheritance.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* In the order in which ITIMER_* count. */
static const int kinds[INHERITANCE_N_TIMERS] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};

static void take_timers(struct inheritance *inheritance)
{
    static const struct itimerval none;

    for (size_t i = 0; i < INHERITANCE_N_TIMERS; i++) {
        setitimer((__itimer_which_t)kinds[i], &none, &inheritance->timers[i]);
    }
}

/* Dequeues them, so that our own signalfd does not tell of them. */
static void take_pending(struct inheritance *inheritance, const sigset_t *mask)
{
    while (inheritance->n_pending < INHERITANCE_MAX_PENDING &&
           sigtimedwait(mask, &inheritance->pending[inheritance->n_pending],
                        &(struct timespec){0}) > 0) {
        inheritance->n_pending++;
    }
}

void inheritance_take(struct inheritance *ret_inheritance, const sigset_t *mask)
{
    *ret_inheritance = (struct inheritance){0};
    prctl(PR_GET_PDEATHSIG, &ret_inheritance->death_signal);
    prctl(PR_GET_CHILD_SUBREAPER, &ret_inheritance->subreaper);
    take_timers(ret_inheritance);
    take_pending(ret_inheritance, mask);
}

void inheritance_give(const struct inheritance *inheritance)
{
    prctl(PR_SET_PDEATHSIG, inheritance->death_signal);
    prctl(PR_SET_CHILD_SUBREAPER, inheritance->subreaper);
    for (size_t i = 0; i < INHERITANCE_N_TIMERS; i++) {
        setitimer((__itimer_which_t)kinds[i], &inheritance->timers[i], NULL);
    }
    /* The kernel lets a process send itself what it says of any sender (kernel/signal.c). */
    for (size_t i = 0; i < inheritance->n_pending; i++) {
        siginfo_t info = inheritance->pending[i];
        syscall(SYS_rt_sigqueueinfo, getpid(), info.si_signo, &info);
    }
}
