/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Times per thread and stream, in thread-local memory of fixed size. Its room is scarce in
 * libraries that are loaded later (thread_storage.h), so an entry is 16 bytes.
 *
 * A signal handler may read while the thread is in the middle of writing: an entry whose key is 0
 * is free, the key is stored last, and a change of type goes through 0.
 */
#include "sdk/times.h"

#include "sdk/thread_storage.h"

#include <string.h>

struct entry {
    _Atomic uint64_t key; /* handle of the stream << 32 | number of the timeline << 16 | type */
    _Atomic int64_t value;
};

static _Thread_local struct entry entries[TIMES_MAX] SDK_THREAD_STORAGE;
/* Entries that ever were: all behind are free. */
static _Thread_local uint32_t n_used SDK_THREAD_STORAGE;

static uint64_t make_key(const struct stream *stream, uint16_t timeline, rr_time_type type)
{
    return (uint64_t)stream->handle << 32 | (uint64_t)timeline << 16 | type;
}

static uint64_t key_of(const struct entry *entry)
{
    return atomic_load_explicit(&entry->key, memory_order_relaxed);
}

/* Stores key and value in this order, as a signal handler of this thread sees them. */
static void store(struct entry *entry, uint64_t key, int64_t value)
{
    if (key_of(entry) != key)
        atomic_store_explicit(&entry->key, 0, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&entry->value, value, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&entry->key, key, memory_order_relaxed);
}

static void clear(struct entry *entry)
{
    atomic_store_explicit(&entry->key, 0, memory_order_relaxed);
}

/* --- Reading -------------------------------------------------------------- */

static void collect(struct times *times, uint16_t timeline, uint16_t type, int64_t value)
{
    struct times_entry *entry = &times->entries[times->n_times++];

    entry->timeline = timeline_at(timeline);
    entry->type = type;
    entry->value = value;
    times->names_size += entry->timeline->size;
}

/* Puts the SDK's own value there in the place of the program's? */
static bool is_overruled(const struct stream *stream, uint16_t timeline)
{
    return (timeline == TIMELINE_LOG_TIME && stream->has_log_time) ||
           (timeline == TIMELINE_LOG_TICK && stream->has_log_tick);
}

void times_collect_set(const struct stream *stream, struct times *ret_times)
{
    ret_times->n_times = 0;
    ret_times->names_size = 0;
    for (uint32_t i = 0; i < n_used; i++) {
        uint64_t key = key_of(&entries[i]);
        uint16_t timeline = (uint16_t)(key >> 16);

        if (key >> 32 == stream->handle && !is_overruled(stream, timeline))
            collect(ret_times, timeline, (uint16_t)key,
                    atomic_load_explicit(&entries[i].value, memory_order_relaxed));
    }
}

void times_collect(struct stream *stream, struct times *ret_times)
{
    times_collect_set(stream, ret_times);
    if (stream->has_log_tick)
        collect(ret_times, TIMELINE_LOG_TICK, RR_TIME_TYPE_SEQUENCE,
                (int64_t)atomic_fetch_add_explicit(&stream->n_ticks, 1, memory_order_relaxed));
}

/* --- Setting -------------------------------------------------------------- */

static bool is_called(uint16_t timeline, struct text name)
{
    const struct timeline *found = timeline_at(timeline);

    return found->size == name.size && !memcmp(found->name, name.bytes, name.size);
}

/* The thread's entry of that stream and timeline, or NULL. */
static struct entry *find(const struct stream *stream, struct text timeline)
{
    for (uint32_t i = 0; i < n_used; i++) {
        uint64_t key = key_of(&entries[i]);

        if (key >> 32 == stream->handle && is_called((uint16_t)(key >> 16), timeline))
            return &entries[i];
    }
    return NULL;
}

static bool is_abandoned(uint64_t key)
{
    const struct stream *stream = stream_at((rr_recording_stream)(key >> 32));

    return !stream || stream->is_freed;
}

/* An entry that is free, or that a stream which was freed has left behind; NULL: none. */
static struct entry *find_free(void)
{
    for (uint32_t i = 0; i < n_used; i++) {
        if (key_of(&entries[i]) == 0)
            return &entries[i];
    }
    if (n_used < TIMES_MAX)
        return &entries[n_used++];
    for (uint32_t i = 0; i < TIMES_MAX; i++) {
        if (is_abandoned(key_of(&entries[i])))
            return &entries[i];
    }
    return NULL;
}

static uint32_t count_of(const struct stream *stream)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_used; i++)
        n += key_of(&entries[i]) >> 32 == stream->handle;
    return n;
}

bool times_set(struct stream *stream, struct text timeline, rr_time_type type, int64_t value)
{
    struct entry *entry = find(stream, timeline);
    uint16_t number;

    if (entry) {
        store(entry, make_key(stream, (uint16_t)(key_of(entry) >> 16), type), value);
        return true;
    }
    if (count_of(stream) >= TIMES_MAX_PER_STREAM)
        return false;
    number = timeline_number(timeline);
    entry = number ? find_free() : NULL;
    if (!entry)
        return false;
    store(entry, make_key(stream, number, type), value);
    return true;
}

void times_disable(struct stream *stream, struct text timeline)
{
    struct entry *entry = find(stream, timeline);

    if (entry)
        clear(entry);
}

void times_reset(struct stream *stream)
{
    for (uint32_t i = 0; i < n_used; i++) {
        if (key_of(&entries[i]) >> 32 == stream->handle)
            clear(&entries[i]);
    }
}
