/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * This process's slot in the spool: who it is, so that its rows can be told from its parent's.
 *
 * Claimed at the first use after exec or fork. The wiped page says whether that has happened: the
 * kernel zeroes it in every forked child, however it was forked. May not lock, allocate or call
 * dlsym: it runs in fork children.
 */
#include "sdk/spool/raw_syscall.h"
#include "sdk/spool/spool_internal.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

#define QUICK_PROBES   8u       /* slots looked at before one that was never used is taken */
#define CLAIM_TAKEOVER 1000000u /* yields: the claimer was a vfork child that somebody killed */

static bool take(struct spool_slot *slot, uint32_t pid)
{
    uint32_t nobody = 0;

    return atomic_load_explicit(&slot->pid, memory_order_relaxed) == 0 &&
           atomic_compare_exchange_strong_explicit(&slot->pid, &nobody, pid, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* A slot that was used and is free again, looked for in up to `n_probes` places. */
static int take_recycled(struct spool_header *header, uint32_t pid, uint32_t n_probes,
                         uint32_t *ret_index)
{
    uint32_t used = atomic_load_explicit(&header->n_slots_used, memory_order_relaxed);
    uint32_t start = atomic_load_explicit(&header->slot_cursor, memory_order_relaxed);

    used = used < header->n_slots ? used : header->n_slots;
    n_probes = n_probes < used ? n_probes : used;
    for (uint32_t i = 0; i < n_probes; i++) {
        uint32_t index = (start + i) % used;

        if (directory_back(index / SPOOL_REGION_SLOTS) == 0 &&
            take(spool_slot_at(header, index), pid)) {
            atomic_store_explicit(&header->slot_cursor, index + 1, memory_order_relaxed);
            *ret_index = index;
            return 0;
        }
    }
    return -ENOSPC;
}

static int take_new(struct spool_header *header, uint32_t pid, uint32_t *ret_index)
{
    uint32_t index;

    if (atomic_load_explicit(&header->n_slots_used, memory_order_relaxed) >= header->n_slots)
        return -ENOSPC;
    index = atomic_fetch_add_explicit(&header->n_slots_used, 1, memory_order_relaxed);
    if (index >= header->n_slots)
        return -ENOSPC;
    if (directory_back(index / SPOOL_REGION_SLOTS) < 0)
        return -ENOSPC;
    *ret_index = index;
    return take(spool_slot_at(header, index), pid) ? 0 : -ENOSPC;
}

/* Used ones first: they lie close to the header, in memory that the child has to touch anyway. */
static int take_any(struct spool_header *header, uint32_t pid, uint32_t *ret_index)
{
    if (take_recycled(header, pid, QUICK_PROBES, ret_index) == 0 ||
        take_new(header, pid, ret_index) == 0)
        return 0;
    return take_recycled(header, pid, header->n_slots, ret_index);
}

static uint64_t boottime_ns(void)
{
    struct timespec now;

    RAW_SYSCALL(SYS_clock_gettime, CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * The serial of the process that forked this one. Thread-local state came along with the fork and
 * still holds it; a thread that never wrote has none, and then the parent's pid is looked up.
 */
static uint64_t parent_serial(struct spool_header *header, uint32_t parent_pid)
{
    uint32_t used = atomic_load_explicit(&header->n_slots_used, memory_order_relaxed);

    if (spool_thread.serial != UINT64_MAX)
        return spool_thread.serial;
    for (uint32_t i = 0; i < used && i < header->n_slots; i++) {
        struct spool_slot *slot = spool_slot_at(header, i);

        if (atomic_load_explicit(&slot->pid, memory_order_relaxed) == parent_pid)
            return atomic_load_explicit(&slot->serial, memory_order_relaxed);
    }
    return 0;
}

static int claim_slot(struct spool_header *header, struct spool_wiped *wiped)
{
    uint32_t pid = (uint32_t)RAW_SYSCALL(SYS_getpid);
    struct spool_slot *slot;
    uint32_t index = 0;
    uint64_t serial;

    if (take_any(header, pid, &index) < 0)
        return -ENOSPC;
    slot = spool_slot_at(header, index);
    slot->parent_pid = (uint32_t)RAW_SYSCALL(SYS_getppid);
    slot->parent_serial = parent_serial(header, slot->parent_pid);
    slot->claimed_ns = boottime_ns();
    serial = atomic_fetch_add_explicit(&header->next_serial, 1, memory_order_relaxed);
    atomic_store_explicit(&slot->serial, serial, memory_order_release);
    wiped->slot = index;
    wiped->pid = pid;
    wiped->announced = 0;
    atomic_store_explicit(&wiped->serial, serial, memory_order_release);
    return 0;
}

int process_claim(void)
{
    struct spool_wiped *wiped = spool_state.wiped;
    int result = 0;

    if (wiped->checks_pid && wiped->serial && wiped->pid != (uint32_t)RAW_SYSCALL(SYS_getpid))
        wiped->serial = 0;
    for (uint32_t tries = 0; !atomic_load_explicit(&wiped->serial, memory_order_acquire); tries++) {
        uint32_t idle = 0;

        if (atomic_compare_exchange_strong(&wiped->claiming, &idle, 1) || tries > CLAIM_TAKEOVER) {
            if (!wiped->serial)
                result = claim_slot(spool_state.header, wiped);
            wiped->claiming = 0;
            return result;
        }
        sched_yield();
    }
    return 0;
}
