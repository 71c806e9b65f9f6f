/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One component of a chunk while it is being filled: an Arrow List<T> column, a list per row.
 *
 * Rows come as they stand in a spool record and are checked here. Memory grows with the rows up to
 * a limit and is kept by column_clear for the next chunk. Not thread-safe.
 */
#pragma once

#include "harness/wire/column_node.h"
#include "harness/wire/string_view.h"
#include "sdk/record/datatype.h"
#include "sdk/record/record.h"

/* What a component is called; archetype and component_type are empty where there is none
 * (AnyValues). */
struct column_descriptor {
    struct string_view archetype;      /* "rerun.archetypes.TextLog" */
    struct string_view component;      /* "TextLog:text" */
    struct string_view component_type; /* "rerun.components.Text" */
};

struct column {
    struct column_descriptor descriptor; /* own copies, valid UTF-8, terminated */
    char *names;                         /* their memory */
    uint32_t n_nodes;
    struct datatype_node *types; /* n_nodes, own copy, checked */
    struct column_node *nodes;   /* n_nodes, in the same order */
    struct column_node rows;     /* the outer list: length = rows, validity and offsets, no data */
};

/*
 * Makes an empty column. Copies the descriptor and the n_nodes nodes of T.
 * Returns 0; -EBADMSG when the nodes fail datatype_check; -EINVAL when the component's name is
 * empty or one of the strings holds a NUL; -ENOMEM. On error there is nothing to free.
 */
__attribute__((warn_unused_result)) int column_init(struct column *column,
                                                    const struct column_descriptor *descriptor,
                                                    const struct datatype_node *nodes,
                                                    size_t n_nodes);

/* Frees everything. NULL does nothing. */
void column_done(struct column *column);

/*
 * Appends a row: a list of the batch's instances (0 instances: an empty list, which clears in
 * Rerun). The data are checked by record_batch_check before anything is used; text that is not
 * UTF-8 gets U+FFFD for each bad sequence, since one such text would make readers refuse the whole
 * chunk. `batch` may be gone afterwards. Returns 0; -EBADMSG when the data do not fit the type;
 * -E2BIG when the column would go above COLUMN_MAX_SIZE: encode the chunk, clear, append again;
 * -ENOMEM. On error the column is as before.
 */
__attribute__((warn_unused_result)) int column_append(struct column *column,
                                                      const struct record_batch_view *batch);

/* Appends a row in which this component was not logged. Errors as column_append, but for -EBADMSG.
 */
__attribute__((warn_unused_result)) int column_append_null(struct column *column);

/*
 * Takes rows back until n_rows are left (no more than there are), so that a row whose later column
 * failed leaves no trace in the earlier ones.
 */
void column_truncate(struct column *column, uint64_t n_rows);

/* Drops all rows; keeps type, descriptor and memory. */
void column_clear(struct column *column);

/* Returns the bytes that the present rows take in a chunk, without padding. */
size_t column_size(const struct column *column);
