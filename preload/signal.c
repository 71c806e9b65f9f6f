/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Signals whose default action ends the process. Where there is a provider, a handler of ours
 * stands in the place of the default action: it lets the providers flush, then the process dies of
 * the same signal. The program sees the default action all the same, and what it sets itself
 * counts.
 *
 * Owns `is_kept`, which is read-only after the constructor, but in a forked child that is
 * process 1. The four rules of preload: no malloc, no stdio, no lock held across a real call, errno
 * as found.
 */
#include "preload/ending.h"
#include "preload/process.h"
#include "preload/real.h"
#include "sdk/spool/raw_syscall.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#define STACK_SIZE ((size_t)128 << 10)
#define GUARD_SIZE ((size_t)64 << 10) /* at least a page, whatever a page is */

static const uint8_t requests[] = {SIGTERM, SIGINT, SIGHUP};
static const uint8_t crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static bool is_kept; /* handlers were installed in this image */

static bool is_in(const uint8_t *numbers, size_t n, int number)
{
    for (size_t i = 0; i < n; i++) {
        if (numbers[i] == number)
            return true;
    }
    return false;
}

static bool is_crash(int number)
{
    return is_in(crashes, sizeof(crashes), number);
}

/* Will the instruction that was interrupted raise the signal again? */
static bool repeats(int number, const siginfo_t *info)
{
    return info->si_code > 0 && is_crash(number) && number != SIGABRT &&
           !(number == SIGBUS && info->si_code == BUS_MCEERR_AO);
}

/*
 * A fault is repeated by its instruction, so that the kernel's report and the core file are those
 * of the fault; a signal that was sent is sent once more.
 */
static void die(int number, const siginfo_t *info)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};

    if (repeats(number, info))
        real.sigaction(number, &normal, NULL);
    else
        ending_die(number);
}

/*
 * A crash of the flush itself ends the process as it was about to. A request that comes meanwhile
 * changes nothing: it is blocked, and would only get here if a flush unblocked it.
 */
static void on_signal(int number, siginfo_t *info, void *context)
{
    const struct ending ending = {.act = ENDING_SIGNAL, .number = number};
    int found = errno;

    (void)context;
    if (ending_is_flushing()) {
        if (is_crash(number))
            ending_carry_out();
        return;
    }
    ending_flush(&ending);
    errno = found;
    die(number, info);
}

static bool is_ours(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) && action->sa_sigaction == on_signal;
}

/* Whether `number` is one for which our handler can stand. */
static bool is_covered(int number)
{
    return shim.flushes && is_kept &&
           (is_crash(number) || is_in(requests, sizeof(requests), number));
}

static void fill(struct sigaction *action, int number)
{
    *action = (struct sigaction){.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    if (is_crash(number))
        action->sa_flags |= SA_ONSTACK | SA_NODEFER; /* the flush may crash by the same signal */
}

static void install(int number)
{
    struct sigaction action;

    fill(&action, number);
    real.sigaction(number, &action, NULL);
}

static void install_over_default(const uint8_t *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct sigaction action;

        if (real.sigaction(numbers[i], NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
            action.sa_handler == SIG_DFL)
            install(numbers[i]);
    }
}

/* For the main thread, whose stack may be what has run out. */
static void make_stack(void)
{
    stack_t stack = {.ss_size = STACK_SIZE};
    char *memory;

    if (sigaltstack(NULL, &stack) != 0 || !(stack.ss_flags & SS_DISABLE))
        return;
    memory = mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED)
        return;
    stack.ss_flags = 0;
    stack.ss_size = STACK_SIZE;
    stack.ss_sp = memory + GUARD_SIZE;
    if (mprotect(stack.ss_sp, STACK_SIZE, PROT_READ | PROT_WRITE) < 0 ||
        sigaltstack(&stack, NULL) < 0)
        munmap(memory, GUARD_SIZE + STACK_SIZE);
}

void signals_start(void)
{
    if (process_pid() == 1)
        return; /* the kernel keeps signals with a default action from it */
    make_stack();
    install_over_default(requests, sizeof(requests));
    install_over_default(crashes, sizeof(crashes));
    is_kept = true;
}

/* There the default action of a signal that is sent is to ignore it. */
static void take_back(const uint8_t *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct sigaction normal = {.sa_handler = SIG_DFL};

        if (signals_is_ours(numbers[i]))
            real.sigaction(numbers[i], &normal, NULL);
    }
}

void signals_in_child(void)
{
    if (process_pid() != 1 || !is_kept)
        return;
    take_back(requests, sizeof(requests));
    take_back(crashes, sizeof(crashes));
    is_kept = false;
}

bool signals_is_ours(int number)
{
    struct sigaction action;

    return is_covered(number) && real.sigaction(number, NULL, &action) == 0 && is_ours(&action);
}

/* --- The wrappers ----------------------------------------------------------------------------- */

static bool asks_default(const struct sigaction *action)
{
    return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == SIG_DFL;
}

HOOK int sigaction(int number, const struct sigaction *restrict action,
                   struct sigaction *restrict old)
{
    struct sigaction ours, found;
    int result;

    if (!real.sigaction && !process_covered() && !real.sigaction)
        return real_missing();
    if (!is_covered(number))
        return real.sigaction(number, action, old);
    if (action && asks_default(action)) {
        fill(&ours, number);
        action = &ours;
    }
    result = real.sigaction(number, action, &found);
    if (result == 0 && old)
        *old = is_ours(&found) ? (struct sigaction){.sa_handler = SIG_DFL} : found;
    return result;
}

typedef void (*handler)(int);

/* What signal() and its like share: `set` is the one that was called. */
static handler set_handler(__typeof__(&signal) set, int number, handler wanted)
{
    handler old;

    if (!set) {
        real_missing();
        return SIG_ERR;
    }
    old = set(number, wanted);
    if (old == SIG_ERR || !is_covered(number))
        return old;
    if (wanted == SIG_DFL)
        install(number);
    return (void *)old == (void *)on_signal ? SIG_DFL : old;
}

/* These may be called by another library's constructor, before ours: then they do its work first.
 */
static void prepare(void)
{
    if (!real.sigaction)
        (void)process_covered();
}

HOOK handler signal(int number, handler wanted)
{
    prepare();
    return set_handler(real.signal, number, wanted);
}

HOOK handler bsd_signal(int number, handler wanted)
{
    prepare();
    return set_handler(real.signal, number, wanted);
}

HOOK handler ssignal(int number, handler wanted)
{
    prepare();
    return set_handler(real.signal, number, wanted);
}

HOOK handler sysv_signal(int number, handler wanted)
{
    prepare();
    return set_handler(real.sysv_signal, number, wanted);
}

HOOK handler __sysv_signal(int number, handler wanted)
{
    prepare();
    return set_handler(real.sysv_signal, number, wanted);
}

HOOK handler sigset(int number, handler wanted)
{
    prepare();
    return set_handler(real.sigset, number, wanted);
}
