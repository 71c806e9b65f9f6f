/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Columns of Rerun's own components, for tests.
 */
#pragma once

#include "harness/wire/column.h"
#include "sdk/record/builtin.h"

#include <errno.h>

/* Makes an empty column of a built-in component. Returns as column_init; -ENOENT when there is none
 * of that id. */
static inline int builtin_column_init(struct column *column, uint32_t id)
{
    const struct builtin_component *builtin = builtin_component_find(id);

    if (builtin == NULL)
        return -ENOENT;
    const struct column_descriptor descriptor = {
        string_view_of(builtin->archetype),
        string_view_of(builtin->component),
        string_view_of(builtin->component_type),
    };

    return column_init(column, &descriptor, builtin->nodes, builtin->n_nodes);
}
