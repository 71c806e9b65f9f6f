/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The Arrow schema of a series of chunks, as the official SDK writes it: column order, names, types
 * and metadata. Not thread-safe. Source: docs/wire.md, "Chunk schema".
 */
#pragma once

#include "harness/wire/chunk_encoder.h"

#include <nanoarrow/nanoarrow.h>

struct chunk_schema {
    struct ArrowSchema
        arrow; /* row ids, then timelines, then components; rerun:id is a placeholder */
    size_t n_timelines;
    size_t n_columns;
    size_t *timelines; /* timeline i of the schema is timelines[i] of the series */
    size_t *columns;   /* likewise */
};

/*
 * Makes the schema of chunks in which everything is sorted. Copies what it needs of `series`.
 * Returns and errors as chunk_encoder_create. On error there is nothing to free.
 */
__attribute__((warn_unused_result)) int chunk_schema_init(struct chunk_schema *schema,
                                                          const struct chunk_series *series);

/* NULL does nothing. */
void chunk_schema_done(struct chunk_schema *schema);

/*
 * Says which columns are sorted: sorted[0] the row ids, sorted[1 + i] timeline i of the schema.
 * Returns 0 or -ENOMEM; the schema is of no use after an error.
 */
__attribute__((warn_unused_result)) int chunk_schema_set_sorted(struct chunk_schema *schema,
                                                                const bool *sorted);
