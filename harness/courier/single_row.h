/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A chunk with one row, of values that the courier itself has to tell.
 */
#pragma once

#include "harness/wire/chunk_encoder.h"

#define SINGLE_ROW_MAX_COLUMNS 16

struct single_row {
    struct column columns[SINGLE_ROW_MAX_COLUMNS];
    size_t n_columns;
    int error; /* of the first add that failed */
};

/* What stands around the values. */
struct single_row_frame {
    struct store_id store;
    struct string_view entity_path; /* normalised */
    const struct chunk_metadata *metadata;
    size_t n_metadata;
    bool is_static;
    int64_t log_time_ns; /* unless static */
    struct tuid chunk_id, row_id;
};

/* Makes an empty row. */
void single_row_init(struct single_row *row);
void single_row_done(struct single_row *row);

/*
 * Add a component. Errors are kept for single_row_append. A name alone is a component without
 * archetype and type; strings are copied.
 */
void single_row_add_int64(struct single_row *row, const struct column_descriptor *descriptor,
                          int64_t value);
void single_row_add_uint64(struct single_row *row, const char *component, uint64_t value);
void single_row_add_text(struct single_row *row, const char *component, struct string_view text);
void single_row_add_texts(struct single_row *row, const char *component,
                          const struct string_view *texts, size_t n);
void single_row_add_bytes(struct single_row *row, const char *component, struct string_view bytes);

/* Appends the row as one frame to `out`. Returns 0, the error of an add, -E2BIG or -ENOMEM; `out`
 * is as before then. */
__attribute__((warn_unused_result)) int single_row_append(struct single_row *row,
                                                          const struct single_row_frame *frame,
                                                          struct chunk_workspace *workspace,
                                                          struct buffer *out);
