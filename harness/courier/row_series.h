/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows that look alike and the chunk that they fill: columns, times, row ids, and the encoder.
 */
#pragma once

#include "harness/courier/chunk_table.h"

struct row_series {
    struct process *process;
    struct chunk_encoder *encoder;
    struct column *columns; /* in the order of the row's batches */
    size_t n_columns;
    struct buffer *times; /* i64, one for each timeline */
    const int64_t **time_values;
    size_t n_timelines;  /* of the chunk */
    size_t own_timeline; /* the row's one to leave out, as log_time takes its name; SIZE_MAX none */
    bool has_log_time;   /* it comes first */
    struct buffer row_ids; /* struct tuid */
    size_t n_rows;
    size_t size; /* the caller's count of bytes; 0 after clear */
};

/*
 * Makes a series for rows like this one. Returns 0; -ENOENT: a component is not defined; -EBADMSG:
 * there can be no chunk of such rows (two columns of one name); -ENOMEM. On error there is nothing
 * to free.
 */
__attribute__((warn_unused_result)) int row_series_init(struct row_series *series,
                                                        const struct chunk_source *source,
                                                        const struct record_row_view *row);
void row_series_done(struct row_series *series);

/* Adds a row, which must look like the first one. Returns 0; -EBADMSG: its data are damaged;
 * -E2BIG: a column is full; -ENOMEM. On error the row leaves no trace. */
__attribute__((warn_unused_result)) int row_series_append(struct row_series *series,
                                                          const struct record_row_view *row,
                                                          uint64_t time_ns, struct tuid row_id);

/* Appends the rows as an ArrowMsg. Errors as chunk_encoder_encode. */
__attribute__((warn_unused_result)) int row_series_encode(struct row_series *series,
                                                          struct tuid chunk_id,
                                                          struct chunk_workspace *workspace,
                                                          struct buffer *out);

/* Drops the rows, keeps the memory. */
void row_series_clear(struct row_series *series);
