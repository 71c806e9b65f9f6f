/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ways in which a process ends itself. None of them may fail: where the original is missing the
 * raw system call ends the process.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/ending.h"
#include "preload/process.h"
#include "preload/real.h"
#include "sdk/spool/raw_syscall.h"

#include <signal.h>

static void tell(enum process_end_kind kind, int status, const struct caller *caller)
{
    if (process_covered())
        process_ending(kind, status, caller, NULL);
}

/* Of endings in which the program's exit handlers do not run. */
static void tell_and_flush(enum process_end_kind kind, int status, const struct caller *caller,
                           const struct ending *ending)
{
    if (!process_covered())
        return;
    if (ending_is_flushing())
        ending_carry_out();
    process_ending(kind, status, caller, NULL);
    ending_flush(ending);
    process_wait_stored();
}

static void tell_exit(enum process_end_kind kind, int status, const struct caller *caller)
{
    tell_and_flush(kind, status, caller,
                   &(const struct ending){.act = ENDING_EXIT, .number = status});
}

/* The program's exit handlers may log yet: the waiting is done after them, in the destructor. */
HOOK void exit(int status)
{
    struct caller caller = CALLER();

    if (ending_is_flushing())
        ending_carry_out();
    ending_give_way();
    tell(END_EXIT, status, &caller);
    if (real.exit)
        real.exit(status);
    real_exit_group(status);
}

HOOK void _exit(int status)
{
    struct caller caller = CALLER();

    tell_exit(END__EXIT, status, &caller);
    if (real._exit)
        real._exit(status);
    real_exit_group(status);
}

HOOK void _Exit(int status)
{
    struct caller caller = CALLER();

    tell_exit(END__EXIT_C99, status, &caller);
    if (real._Exit)
        real._Exit(status);
    real_exit_group(status);
}

HOOK void quick_exit(int status)
{
    struct caller caller = CALLER();

    tell_exit(END_QUICK_EXIT, status, &caller);
    if (real.quick_exit)
        real.quick_exit(status);
    real_exit_group(status);
}

HOOK void abort(void)
{
    const struct ending ending = {.act = ENDING_SIGNAL, .number = SIGABRT};
    struct caller caller = CALLER();

    if (signals_is_ours(SIGABRT))
        tell(END_ABORT, 0, &caller); /* its handler flushes */
    else {
        tell_and_flush(END_ABORT, 0, &caller, &ending);
        ending_undone(); /* the program's own handler may jump away */
    }
    if (real.abort)
        real.abort();
    RAW_SYSCALL(SYS_tgkill, RAW_SYSCALL(SYS_getpid), RAW_SYSCALL(SYS_gettid), SIGABRT);
    real_exit_group(127);
}

/* Return from main, and all that calls exit() inside the C library: err, pthread_exit, ... */
__attribute__((destructor)) static void destruct(void)
{
    if (!process_covered())
        return;
    ending_give_way();
    if (!process_exit_seen())
        process_ending(END_RETURN, 0, NULL, NULL);
    process_wait_stored();
}
