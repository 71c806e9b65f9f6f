/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The component types that the program has registered. They are kept in the process, and written to
 * the spool when a row first uses them: a program may register before there is a session.
 * Thread-safe, fork-safe; types are never dropped.
 */
#pragma once

#include "sdk/argument.h"
#include "sdk/record/record.h"

#include <stdatomic.h>

#define COMPONENT_MAX 4096

struct component {
    _Atomic uint32_t id; /* in the spool; 0: not yet written there */
    uint32_t name;       /* number of its name: components with equal names share it */
    uint32_t size;       /* of the definition, padding included */
    struct record_component definition; /* without its id; nodes and texts follow */
};

/*
 * Finds the component of a handle. Returns true, or false with the call's error set:
 * INVALID_COMPONENT_TYPE_HANDLE.
 */
bool component_find(const struct argument_call *call, rr_component_type_handle handle,
                    struct component **ret_component);

/* Its Arrow type. */
static inline const struct datatype_node *component_nodes(const struct component *component)
{
    return (const struct datatype_node *)(const void *)(&component->definition + 1);
}

/*
 * Gives the component's id, writing its definition to the spool if that was not done. Returns 0 or
 * a negative errno of struct spool_api.
 */
__attribute__((warn_unused_result)) int component_define(struct component *component,
                                                         uint32_t *ret_id);
