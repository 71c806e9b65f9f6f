/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The end of a process in which providers flush first: always within LASTWORD_FLUSH_TIMEOUT, and
 * always as it was meant, whatever a flush does.
 */
#pragma once

#include "preload/exec_call.h"
#include "preload/process.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum ending_act {
    ENDING_EXIT,   /* exit_group(number) */
    ENDING_SIGNAL, /* die of signal `number` */
    ENDING_EXEC,   /* call->perform(call, envp) */
};

/* How this process is about to end. */
struct ending {
    enum ending_act act;
    int number;
    const struct exec_call *call;
    char *const *envp;
};

/*
 * In the constructor, if there is a provider: maps the watchdog's stack and installs the handlers
 * of signals (signal.c). False if there is no memory: then nothing is flushed.
 */
bool ending_start(void);

/*
 * Lets the providers flush, if there are any and this process is on record, and returns when they
 * have. The caller then ends the process. Does not return where the time is over: a watchdog has
 * done what `ending` says; but if that is an exec, and it fails, it returns when the flush does.
 * Called by a function that is flushing, it does not return either: the ending that was begun is
 * carried out. Async-signal-safe, thread-safe.
 */
void ending_flush_now(const struct ending *ending);
static inline void ending_flush(const struct ending *ending)
{
    if (shim.flushes)
        ending_flush_now(ending);
}

/*
 * Is this thread flushing for an ending? Then a flush function has called exit(), or a signal came:
 * ending_carry_out does what that ending says.
 */
bool ending_flushes_here(void);
static inline bool ending_is_flushing(void)
{
    return shim.flushes && ending_flushes_here();
}
_Noreturn void ending_carry_out(void);

/* The ending that this thread has flushed for is none, or may be none: the process goes on, and
 * other threads may end it. Async-signal-safe. */
void ending_undone(void);

/*
 * Before an ending in which nothing is flushed: where another thread flushes for its own, waits
 * until that has ended the process, at most LASTWORD_FLUSH_TIMEOUT and half a second.
 * Async-signal-safe; keeps errno.
 */
void ending_give_way_now(void);
static inline void ending_give_way(void)
{
    if (shim.flushes)
        ending_give_way_now();
}

/* Dies of a signal with its default action; of none if that does not end this process (pid 1). */
void ending_die(int number);

/* CLOCK_MONOTONIC, by a system call. */
uint64_t ending_clock_ns(void);

/* --- signal.c --------------------------------------------------------------------------------- */

/* Installs our handlers where the default action stands. */
void signals_start(void);
/* In a forked child: takes them back if it is process 1, the first of a new PID namespace. */
void signals_in_child(void);
/* Does our handler stand where the program sees the default action? */
bool signals_is_ours(int number);
