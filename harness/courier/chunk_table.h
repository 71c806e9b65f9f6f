/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows on their way into chunks: rows of one process, stream, entity and set of columns share one.
 *
 * What such rows share, a series, is kept from batch to batch, as most rows look like one before.
 * Memory is bounded: rows by the caller, who writes a batch when chunk_table_size says so; series
 * by dropping those that were not used for the longest time.
 */
#pragma once

#include "harness/courier/component_table.h"
#include "harness/courier/process_table.h"
#include "harness/courier/recording_table.h"
#include "harness/wire/chunk_encoder.h"

#define CHUNK_TABLE_STREAM_KEY "lastword:stream" /* metadata: stream->id, decimal */
#define CHUNK_MAX_SIZE         ((size_t)2 << 20) /* bytes of records; then the chunk is closed */

struct chunk_table;

/* Where a row comes from. All of it must outlive the table. */
struct chunk_source {
    struct process *process;
    const struct stream *stream;
    const struct component_table *components; /* of the process's family */
};

/* Returns 0, -ENOMEM, or the negative errno of getrandom(2). */
__attribute__((warn_unused_result)) int chunk_table_create(struct chunk_table **ret_table);
void chunk_table_destroy(struct chunk_table *table);

/*
 * Adds a row. row_size: bytes of its record. Chunks that get full are appended to `out`. Returns 0;
 * -ENOENT: a component is not defined; -EBADMSG: the row is damaged; -ENOMEM. On error the row
 * leaves no trace.
 */
__attribute__((warn_unused_result)) int chunk_table_append(struct chunk_table *table,
                                                           const struct chunk_source *source,
                                                           const struct record_row_view *row,
                                                           size_t row_size, uint64_t time_ns,
                                                           struct tuid row_id, struct buffer *out);

/* Appends all chunks to `out`, in the order in which they were begun. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int chunk_table_flush(struct chunk_table *table,
                                                          struct buffer *out);

/* Bytes of the records whose rows wait here. */
size_t chunk_table_size(const struct chunk_table *table);
