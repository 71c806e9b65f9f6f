/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first rows of one process, by RowId, out of any number that come in any order.
 * Not thread-safe.
 */
#pragma once

#include "harness/verify/recorded_row.h"

struct row_queue {
    size_t limit; /* rows that are kept */
    size_t n, capacity;
    struct recorded_row *rows; /* until row_queue_sort a heap with the greatest RowId in front */
    uint64_t n_dropped;        /* rows that came and were not kept */
    size_t n_bytes;            /* that the kept rows' own memory takes */
};

void row_queue_init(struct row_queue *queue, size_t limit);
void row_queue_done(struct row_queue *queue);

/*
 * Tells whether a row of that id would be kept. A row that would not be need not be read: count it
 * with row_queue_drop.
 */
bool row_queue_wants(const struct row_queue *queue, struct tuid id);
void row_queue_drop(struct row_queue *queue);

/* Keeps a row that is wanted and becomes its owner, instead of the greatest one if it is full.
 * Returns 0, or -ENOMEM with the row still the caller's. */
__attribute__((warn_unused_result)) int row_queue_put(struct row_queue *queue,
                                                      const struct recorded_row *row);

/* Returns the bytes that the queue takes. */
size_t row_queue_size(const struct row_queue *queue);

/* Puts the rows in order. Nothing may be put after that. */
void row_queue_sort(struct row_queue *queue);
