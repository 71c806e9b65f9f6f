/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows on their way into the spool: everything of a RECORD_ROW that is the same for all kinds of
 * rows. Who logs measures its batches, begins the row, puts the batches, and ends it:
 *
 *     struct row row = {...};
 *
 *     if (row_begin(&row, &cursor)) {
 *         batch_put_text(&cursor, ...);
 *         return row_end(&row, &cursor);
 *     }
 *
 * Nothing here allocates, locks or makes a system call but for what the spool does. Thread-safe,
 * fork-safe, async-signal-safe.
 */
#pragma once

#include "sdk/spool/spool.h"
#include "sdk/times.h"

/* A row before it is written. */
struct row {
    struct argument_call call;
    struct stream *stream; /* is_enabled */
    struct text entity_path;
    uint32_t n_components;         /* 1..RECORD_MAX_COMPONENTS */
    const uint32_t *component_ids; /* n_components, each once */
    uint64_t batches_size;         /* bytes of all batches, their struct record_batch included */
    const struct times *times;     /* in the place of the thread's and of log_time; NULL: those */
    bool is_static;
};

/*
 * Writes all that comes before the batches. Returns true, with `cursor` open for exactly
 * batches_size bytes; or false with the call's error set: RECORDING_STREAM_RUNTIME_FAILURE;
 * INVALID_COMPONENT the row is above ROW_MAX_SIZE.
 */
bool row_begin(const struct row *row, struct spool_cursor *cursor);

/* Commits the row. Returns true, or false with the call's error set, as row_begin. */
static inline bool row_end(const struct row *row, struct spool_cursor *cursor);

/* --- Batches -------------------------------------------------------------- */

/* What readers take of one component and of one row: the harness refuses columns above 1 GiB. */
#define BATCH_MAX_SIZE (UINT64_C(512) << 20)
#define ROW_MAX_SIZE   (UINT64_C(1) << 30)

static inline uint64_t padded(uint64_t size)
{
    return (size + 7) & ~UINT64_C(7);
}

/* Bytes of a batch of n fixed-width values, with its head. */
static inline uint64_t batch_size_fixed(uint64_t n, uint64_t value_size)
{
    return sizeof(struct record_batch) + padded(n * value_size);
}

/* Bytes of a batch of n texts with text_size bytes in all, with its head. */
static inline uint64_t batch_size_texts(uint64_t n, uint64_t text_size)
{
    return sizeof(struct record_batch) + padded((n + 1) * sizeof(uint32_t)) + padded(text_size);
}

/* Puts the head of a batch whose size, head included, is `size`. */
static inline void batch_put_head(struct spool_cursor *cursor, uint64_t size, uint32_t n_instances)
{
    struct record_batch head = {(uint32_t)(size - sizeof(head)), n_instances};

    spool_put(cursor, &head, sizeof(head));
}

/* Puts a batch of one text, batch_size_texts(1, text.size) bytes. */
static inline void batch_put_text(struct spool_cursor *cursor, struct text text)
{
    struct {
        struct record_batch head;
        uint32_t offsets[2];
    } start = {
        {(uint32_t)(batch_size_texts(1, text.size) - sizeof(start.head)), 1},
        {0, (uint32_t)text.size},
    };

    spool_put(cursor, &start, sizeof(start));
    spool_put(cursor, text.bytes, text.size);
    spool_put_padding(cursor, text.size);
}

/* Puts a batch of n fixed-width values, batch_size_fixed(n, value_size) bytes. */
static inline void batch_put_fixed(struct spool_cursor *cursor, const void *values, uint32_t n,
                                   size_t value_size)
{
    batch_put_head(cursor, batch_size_fixed(n, value_size), n);
    spool_put(cursor, values, n * value_size);
    spool_put_padding(cursor, n * value_size);
}

__attribute__((cold)) bool row_fail(const struct row *row, int spool_error);

static inline bool row_end(const struct row *row, struct spool_cursor *cursor)
{
    int result = lastword_spool_v1.end(cursor);

    return __builtin_expect(result == 0, 1) || row_fail(row, result);
}
