/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The writer's process-wide state and its settings from the environment.
 *
 * Runs in the library's constructor, before there are threads. May not allocate from the heap.
 */
#include "sdk/spool/spool_internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

#define DEFAULT_FULL_WAIT_MS 10000u
#define WIPED_PAGE_SIZE      4096u

struct spool_state spool_state;
_Thread_local struct spool_thread spool_thread = {.serial = UINT64_MAX};

uint64_t signals_block(void)
{
    uint64_t all = UINT64_MAX;
    uint64_t before = 0;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(before));
    return before;
}

void signals_restore(uint64_t mask)
{
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
}

/* Reads a number with an optional unit out of `units`; `fallback` when the text is anything else.
 */
static uint64_t read_number(const char *text, uint64_t fallback, uint64_t no_unit,
                            uint64_t (*unit)(const char *))
{
    char *end;
    uint64_t value;
    uint64_t factor;
    int saved = errno;

    if (!text || *text < '0' || *text > '9')
        return fallback;
    value = strtoull(text, &end, 10);
    errno = saved;
    factor = *end ? unit(end) : no_unit;
    if (!factor || value > UINT32_MAX * 1024ull / factor)
        return fallback;
    return value * factor;
}

static uint64_t duration_unit(const char *unit)
{
    if (!strcmp(unit, "ms"))
        return 1;
    if (!strcmp(unit, "s"))
        return 1000;
    return strcmp(unit, "m") ? 0 : 60000;
}

static uint64_t size_unit(const char *unit)
{
    if (!strcmp(unit, "K"))
        return 1u << 10;
    if (!strcmp(unit, "M"))
        return 1u << 20;
    return strcmp(unit, "G") ? 0 : 1u << 30;
}

/* Without the kernel's wiping only fork() is noticed for sure, through this, and the rest by its
 * pid. */
static void forget_process(void)
{
    struct spool_wiped *wiped = spool_state.wiped;

    memset(wiped, 0, sizeof(*wiped));
    wiped->checks_pid = 1;
}

static void read_settings(void)
{
    uint64_t wait =
        read_number(getenv("LASTWORD_FULL_WAIT"), DEFAULT_FULL_WAIT_MS, 1000, duration_unit);

    spool_state.full_wait_ms = wait > UINT32_MAX ? UINT32_MAX : (uint32_t)wait;
    spool_state.requested_size = read_number(getenv("LASTWORD_SPOOL_SIZE"), 0, 1, size_unit);
}

int state_init(void)
{
    struct spool_wiped *expected = NULL;
    void *page;

    if (spool_state.wiped)
        return 0;
    page = mmap(NULL, WIPED_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return -ENOMEM;
    read_settings();
    if (madvise(page, WIPED_PAGE_SIZE, MADV_WIPEONFORK) != 0)
        ((struct spool_wiped *)page)->checks_pid = 1;
    if (!atomic_compare_exchange_strong(&spool_state.wiped, &expected, page))
        munmap(page, WIPED_PAGE_SIZE);
    else if (spool_state.wiped->checks_pid)
        pthread_atfork(NULL, NULL, forget_process);
    return 0;
}

__attribute__((constructor(101))) static void construct(void)
{
    int saved = errno;

    (void)!state_init();
    errno = saved;
}
