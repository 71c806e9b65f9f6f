/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The component types that the programs of one family registered, and the built-in ones.
 */
#pragma once

#include "harness/wire/column.h"

#include <stddef.h>

/* A type; all of it stays where it is as long as the table. */
struct component_type {
    uint32_t id;
    struct column_descriptor descriptor;
    const struct datatype_node *nodes; /* checked */
    uint32_t n_nodes;
};

struct component_table {
    struct component_type **types; /* by id */
    size_t n, capacity;
};

void component_table_init(struct component_table *table);
void component_table_done(struct component_table *table);

/*
 * Takes in the payload of a RECORD_DEFINE_COMPONENT, which is copied; an id that is known stays as
 * it is. Returns 0; -EBADMSG: damaged; -ENOMEM.
 */
__attribute__((warn_unused_result)) int component_table_add(struct component_table *table,
                                                            const void *payload, size_t size);

/* Finds a registered or built-in type. Returns 0, or -ENOENT. */
__attribute__((warn_unused_result)) int component_table_find(const struct component_table *table,
                                                             uint32_t id,
                                                             struct component_type *ret_type);
