/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds things in chunks. No state.
 */
#include "harness/wire/chunk.h"

struct string_view chunk_find_metadata(const struct chunk *chunk, const char *key)
{
    struct string_view wanted = string_view_of(key);

    for (size_t i = 0; i < chunk->n_metadata; i++) {
        if (string_view_equal(chunk->metadata[i].key, wanted))
            return chunk->metadata[i].value;
    }
    return (struct string_view){NULL, 0};
}

const struct chunk_column *chunk_find_column(const struct chunk *chunk, const char *component)
{
    struct string_view wanted = string_view_of(component);

    for (size_t i = 0; i < chunk->n_columns; i++) {
        if (string_view_equal(chunk->columns[i].descriptor.component, wanted))
            return &chunk->columns[i];
    }
    return NULL;
}

const struct chunk_times *chunk_find_timeline(const struct chunk *chunk, const char *name)
{
    struct string_view wanted = string_view_of(name);

    for (size_t i = 0; i < chunk->n_timelines; i++) {
        if (string_view_equal(chunk->timelines[i].name, wanted))
            return &chunk->timelines[i];
    }
    return NULL;
}

struct chunk_values chunk_cell(const struct chunk_column *column, size_t row)
{
    return chunk_values_of_row(column->view, row);
}
