/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The two headers of an Arrow IPC stream of one record batch, made once for a schema, and where in
 * them stands what differs from batch to batch.
 *
 * nanoarrow writes the flatbuffers; this module finds the places. Not thread-safe.
 * Source: Arrow format, Message.fbs and Schema.fbs; flatbuffers.dev, "Internals".
 */
#pragma once

#include "harness/wire/buffer.h"

struct ArrowSchema;

#define IPC_CHUNK_ID_SIZE 38 /* "chunk_" and 32 digits */
#define IPC_NO_CHUNK_ID   SIZE_MAX

struct ipc_template {
    struct buffer schema; /* the encapsulated schema message */
    size_t chunk_id;      /* in schema: the value of the metadata key rerun:id */
    struct buffer batch;  /* the encapsulated header of a record batch */
    size_t n_rows;        /* in batch: i64 RecordBatch.length */
    size_t nodes;         /* in batch: n_nodes x {i64 length, i64 null_count} */
    size_t buffers;       /* in batch: n_buffers x {i64 offset in the body, i64 size} */
    size_t body_size;     /* in batch: i64 Message.bodyLength */
    uint32_t n_nodes, n_buffers;
};

/*
 * Makes the template. chunk_id is found when the schema's metadata have rerun:id with a value of
 * IPC_CHUNK_ID_SIZE bytes; else it is IPC_NO_CHUNK_ID. Returns 0; -ENOMEM; -EINVAL when nanoarrow
 * cannot encode the schema; -EPROTO when the headers are not as expected (a nanoarrow that writes
 * them in another way). On error there is nothing to free.
 */
__attribute__((warn_unused_result)) int ipc_template_init(struct ipc_template *template,
                                                          const struct ArrowSchema *schema);

/* NULL does nothing. */
void ipc_template_done(struct ipc_template *template);

/* Appends the mark that ends a stream. Returns 0, -ENOMEM or -E2BIG. Thread-safe. */
__attribute__((warn_unused_result)) int ipc_append_end(struct buffer *out);
