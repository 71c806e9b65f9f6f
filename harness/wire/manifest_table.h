/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of an index: a row for each chunk of a store, and columns for what all chunks have, for
 * each timeline, and for each component on each timeline.
 */
#pragma once

#include "harness/wire/column_node.h"
#include "harness/wire/manifest.h"

/* A column with its values, before it is written. */
struct manifest_column {
    char *name;
    struct datatype_node type;
    struct column_node node;
    const struct column_descriptor *descriptor; /* NULL: of no component */
    struct string_view index;                   /* timeline, "rerun:static", or empty */
};

struct manifest_table {
    size_t n_rows;
    size_t n_columns;
    struct manifest_column *columns;
};

/*
 * Makes the table. `limit_bytes`: what it may take at most. Returns 0; -E2BIG, before memory is
 * used; -ENOTSUP when two columns would have one name, as the characters that keep them apart are
 * not kept (`error`, may be NULL, names it); -ENOMEM. On error there is nothing to free. The
 * manifest must outlive the table. Thread-safe.
 */
__attribute__((warn_unused_result)) int manifest_table_make(const struct manifest *manifest,
                                                            size_t limit_bytes,
                                                            struct manifest_table *ret_table,
                                                            struct rrd_error *error);
void manifest_table_done(struct manifest_table *table);
