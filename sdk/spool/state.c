/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The writer's process-wide state and its settings from the environment.
 *
 * Runs in the library's constructor, before there are threads. May not allocate from the heap.
 */
#include "sdk/spool/raw_syscall.h"
#include "sdk/spool/setting.h"
#include "sdk/spool/spool_internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

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

    RAW_SYSCALL(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(before));
    return before;
}

void signals_restore(uint64_t mask)
{
    RAW_SYSCALL(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
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
    spool_state.full_wait_ms =
        setting_duration_ms(getenv("LASTWORD_FULL_WAIT"), DEFAULT_FULL_WAIT_MS);
    spool_state.flush_timeout_ms =
        setting_duration_ms(getenv("LASTWORD_FLUSH_TIMEOUT"), SETTING_FLUSH_TIMEOUT_MS);
    spool_state.requested_size = setting_size(getenv("LASTWORD_SPOOL_SIZE"), 0);
}

int state_init(void)
{
    struct spool_wiped *expected = NULL;
    bool is_wiped;
    void *page;

    if (spool_state.wiped)
        return 0;
    page = mmap(NULL, WIPED_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return -ENOMEM;
    read_settings();
    /* Not looked at here: reading it first and writing to it later are two page faults. */
    is_wiped = madvise(page, WIPED_PAGE_SIZE, MADV_WIPEONFORK) == 0;
    if (!is_wiped)
        ((struct spool_wiped *)page)->checks_pid = 1;
    if (!atomic_compare_exchange_strong(&spool_state.wiped, &expected, page))
        munmap(page, WIPED_PAGE_SIZE);
    else if (!is_wiped)
        pthread_atfork(NULL, NULL, forget_process);
    return 0;
}

__attribute__((constructor(101))) static void construct(void)
{
    int saved = errno;

    (void)!state_init();
    errno = saved;
}
