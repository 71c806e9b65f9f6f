/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The wait family: a parent learns how its child ended, and so do we.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/process.h"
#include "preload/real.h"

#include <signal.h>

/* Tells what was reaped, and gives the program the status that it asked for. */
static pid_t reaped(pid_t pid, const int *status, int *ret_status)
{
    if (pid > 0) {
        if (process_covered())
            process_child_ended(pid, *status);
        if (ret_status)
            *ret_status = *status;
    }
    return pid;
}

HOOK pid_t wait(int *status)
{
    int own = 0;

    return reaped(real.wait ? real.wait(&own) : real_missing(), &own, status);
}

HOOK pid_t waitpid(pid_t pid, int *status, int options)
{
    int own = 0;

    return reaped(real.waitpid ? real.waitpid(pid, &own, options) : real_missing(), &own, status);
}

/* The wait status that waitpid would have given for the same child. */
static int wait_status(const siginfo_t *info)
{
    switch (info->si_code) {
    case CLD_EXITED:
        return (info->si_status & 0xff) << 8;
    case CLD_KILLED:
        return info->si_status;
    case CLD_DUMPED:
        return info->si_status | WCOREFLAG;
    default:
        return W_STOPCODE(SIGSTOP); /* stopped or continued: it lives */
    }
}

HOOK int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    siginfo_t own = {0};
    siginfo_t *used = info ? info : &own;
    int result;

    if (!real.waitid)
        return real_missing();
    result = real.waitid(type, id, used, options); /* si_pid is 0 where WNOHANG finds nothing */
    if (result == 0 && used->si_pid && !(options & WNOWAIT) && process_covered())
        process_child_ended(used->si_pid, wait_status(used));
    return result;
}

HOOK pid_t wait3(int *status, int options, struct rusage *usage)
{
    int own = 0;

    return reaped(real.wait3 ? real.wait3(&own, options, usage) : real_missing(), &own, status);
}

HOOK pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    int own = 0;

    return reaped(real.wait4 ? real.wait4(pid, &own, options, usage) : real_missing(), &own,
                  status);
}
