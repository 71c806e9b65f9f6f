/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From Arrow arrays to the batches of sdk/record/record.h. An array is checked once and then
 * written, without being copied in between. It stays the caller's. No state.
 */
#pragma once

#include "sdk/row.h"

/* A batch that was measured. */
struct arrow_batch {
    const struct ArrowArray *array;
    const struct datatype_node *nodes; /* the type of the array, in preorder */
    uint64_t size;                     /* of the batch, its head included */
    bool has_nulls;
};

/*
 * Checks that batch->array fits the type batch->nodes, and fills in the rest of the batch. Nothing
 * but the buffers' own bounds, which Arrow does not tell, is taken on trust; text is not checked to
 * be UTF-8. Returns NULL, or what is wrong with the array, as a text that follows "the array ".
 */
const char *arrow_measure(struct arrow_batch *batch);

/* Puts a batch that was measured: batch->size bytes. */
void arrow_put(struct spool_cursor *cursor, const struct arrow_batch *batch);
