/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the record batch message of an Arrow IPC stream: header from a template, then the body,
 * array by array in the order of the schema, depth first.
 *
 * Buffers start at multiples of 8 bytes, and validity bitmaps without a null are left out: readers
 * take both, and it makes small chunks smaller than the official SDK's, which pads to 64 and writes
 * all.
 *
 * Not thread-safe. Functions return 0, -ENOMEM or -E2BIG; what was appended is of no use after an
 * error.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/column_node.h"
#include "harness/wire/ipc_template.h"
#include "harness/wire/tuid.h"

struct batch_writer {
    struct buffer *out;
    const struct ipc_template *template;
    size_t header;     /* where the message begins in `out` */
    size_t node;       /* where the next node of the header goes */
    size_t descriptor; /* where the next buffer of the header goes */
    size_t body;       /* where the body begins */
};

/* Appends the header, at a multiple of 8 of `out`. Both arguments must outlive the writer. */
__attribute__((warn_unused_result)) int batch_writer_begin(struct batch_writer *writer,
                                                           struct buffer *out,
                                                           const struct ipc_template *template);

/* Appends an array without children or nulls: n values of a fixed width, `size` bytes in all. */
__attribute__((warn_unused_result)) int
batch_writer_put_values(struct batch_writer *writer, const void *values, size_t n, size_t size);

/* As put_values, for a FixedSizeBinary(16) of ids. */
__attribute__((warn_unused_result)) int batch_writer_put_ids(struct batch_writer *writer,
                                                             const struct tuid *ids, size_t n);

/* Appends the buffers of one node; its children come next. */
__attribute__((warn_unused_result)) int batch_writer_put_node(struct batch_writer *writer,
                                                              const struct column_node *node,
                                                              const struct datatype_node *type);

/* Fills the numbers into the header. Returns -EPROTO when the arrays were not those of the schema.
 */
__attribute__((warn_unused_result)) int batch_writer_end(struct batch_writer *writer,
                                                         size_t n_rows);
