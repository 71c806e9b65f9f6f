/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The Arrow array of one node of a datatype, while values are appended to it.
 *
 * Functions that append return 0, -ENOMEM or -E2BIG; after an error the node must be truncated to
 * the length it had. Not thread-safe.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "sdk/record/datatype.h"

#include <stdbool.h>

/* Bytes that one column takes at most: Arrow's 32-bit offsets and one message must hold it. */
#define COLUMN_MAX_SIZE ((size_t)1 << 30)

struct column_node {
    uint64_t length; /* values so far */
    uint64_t null_count;
    struct buffer validity; /* one bit a value; empty while null_count is 0: bits appear with the
                               first null */
    struct buffer offsets;  /* i32; texts and lists: length + 1 of them, the first 0; dense union:
                               length of them */
    struct buffer data;     /* values, bits (BOOL), bytes (texts) or codes (unions) */
};

/* What is still to be taken of a batch's data, which must have passed record_batch_check. */
struct column_source {
    const uint8_t *next;
    bool has_nulls;
};

/* Makes an empty node. On error there is nothing to free. */
__attribute__((warn_unused_result)) int column_node_init(struct column_node *node,
                                                         const struct datatype_node *type);
void column_node_done(struct column_node *node);

/*
 * Takes the node's own buffers for n values off the source and appends them; not for a dense union.
 * *ret_n_children is how many values each of its children gets.
 */
__attribute__((warn_unused_result)) int column_node_append(struct column_node *node,
                                                           const struct datatype_node *type,
                                                           struct column_source *source, uint64_t n,
                                                           uint64_t *ret_n_children);

/*
 * As column_node_append for a dense union: the offsets of values with code c count from
 * child_lengths[c] on.
 */
__attribute__((warn_unused_result)) int
column_node_append_dense(struct column_node *node, struct column_source *source, uint64_t n,
                         const uint32_t child_lengths[static DATATYPE_MAX_CODE + 1]);

/* Appends one list to a LIST node: the child's values up to `end`, or null. */
__attribute__((warn_unused_result)) int column_node_append_list(struct column_node *node,
                                                                uint64_t end, bool is_null);

/* Takes values back until n are left. */
void column_node_truncate(struct column_node *node, const struct datatype_node *type, uint64_t n);

/* Returns where the last value of a text or list ends. */
uint64_t column_node_end(const struct column_node *node);

/* Returns the bytes in its buffers. */
size_t column_node_size(const struct column_node *node);
