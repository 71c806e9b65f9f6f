/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * fork, _Fork, daemon. vfork cannot be wrapped (it returns twice), and needs no wrapper: its child
 * goes on in the parent's memory until it execs.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/process.h"
#include "preload/real.h"

HOOK pid_t fork(void)
{
    struct caller caller = CALLER();
    struct fork_bracket bracket;
    pid_t pid;

    process_before_fork(&bracket, MADE_BY_FORK, &caller);
    pid = real.fork ? real.fork() : real_missing();
    process_after_fork(&bracket);
    return pid;
}

/* Runs no atfork handlers, and may be called in signal handlers. */
HOOK pid_t _Fork(void)
{
    struct caller caller = CALLER();
    struct fork_bracket bracket;
    pid_t pid;

    process_before_fork(&bracket, MADE_BY__FORK, &caller);
    pid = real._Fork ? real._Fork() : real_missing();
    process_after_fork(&bracket);
    return pid;
}

/* Returns in the child alone: the caller's process ends inside, if the fork succeeds. */
HOOK int daemon(int nochdir, int noclose)
{
    struct caller caller = CALLER();
    struct fork_bracket bracket;
    int result;

    process_before_fork(&bracket, MADE_BY_DAEMON, &caller);
    result = real.daemon ? real.daemon(nochdir, noclose) : real_missing();
    process_after_fork(&bracket);
    return result;
}
