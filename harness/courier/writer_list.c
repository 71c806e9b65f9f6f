/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Slots of a spool made into writers. A slot is readable once its serial is there; what it says of
 * pids and times is only ever compared, never trusted.
 */
#include "harness/courier/writer_list.h"

#include "harness/courier/array.h"
#include "harness/courier/bus_guard.h"

#include <errno.h>
#include <string.h>

#define SLOTS_AT_ONCE 64u

int writer_list_init(struct writer_list *list, const struct spool_map *map)
{
    *list = (struct writer_list){
        .by_slot = calloc(map->n_slots + 1, sizeof(struct writer *)),
        .n_slots = map->n_slots,
    };
    return list->by_slot == NULL ? -ENOMEM : 0;
}

static void free_writer(struct writer *writer)
{
    while (writer->threads != NULL)
        writer_thread_remove(writer->threads);
    free(writer);
}

void writer_list_done(struct writer_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free_writer(list->all[i]);
    free(list->all);
    free(list->by_slot);
    *list = (struct writer_list){0};
}

struct writer *writer_list_find(const struct writer_list *list, uint32_t slot, uint64_t serial)
{
    if (slot < list->n_slots && list->by_slot[slot] != NULL &&
        list->by_slot[slot]->serial == serial)
        return list->by_slot[slot];
    for (size_t i = 0; i < list->n; i++) {
        if (list->all[i]->serial == serial)
            return list->all[i];
    }
    return NULL;
}

static struct writer *add(struct writer_list *list, const struct writer *seen)
{
    struct writer **all = array_grow(list->all, list->n, &list->capacity, sizeof(*all));
    struct writer *writer;

    if (all == NULL)
        return NULL;
    list->all = all;
    writer = malloc(sizeof(*writer));
    if (writer == NULL)
        return NULL;
    *writer = *seen;
    all[list->n++] = writer;
    return writer;
}

struct writer *writer_list_add_unseen(struct writer_list *list, uint64_t serial)
{
    return add(list, &(struct writer){.serial = serial, .slot = UINT32_MAX});
}

struct scan_call {
    const struct spool_map *map;
    struct writer *const *by_slot;
    uint64_t next_serial;
    uint32_t next, n;
    struct writer seen[SLOTS_AT_ONCE];
    size_t n_seen;
    bool is_claimed; /* a slot that cannot be read yet */
};

static void begin_body(void *context)
{
    struct scan_call *call = context;
    const struct spool_header *header = spool_map_header(call->map);
    uint32_t n_used = atomic_load_explicit(&header->n_slots_used, memory_order_acquire);

    call->next_serial = atomic_load_explicit(&header->next_serial, memory_order_acquire);
    call->n = n_used < call->map->n_slots ? n_used : call->map->n_slots;
}

static void scan_body(void *context)
{
    struct scan_call *call = context;

    for (; call->next < call->n && call->n_seen < SLOTS_AT_ONCE; call->next++) {
        struct spool_slot *slot = spool_map_slot(call->map, call->next);
        const struct writer *known = call->by_slot[call->next];
        uint64_t serial = atomic_load_explicit(&slot->serial, memory_order_acquire);

        if (serial == 0 && atomic_load_explicit(&slot->pid, memory_order_relaxed) != 0)
            call->is_claimed = true;
        if (serial == 0 || (known != NULL && known->serial == serial))
            continue;
        call->seen[call->n_seen++] = (struct writer){
            .serial = serial,
            .slot = call->next,
            .pid = atomic_load_explicit(&slot->pid, memory_order_relaxed),
            .parent_pid = slot->parent_pid,
            .parent_serial = slot->parent_serial,
            .claimed_ns = slot->claimed_ns,
        };
    }
}

/* As scan_body, but slots whose page is missing are passed over. */
static void scan_one_by_one(struct scan_call *call)
{
    while (call->next < call->n && call->n_seen < SLOTS_AT_ONCE) {
        struct scan_call one = {
            .map = call->map,
            .by_slot = call->by_slot,
            .next = call->next,
            .n = call->next + 1,
        };

        if (bus_guard_run(scan_body, &one)) {
            call->is_claimed |= one.is_claimed;
            if (one.n_seen > 0)
                call->seen[call->n_seen++] = one.seen[0];
        }
        call->next++;
    }
}

/*
 * Sees the next slots. A directory page that a process could not get memory for has none: on a full
 * file system reading it would have to allocate it.
 */
static void scan(struct scan_call *call)
{
    uint32_t next = call->next;
    bool is_claimed = call->is_claimed;

    call->n_seen = 0;
    if (bus_guard_run(scan_body, call))
        return;
    call->next = next;
    call->n_seen = 0;
    call->is_claimed = is_claimed;
    scan_one_by_one(call);
}

/* A serial that two slots claim belongs to the first: a spool out of order must not confuse us. */
static int take_seen(struct writer_list *list, const struct writer *seen,
                     int (*found)(void *context, struct writer *writer), void *context)
{
    struct writer *writer = writer_list_find(list, seen->slot, seen->serial);

    if (writer != NULL)
        return 0;
    writer = add(list, seen);
    if (writer == NULL)
        return -ENOMEM;
    list->by_slot[seen->slot] = writer;
    return found(context, writer);
}

int writer_list_update(struct writer_list *list, const struct spool_map *map,
                       int (*found)(void *context, struct writer *writer), void *context)
{
    struct scan_call call = {.map = map, .by_slot = list->by_slot};

    if (!bus_guard_run(begin_body, &call))
        return -EFAULT;
    if (call.next_serial == list->next_serial)
        return 0;
    while (call.next < call.n) {
        scan(&call);
        for (size_t i = 0; i < call.n_seen; i++) {
            int result = take_seen(list, &call.seen[i], found, context);

            if (result < 0)
                return result;
        }
    }
    if (!call.is_claimed)
        list->next_serial = call.next_serial;
    return 0;
}

struct recycle_call {
    struct spool_slot *slot;
    uint64_t serial;
};

/* Serial first: a slot whose pid is 0 can be taken at once. */
static void recycle_body(void *context)
{
    struct recycle_call *call = context;

    if (atomic_load_explicit(&call->slot->serial, memory_order_relaxed) != call->serial)
        return;
    atomic_store_explicit(&call->slot->serial, 0, memory_order_relaxed);
    atomic_store_explicit(&call->slot->pid, 0, memory_order_release);
}

void writer_list_remove(struct writer_list *list, const struct spool_map *map,
                        struct writer *writer)
{
    size_t place = 0;

    while (list->all[place] != writer)
        place++;
    memmove(&list->all[place], &list->all[place + 1],
            (list->n - place - 1) * sizeof(struct writer *));
    list->n--;
    if (writer->slot < map->n_slots) {
        struct recycle_call call = {spool_map_slot(map, writer->slot), writer->serial};

        (void)!bus_guard_run(recycle_body, &call);
        if (list->by_slot[writer->slot] == writer)
            list->by_slot[writer->slot] = NULL;
    }
    free_writer(writer);
}

struct writer_thread *writer_thread_get(struct writer *writer, uint32_t tid)
{
    struct writer_thread *thread = writer->threads;

    while (thread != NULL && thread->tid != tid)
        thread = thread->next;
    if (thread != NULL)
        return thread;
    thread = calloc(1, sizeof(*thread));
    if (thread == NULL)
        return NULL;
    thread->writer = writer;
    thread->tid = tid;
    thread->next = writer->threads;
    writer->threads = thread;
    return thread;
}

void writer_thread_remove(struct writer_thread *thread)
{
    struct writer_thread **link = &thread->writer->threads;

    while (*link != thread)
        link = &(*link)->next;
    *link = thread->next;
    fragment_join_done(&thread->join);
    free(thread);
}
