/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * fork, _Fork, daemon, and the atfork handlers. vfork cannot be wrapped (it returns twice), and
 * needs no wrapper: its child goes on in the parent's memory until it execs.
 *
 * Owns what a thread's handlers must know of the wrapper around them; it is thread-local, and right
 * again when the wrapper returns, in parent and child.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/fork.h"

#include "preload/ending.h"
#include "preload/process.h"
#include "preload/provider.h"
#include "preload/real.h"
#include "sdk/spool/raw_syscall.h"
#include "sdk/spool/spool.h"

#include <pthread.h>
#include <signal.h>
#include <sys/single_threaded.h>

/* Bits 32 and 33 are the C library's own: cancelling threads, and setuid in all of them. */
#define ALL_SIGNALS (~(3ull << 31))

/*
 * The bracket around a call that forks: all signals stay blocked from before the fork until the
 * child has told its start, so that no handler runs in a process that does not know who it is.
 */
struct bracket {
    bool covered;
    uint64_t mask;   /* the program's */
    uint64_t serial; /* of the process that forks */
};

static _Thread_local struct {
    uint32_t depth; /* wrappers that are nested in this thread: the outermost one speaks */
    bool told_end;  /* of a process that calls daemon() */
    struct process_birth birth; /* of the child */
    struct caller caller;
} current __attribute__((tls_model("initial-exec")));

/* A _Fork of a program with threads may not wait for anything, and leaves their locks as they are.
 */
static bool heeds_bare_fork(void)
{
    return shim.flushes && __libc_single_threaded;
}

static void before(struct bracket *bracket, enum process_made_by made_by,
                   const struct caller *caller)
{
    uint64_t all = ALL_SIGNALS;
    bool on_record;

    bracket->covered = process_covered();
    if (!bracket->covered)
        return;
    if (made_by == MADE_BY__FORK && heeds_bare_fork())
        provider_before_fork();
    RAW_SYSCALL(SYS_rt_sigprocmask, SIG_SETMASK, &all, &bracket->mask, sizeof(all));
    on_record = process_on_record(); /* a child must not tell a start before its parent's */
    bracket->serial = lastword_spool_v1.serial();
    if (current.depth++ > 0)
        return;
    current.birth = (struct process_birth){
        .made_by = made_by,
        .parent_pid = on_record ? lastword_spool_v1.owner_pid() : process_pid(),
        .time_ns = process_now_ns(),
    };
    current.told_end = false;
    current.caller = *caller;
}

/* The handlers have told of fork and daemon already; _Fork runs none. */
static void after_in_child(void)
{
    process_announce(&current.birth);
    if (current.birth.made_by != MADE_BY__FORK || !shim.flushes)
        return;
    signals_in_child();
    if (heeds_bare_fork())
        provider_in_child();
}

/* The process that called daemon() is still there. */
static void go_on(void)
{
    process_ending_cancelled();
    ending_undone();
}

/* In the parent, in the child, and after a failed fork alike. */
static void after(const struct bracket *bracket)
{
    if (!bracket->covered)
        return;
    if (lastword_spool_v1.serial() != bracket->serial)
        after_in_child();
    else if (current.told_end)
        go_on();
    current.depth--;
    RAW_SYSCALL(SYS_rt_sigprocmask, SIG_SETMASK, &bracket->mask, NULL, sizeof(bracket->mask));
}

/* Comes after the handlers of libraries that were initialised after us. */
static void before_any(void)
{
    if (shim.flushes)
        provider_before_fork();
}

static void announce_child(void)
{
    struct process_birth unknown;

    if (current.depth) {
        process_announce(&current.birth);
        return;
    }
    unknown = (struct process_birth){MADE_BY_FORK, process_parent_pid(), process_now_ns()};
    process_announce(&unknown);
}

/* Comes before the handlers of libraries that were initialised after us. */
static void in_child(void)
{
    announce_child();
    if (!shim.flushes)
        return;
    signals_in_child();
    provider_in_child();
}

/*
 * The process that called daemon() leaves by an inner _exit right after its fork. The handler runs
 * after a failed fork too: then daemon() returns here, and the end is taken back.
 */
static void in_parent(void)
{
    const struct ending ending = {.act = ENDING_EXIT};

    if (shim.flushes)
        provider_in_parent();
    if (!current.depth || current.birth.made_by != MADE_BY_DAEMON)
        return;
    current.told_end = process_ending(END_DAEMON, 0, &current.caller, NULL);
    if (current.told_end)
        ending_flush(&ending);
}

bool fork_watch(void)
{
    return pthread_atfork(before_any, in_parent, in_child) == 0;
}

HOOK pid_t fork(void)
{
    struct caller caller = CALLER();
    struct bracket bracket;
    pid_t pid;

    before(&bracket, MADE_BY_FORK, &caller);
    pid = real.fork ? real.fork() : real_missing();
    after(&bracket);
    return pid;
}

/* Runs no atfork handlers, and may be called in signal handlers. */
HOOK pid_t _Fork(void)
{
    struct caller caller = CALLER();
    struct bracket bracket;
    pid_t pid;

    before(&bracket, MADE_BY__FORK, &caller);
    pid = real._Fork ? real._Fork() : real_missing();
    after(&bracket);
    return pid;
}

/* Returns in the child alone: the caller's process ends inside, if the fork succeeds. */
HOOK int daemon(int nochdir, int noclose)
{
    struct caller caller = CALLER();
    struct bracket bracket;
    int result;

    before(&bracket, MADE_BY_DAEMON, &caller);
    result = real.daemon ? real.daemon(nochdir, noclose) : real_missing();
    after(&bracket);
    return result;
}
