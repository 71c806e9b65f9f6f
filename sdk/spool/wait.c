/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Waiting for the courier, always with a bound: for room in a full spool, and until rows are
 * stored.
 *
 * The courier bumps `progress` and wakes its waiters after each commit. A waiter rings first: it
 * touches the spool's times, which the courier's inotify sees, since a store through a mapping
 * wakes nobody.
 */
#include "sdk/spool/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RING_AGAIN_NS 100000000ull /* a courier that was just starting may have missed the bell */

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void bell_ring(void)
{
    utimensat(AT_FDCWD, spool_state.path, NULL, AT_SYMLINK_NOFOLLOW);
}

/* Sleeps until the courier has made progress since `seen`, or until the deadline. */
static int progress_wait(struct spool_header *header, uint32_t seen, uint64_t deadline_ns)
{
    uint64_t now = monotonic_ns();
    uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
    struct timespec timeout;

    if (!left)
        return -ETIMEDOUT;
    left = left < RING_AGAIN_NS ? left : RING_AGAIN_NS;
    timeout.tv_sec = (time_t)(left / 1000000000u);
    timeout.tv_nsec = (long)(left % 1000000000u);
    atomic_fetch_add(&header->n_waiters, 1);
    syscall(SYS_futex, &header->progress, FUTEX_WAIT, seen, &timeout, NULL, 0);
    atomic_fetch_sub(&header->n_waiters, 1);
    return 0;
}

int room_wait(uint32_t seen, uint64_t *deadline_ns)
{
    struct spool_header *header = spool_state.header;
    int saved = errno;
    int result;

    if (!*deadline_ns)
        *deadline_ns = monotonic_ns() + spool_state.full_wait_ms * 1000000ull;
    if (!atomic_load(&header->courier_pid) && !spool_state.expects_courier)
        return -ENOSPC;
    if (spool_state.stalled_at == seen + 1ull)
        return -ENOSPC; /* nothing has moved since the last wait: do not wait at each row */
    bell_ring();
    result = progress_wait(header, seen, *deadline_ns) == 0 ? 0 : -ENOSPC;
    if (result < 0)
        spool_state.stalled_at = seen + 1ull;
    errno = saved;
    return result;
}

/* Has the courier stored all that stands in this process's blocks? */
static bool all_stored(struct spool_header *header)
{
    uint32_t mine = SPOOL_STATE_WORD(SPOOL_OWNED, spool_state.wiped->slot);
    uint32_t used = atomic_load(&header->n_blocks_used);

    used = used < header->n_blocks ? used : header->n_blocks;
    for (uint32_t i = 0; i < used; i++) {
        struct spool_block *block;

        if (atomic_load(spool_state_at(header, i)) != mine)
            continue;
        block = spool_block_at(header, i);
        if (atomic_load(&block->read_position) < block_end(block))
            return false;
    }
    return true;
}

int wait_stored(uint32_t timeout_ms)
{
    struct spool_header *header = spool_state.header;
    uint64_t deadline_ns = monotonic_ns() + timeout_ms * 1000000ull;
    int saved = errno;
    int result = 0;

    if (!header || !spool_state.wiped->serial)
        return 0;
    while (result == 0 && atomic_load(&header->courier_pid)) {
        uint32_t seen = atomic_load(&header->progress);

        if (all_stored(header))
            break;
        bell_ring();
        result = progress_wait(header, seen, deadline_ns);
    }
    errno = saved;
    return result;
}

/* --- For one thread ----------------------------------------------------------------------------
 */

/* How far a thread has written. */
struct mark {
    struct spool_block *block; /* NULL: it has no block of this process */
    uint64_t chain;            /* another number there says that all of it was stored */
    uint32_t end;
};

static struct mark mark_here(void)
{
    const struct spool_thread *thread = &spool_thread;

    if (!spool_state.header || thread->serial != atomic_load(&spool_state.wiped->serial))
        return (struct mark){.block = NULL};
    return (struct mark){thread->block, thread->chain, block_end(thread->block)};
}

static bool is_stored(const struct mark *mark)
{
    return atomic_load(&mark->block->chain) != mark->chain ||
           atomic_load(&mark->block->read_position) >= mark->end;
}

/* Does somebody serve the spool, or is anybody to come? */
static bool has_courier(const struct spool_header *header)
{
    return atomic_load(&header->courier_pid) || spool_state.expects_courier;
}

int wait_thread(uint32_t timeout_ms)
{
    struct spool_header *header = spool_state.header;
    struct mark mark = mark_here();
    uint32_t first_seen;
    uint64_t deadline_ns;
    int saved = errno;
    int result = 0;

    if (!mark.block)
        return 0;
    first_seen = atomic_load(&header->progress);
    if (spool_state.waited_at == first_seen + 1ull)
        timeout_ms = 0; /* nothing has moved since the last wait in vain */
    if (timeout_ms > spool_state.flush_timeout_ms)
        timeout_ms = spool_state.flush_timeout_ms;
    deadline_ns = monotonic_ns() + timeout_ms * 1000000ull;
    while (result == 0 && has_courier(header)) {
        uint32_t seen = atomic_load(&header->progress);

        if (is_stored(&mark))
            break;
        bell_ring();
        result = progress_wait(header, seen, deadline_ns);
    }
    if (result < 0 && atomic_load(&header->progress) == first_seen)
        spool_state.waited_at = first_seen + 1ull;
    errno = saved;
    return result;
}
