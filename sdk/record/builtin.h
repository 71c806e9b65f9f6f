/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The component types that both sides know without a definition: the table builtin.def.
 */
#pragma once

#include "sdk/record/datatype.h"

/* One component of Rerun's own archetypes; all strings are static. */
struct builtin_component {
    uint32_t id;                /* below RECORD_FIRST_COMPONENT_ID; part of the spool format */
    const char *archetype;      /* "rerun.archetypes.TextLog" */
    const char *component;      /* "TextLog:text" */
    const char *component_type; /* "rerun.components.Text" */
    const struct datatype_node *nodes;
    uint32_t n_nodes;
};

enum builtin_id {
#define X(id, name, archetype, field, type, datatype) BUILTIN_##name = id,
#include "sdk/record/builtin.def"
#undef X
};

/* Returns the built-in component of that id, or NULL. Thread-safe, fork-safe. */
const struct builtin_component *builtin_component_find(uint32_t id);
