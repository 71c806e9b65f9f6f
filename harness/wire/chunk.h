/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A chunk as it was read: rows of one entity, of one process if we wrote it.
 */
#pragma once

#include "harness/wire/chunk_encoder.h"
#include "harness/wire/chunk_values.h"
#include "harness/wire/message.h"
#include "harness/wire/string_view.h"
#include "harness/wire/tuid.h"

struct ArrowSchema;

/* The time column of one timeline. */
struct chunk_times {
    struct string_view name;
    enum time_type type;
    const int64_t *values; /* one a row, never null */
    bool is_sorted;        /* as the chunk claims */
};

/* A component. Its cells, one a row, are lists of values. */
struct chunk_column {
    struct column_descriptor descriptor; /* archetype and component_type may be empty */
    const struct ArrowArrayView *view;   /* the list array */
    const struct ArrowSchema *field;     /* its type, name and metadata in the chunk's schema */
};

struct chunk {
    struct store_id store; /* application_id is empty if the message leaves it out */
    struct tuid id;
    struct string_view entity_path;
    size_t n_rows; /* may be 0 */
    const struct tuid *row_ids;
    size_t n_metadata; /* all of the schema's metadata, Rerun's own keys included */
    const struct chunk_metadata *metadata;
    size_t n_timelines; /* 0: static */
    const struct chunk_times *timelines;
    size_t n_columns;
    const struct chunk_column *columns;
    uint64_t uncompressed_size;       /* bytes of the IPC stream */
    const struct ArrowSchema *schema; /* field 0 row ids, then as the chunk orders them */
};

/* Returns the value of a metadata key; empty with data NULL when there is none. */
struct string_view chunk_find_metadata(const struct chunk *chunk, const char *key);

/* Returns the component or timeline of that name ("TextLog:text", "log_time"), or NULL. */
const struct chunk_column *chunk_find_column(const struct chunk *chunk, const char *component);
const struct chunk_times *chunk_find_timeline(const struct chunk *chunk, const char *name);

/* Returns the cell of a row (below chunk->n_rows). */
struct chunk_values chunk_cell(const struct chunk_column *column, size_t row);
