/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Flushing before an ending. The flush runs in the thread that ends the process; a watchdog, a bare
 * thread that shares everything with it and enters nothing of libc but system calls, sleeps until
 * the time is over. One word decides which of the two ends the process.
 *
 * Owns `state`: one thread of the process has it at a time, by its id in `owner`. A forked child
 * inherits it and sees by the pid there that it is free.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/ending.h"

#include "preload/process.h"
#include "preload/provider.h"
#include "preload/real.h"
#include "sdk/spool/raw_syscall.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#define STACK_SIZE ((size_t)256 << 10) /* execvpe puts paths and arguments there */
#define GUARD_SIZE ((size_t)64 << 10)  /* at least a page, whatever a page is */
#define NS_PER_MS  1000000ull
#define OTHERS_MS  500u /* beyond the time-out: how long a second thread waits for the first */

enum outcome {
    FLUSHING,
    FLUSHED,   /* in time: the flushing thread goes on */
    TIMED_OUT, /* the watchdog ends the process */
    RETURNED,  /* its exec has failed */
};

static struct {
    char *stack;            /* the watchdog's, its lower end */
    int seccomp;            /* at the start */
    _Atomic uint64_t owner; /* pid << 32 | thread id of the thread that is flushing */
    _Atomic uint32_t outcome;
    _Atomic uint32_t watchdog; /* its thread id; the kernel zeroes it and wakes us */
    uint64_t deadline_ns;
    uint64_t mask;    /* the program's */
    int death_signal; /* of this thread, which the thread of an exec must have */
    int error;        /* of the watchdog's exec */
    struct ending ending;
} state __attribute__((section(".data"))); /* as `environment` in start.c */

/* Set while this thread flushes. A child that the flush forks inherits it, and flushes nothing: its
 * end would flush, and fork, again. */
static _Thread_local bool is_flushing __attribute__((tls_model("initial-exec")));

/* --- System calls ----------------------------------------------------------------------------- */

uint64_t ending_clock_ns(void)
{
    struct timespec now = {0};

    RAW_SYSCALL(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Sleeps while *word is `value`, until the deadline. */
static void word_wait(void *word, uint32_t value, uint64_t deadline_ns)
{
    struct timespec until = {(time_t)(deadline_ns / 1000000000u),
                             (long)(deadline_ns % 1000000000u)};

    RAW_SYSCALL(SYS_futex, word, FUTEX_WAIT_BITSET, value, &until, NULL,
                FUTEX_BITSET_MATCH_ANY); /* not FUTEX_PRIVATE: the kernel's own wake is none */
}

static void word_wake(void *word)
{
    RAW_SYSCALL(SYS_futex, word, FUTEX_WAKE, INT32_MAX);
}

static uint64_t set_mask(uint64_t mask)
{
    uint64_t before = 0;

    RAW_SYSCALL(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &before, sizeof(mask));
    return before;
}

static uint64_t self(void)
{
    return (uint64_t)RAW_SYSCALL(SYS_getpid) << 32 | (uint64_t)RAW_SYSCALL(SYS_gettid);
}

/* --- The ending itself ------------------------------------------------------------------------ */

void ending_die(int number)
{
    uint64_t bit = 1ull << (number - 1);
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } normal = {0};

    RAW_SYSCALL(SYS_rt_sigaction, number, &normal, NULL, sizeof(normal.mask));
    RAW_SYSCALL(SYS_rt_sigprocmask, SIG_UNBLOCK, &bit, NULL, sizeof(bit));
    RAW_SYSCALL(SYS_tgkill, RAW_SYSCALL(SYS_getpid), RAW_SYSCALL(SYS_gettid), number);
}

/* Returns only from an exec that failed, with its errno in state.error. */
static void carry_out(const struct ending *ending)
{
    switch (ending->act) {
    case ENDING_SIGNAL:
        ending_die(ending->number);
        real_exit_group(127); /* pid 1 does not die of it */
    case ENDING_EXIT:
        real_exit_group(ending->number);
    case ENDING_EXEC:
        set_mask(state.mask); /* the new program inherits it */
        ending->call->perform(ending->call, ending->envp);
        state.error = errno;
        set_mask(UINT64_MAX);
    }
}

static bool decide(uint32_t outcome)
{
    uint32_t undecided = FLUSHING;

    return atomic_compare_exchange_strong(&state.outcome, &undecided, outcome);
}

/* --- The watchdog ----------------------------------------------------------------------------- */

/*
 * Shares the flushing thread's thread-local storage, since making one is the C library's business.
 * What it calls of ours is made for being interrupted by itself at any place.
 */
static int watch(void *unused)
{
    const char *name;

    (void)unused;
    while (atomic_load(&state.outcome) == FLUSHING && ending_clock_ns() < state.deadline_ns)
        word_wait(&state.outcome, FLUSHING, state.deadline_ns);
    if (!decide(TIMED_OUT))
        return 0;
    name = provider_current();
    process_note(NOTE_TIMED_OUT, name);
    if (state.ending.act == ENDING_EXEC)
        RAW_SYSCALL(SYS_prctl, PR_SET_PDEATHSIG, state.death_signal, 0, 0, 0);
    carry_out(&state.ending);
    atomic_store(&state.outcome, RETURNED);
    word_wake(&state.outcome);
    return 0;
}

/*
 * A sandbox that the program has put itself into may kill it for a clone(). One that it was started
 * in, such as a container's, lets threads be made.
 */
static bool is_sandboxed(void)
{
    return state.seccomp == 0 && RAW_SYSCALL(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0) != 0;
}

/* With all signals blocked: no handler of the program's runs in it. */
static bool watchdog_start(void)
{
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    int found = errno;
    bool started;

    if (is_sandboxed())
        return false;
    started = clone(watch, state.stack + GUARD_SIZE + STACK_SIZE, flags, NULL, &state.watchdog,
                    NULL, &state.watchdog) > 0;
    errno = found;
    return started;
}

/* Waits until it is gone: its stack may be needed again. */
static void watchdog_join(void)
{
    uint32_t thread;

    word_wake(&state.outcome);
    while ((thread = atomic_load(&state.watchdog)))
        word_wait(&state.watchdog, thread, UINT64_MAX / 2);
}

/* Waits for the watchdog where it was faster; returns only if it has come back from its exec. */
static void wait_for_watchdog(void)
{
    while (atomic_load(&state.outcome) == TIMED_OUT)
        word_wait(&state.outcome, TIMED_OUT, UINT64_MAX / 2);
}

/* --- Who flushes ------------------------------------------------------------------------------ */

/* The first 32 bits of `owner` in memory, for the kernel to compare. */
static uint32_t low_word(uint64_t owner)
{
    uint32_t word;

    memcpy(&word, &owner, sizeof(word));
    return word;
}

static uint64_t deadline_of_others(void)
{
    return ending_clock_ns() + (shim.flush_timeout_ms + OTHERS_MS) * NS_PER_MS;
}

/* Takes the state for this thread; waits for another of this process that has it. */
static bool take(uint64_t thread)
{
    uint64_t deadline_ns = deadline_of_others();

    while (ending_clock_ns() < deadline_ns) {
        uint64_t found = atomic_load(&state.owner);

        if (found == thread)
            return true; /* an earlier ending of this thread was none */
        if (found >> 32 == thread >> 32)
            word_wait(&state.owner, low_word(found), deadline_ns);
        else if (atomic_compare_exchange_strong(&state.owner, &found, thread))
            return true;
    }
    return false;
}

static void release(void)
{
    atomic_store(&state.owner, 0);
    word_wake(&state.owner);
}

void ending_undone(void)
{
    if (shim.flushes && atomic_load(&state.owner) == self())
        release();
}

void ending_give_way_now(void)
{
    uint64_t thread = self(), deadline_ns = deadline_of_others();
    uint64_t found = atomic_load(&state.owner);

    while (found != thread && found >> 32 == thread >> 32 && ending_clock_ns() < deadline_ns) {
        word_wait(&state.owner, low_word(found), deadline_ns);
        found = atomic_load(&state.owner);
    }
}

bool ending_flushes_here(void)
{
    return is_flushing && atomic_load(&state.owner) == self();
}

_Noreturn void ending_carry_out(void)
{
    set_mask(UINT64_MAX); /* one more crash would come here once more */
    if (decide(FLUSHED)) {
        watchdog_join();
        carry_out(&state.ending);
        real_exit_group(126); /* an exec that fails in here has nowhere to return to */
    }
    wait_for_watchdog();
    real_exit_group(126);
}

/* --- Flushing --------------------------------------------------------------------------------- */

static uint64_t set_of(const uint8_t *numbers, size_t n)
{
    uint64_t set = 0;

    for (size_t i = 0; i < n; i++)
        set |= 1ull << (numbers[i] - 1);
    return set;
}

/*
 * All signals wait until the flush is over, but those that a fault in it raises. Of them, what the
 * program itself blocks stays blocked, since somebody may have sent it; but an instruction's fault
 * that is blocked would kill the process, so it is let through unless one was sent already.
 */
static uint64_t flush_mask(uint64_t program, uint64_t pending)
{
    static const uint8_t instructions[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    static const uint8_t others[] = {SIGABRT, SIGTRAP, SIGSYS};
    uint64_t faults = set_of(instructions, sizeof(instructions));
    uint64_t open = (faults & ~pending) | (set_of(others, sizeof(others)) & ~program);

    return ~(open | 3ull << 31); /* 32 and 33 are the C library's */
}

/* A write to a pipe that nobody reads any more: the program did not make it, and shall not see it.
 */
static void swallow_sigpipe(uint64_t pending_before)
{
    uint64_t bit = 1ull << (SIGPIPE - 1);
    const struct timespec now = {0};

    if (!(pending_before & bit))
        RAW_SYSCALL(SYS_rt_sigtimedwait, &bit, NULL, &now, sizeof(bit));
}

static void flush_watched(const struct ending *ending)
{
    uint64_t pending = 0;

    state.mask = set_mask(UINT64_MAX); /* until all is ready, and again from the decision on */
    RAW_SYSCALL(SYS_rt_sigpending, &pending, sizeof(pending));
    if (ending->act == ENDING_EXEC)
        RAW_SYSCALL(SYS_prctl, PR_GET_PDEATHSIG, &state.death_signal, 0, 0, 0);
    state.ending = *ending;
    state.deadline_ns = ending_clock_ns() + shim.flush_timeout_ms * NS_PER_MS;
    atomic_store(&state.outcome, FLUSHING);
    atomic_store(&state.watchdog, 0);
    provider_set_current("all"); /* none has begun */
    if (watchdog_start()) {
        is_flushing = true;
        set_mask(flush_mask(state.mask, pending));
        provider_flush();
        set_mask(UINT64_MAX);
        is_flushing = false;
        if (!decide(FLUSHED))
            wait_for_watchdog();
        watchdog_join();
    } else {
        provider_note("all", "no thread could be made to watch the flush, so nothing was flushed");
    }
    swallow_sigpipe(pending);
    set_mask(state.mask);
}

void ending_flush_now(const struct ending *ending)
{
    int found = errno;

    if (!process_on_record())
        return;
    if (ending_is_flushing())
        ending_carry_out();
    if (!is_flushing && take(self())) {
        flush_watched(ending);
        if (ending->act == ENDING_EXEC)
            release(); /* it may fail. Else nobody shall begin another ending now */
    }
    errno = found;
}

bool ending_start(void)
{
    void *memory = mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

    if (memory == MAP_FAILED)
        return false;
    if (mprotect((char *)memory + GUARD_SIZE, STACK_SIZE, PROT_READ | PROT_WRITE) < 0) {
        munmap(memory, GUARD_SIZE + STACK_SIZE);
        return false;
    }
    state.seccomp = (int)RAW_SYSCALL(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0);
    state.stack = memory;
    shim.flushes = true;
    signals_start();
    return true;
}
