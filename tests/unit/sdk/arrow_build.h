/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Arrow schemas and arrays by hand, in the test's own memory, which count how often they are
 * released.
 */
#pragma once

#include "sdk/include/rerun.h"

#include <stddef.h>

struct built_schema {
    struct ArrowSchema schema;
    struct ArrowSchema *children[70];
};

struct built_array {
    struct ArrowArray array;
    const void *buffers[3];
    struct ArrowArray *children[4];
};

extern int n_released_schemas;
extern int n_released_arrays;

/* A type without children. */
void schema_build(struct built_schema *built, const char *format, const char *name, bool nullable);
void schema_add_child(struct built_schema *built, struct built_schema *child);

/* An array whose offset and children are still to come; buffers beyond n_buffers are not looked at.
 */
void array_build(struct built_array *built, int64_t length, int64_t n_buffers, const void *validity,
                 const void *second, const void *third);
void array_add_child(struct built_array *built, struct built_array *child);

/* Registers a type; the test fails when that fails. */
rr_component_type_handle component_register(const char *component, struct built_schema *type);
