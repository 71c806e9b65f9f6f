/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table builtin.def as data. Read-only, so it may be used from anywhere, signal handlers
 * included.
 */
#include "sdk/record/builtin.h"

/* Rerun's lists name their values "item" and let them be null; the elements of a vector may not. */
#define VALUE(node_kind, children, parameter)                                                      \
    {                                                                                              \
        .kind = (node_kind), .nullable = 1, .n_children = (children), .param = (parameter),        \
        .name = "item",                                                                            \
    }
#define ELEMENT(node_kind)                                                                         \
    {                                                                                              \
        .kind = (node_kind), .name = "item",                                                       \
    }

static const struct datatype_node NODES_UTF8[] = {VALUE(DATATYPE_UTF8, 0, 0)};
static const struct datatype_node NODES_BOOL[] = {VALUE(DATATYPE_BOOL, 0, 0)};
static const struct datatype_node NODES_UINT16[] = {VALUE(DATATYPE_UINT16, 0, 0)};
static const struct datatype_node NODES_UINT32[] = {VALUE(DATATYPE_UINT32, 0, 0)};
static const struct datatype_node NODES_FLOAT32[] = {VALUE(DATATYPE_FLOAT32, 0, 0)};
static const struct datatype_node NODES_VEC2[] = {VALUE(DATATYPE_FIXED_SIZE_LIST, 1, 2),
                                                  ELEMENT(DATATYPE_FLOAT32)};

static const struct builtin_component components[] = {
#define X(number, name, archetype_name, field, type, datatype)                                     \
    {                                                                                              \
        .id = (number),                                                                            \
        .archetype = "rerun.archetypes." archetype_name,                                           \
        .component = archetype_name ":" field,                                                     \
        .component_type = "rerun.components." type,                                                \
        .nodes = NODES_##datatype,                                                                 \
        .n_nodes = sizeof(NODES_##datatype) / sizeof(NODES_##datatype[0]),                         \
    },
#include "sdk/record/builtin.def"
#undef X
};

const struct builtin_component *builtin_component_find(uint32_t id)
{
    for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
        if (components[i].id == id)
            return &components[i];
    }
    return NULL;
}
