/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records larger than a block: written as fragments, one after the other in this thread's blocks.
 *
 * The first fragment keeps the reader from going on until the last one is there; where the writer
 * gives up in the middle it marks that first one as abandoned. Signals are blocked from begin to
 * end.
 */
#include "sdk/spool/spool_internal.h"

#include <errno.h>

#define HEADERS       (uint32_t)(sizeof(struct spool_record) + sizeof(struct record_fragment))
#define SMALLEST_PART 512u /* a shorter rest of a block is not worth a fragment */

static void fill(struct spool_cursor *cursor, struct spool_record *record, uint32_t part)
{
    struct record_fragment *fragment = (struct record_fragment *)(void *)(record + 1);

    record->kind = cursor->first ? RECORD_FRAGMENT_NEXT : RECORD_FRAGMENT_FIRST;
    record->time_ns = cursor->time_ns;
    *fragment = (struct record_fragment){
        .message = cursor->message,
        .size = part,
        .offset = cursor->total - cursor->left,
        .total_size = cursor->total,
        .kind = cursor->kind,
    };
    cursor->record = record;
    cursor->at = (uint8_t *)(fragment + 1);
    cursor->end = cursor->at + part;
    cursor->left -= part;
    if (!cursor->first)
        cursor->first = record;
}

static int open_window(struct spool_cursor *cursor)
{
    struct spool_record *record = NULL;
    uint64_t deadline_ns = 0;
    uint32_t part = 0;

    while (!record) {
        uint32_t seen = atomic_load(&spool_state.header->progress);
        int result = thread_prepare(HEADERS + SMALLEST_PART);
        uint32_t room;

        if (result == -ENOSPC && room_wait(seen, &deadline_ns) == 0)
            continue;
        if (result < 0)
            return result;
        room = atomic_load_explicit(&spool_thread.block->limit, memory_order_relaxed) -
               block_end(spool_thread.block);
        if (room < HEADERS + SMALLEST_PART)
            continue;
        part = cursor->left < room - HEADERS ? (uint32_t)cursor->left : room - HEADERS;
        record = block_reserve(spool_thread.block, HEADERS + part);
    }
    fill(cursor, record, part);
    return 0;
}

static void commit_window(struct spool_cursor *cursor)
{
    struct spool_record *record = cursor->record;
    uint32_t word = atomic_load_explicit(&record->word, memory_order_relaxed);

    atomic_store_explicit(&record->word, word | SPOOL_COMMITTED(0), memory_order_release);
    cursor->record = NULL;
}

static void give_up(struct spool_cursor *cursor, int error)
{
    struct spool_record *first = cursor->first;

    cursor->error = (int16_t)error;
    cursor->at = cursor->end = NULL;
    cursor->left = 0;
    if (first)
        __atomic_store_n(&first->kind, (uint16_t)RECORD_FRAGMENT_ABANDONED, __ATOMIC_RELEASE);
}

int fragments_begin(struct spool_cursor *cursor)
{
    int result;

    cursor->signal_mask = signals_block();
    cursor->left = cursor->total;
    cursor->message = atomic_fetch_add(&spool_state.wiped->next_message, 1);
    result = open_window(cursor);
    if (result < 0)
        signals_restore(cursor->signal_mask);
    return result;
}

void fragments_put(struct spool_cursor *cursor, const void *bytes, uint64_t size)
{
    const uint8_t *from = bytes;
    int result;

    while (size && cursor->error == 0) {
        uint64_t room = (uint64_t)(cursor->end - cursor->at);
        uint64_t part = size < room ? size : room;

        memcpy(cursor->at, from, part);
        cursor->at += part;
        from += part;
        size -= part;
        if (size == 0)
            return;
        commit_window(cursor);
        result = cursor->left ? open_window(cursor) : -EMSGSIZE;
        if (result < 0)
            give_up(cursor, result);
    }
}

int fragments_end(struct spool_cursor *cursor)
{
    if (cursor->record && (cursor->at != cursor->end || cursor->left)) {
        commit_window(cursor);
        give_up(cursor, -EMSGSIZE);
    }
    if (cursor->record)
        commit_window(cursor);
    signals_restore(cursor->signal_mask);
    return cursor->error;
}
