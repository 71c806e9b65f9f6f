/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The Arrow type of one component, as a flat tree.
 *
 * A datatype is an array of nodes in preorder: a node is followed by the subtrees of its children.
 * The SDK makes one from the ArrowSchema of a registered component type, writes it into the spool
 * with the component's definition, and the harness makes an ArrowSchema of it again. Types that
 * Rerun does not use in components (dictionaries, unions, views, 64-bit offsets) have no kind: the
 * SDK refuses them when the component type is registered.
 *
 * Everything here is plain data in the caller's memory: thread-safe, fork-safe, no allocation.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Values are part of the spool format: never renumber. */
enum datatype_kind {
    DATATYPE_BOOL = 1,
    DATATYPE_INT8 = 2,
    DATATYPE_UINT8 = 3,
    DATATYPE_INT16 = 4,
    DATATYPE_UINT16 = 5,
    DATATYPE_INT32 = 6,
    DATATYPE_UINT32 = 7,
    DATATYPE_INT64 = 8,
    DATATYPE_UINT64 = 9,
    DATATYPE_FLOAT16 = 10,
    DATATYPE_FLOAT32 = 11,
    DATATYPE_FLOAT64 = 12,
    DATATYPE_TIMESTAMP_NS = 13,      /* no time zone */
    DATATYPE_DURATION_NS = 14,       /* */
    DATATYPE_UTF8 = 15,              /* 32-bit offsets */
    DATATYPE_BINARY = 16,            /* 32-bit offsets */
    DATATYPE_LIST = 17,              /* one child, 32-bit offsets */
    DATATYPE_FIXED_SIZE_LIST = 18,   /* one child; param = elements per list, 1..65535 */
    DATATYPE_STRUCT = 19,            /* n_children fields */
    DATATYPE_FIXED_SIZE_BINARY = 20, /* param = bytes per value, 1..65535 */
    DATATYPE_NULL = 21,              /* no buffers at all */
};

#define DATATYPE_MAX_NODES 64
#define DATATYPE_MAX_DEPTH 8
#define DATATYPE_MAX_NAME  63

/* One node, as it stands in the spool: 72 bytes, no padding. */
struct datatype_node {
    uint8_t kind;     /* enum datatype_kind */
    uint8_t nullable; /* 0 or 1: the Arrow field's flag; data may hold nulls only where it is 1 */
    uint16_t n_children;              /* 0 but for LIST and FIXED_SIZE_LIST (1) and STRUCT (any) */
    uint32_t param;                   /* see the kinds; 0 for the others */
    char name[DATATYPE_MAX_NAME + 1]; /* field name, NUL-padded; "item" for the root, as Rerun's
                                         lists name it */
};

struct datatype {
    uint32_t n_nodes; /* 1..DATATYPE_MAX_NODES */
    struct datatype_node nodes[DATATYPE_MAX_NODES];
};

/*
 * Returns the width in bytes of one value of a fixed-width kind (1, 2, 4, 8, or param for
 * FIXED_SIZE_BINARY); 0 for BOOL, NULL and the kinds of variable width or with children.
 */
uint32_t datatype_value_size(const struct datatype_node *node);

/*
 * Checks a flat tree that comes from outside (a spool): kinds, child counts, parameters, names
 * NUL-terminated, depth, and that the nodes form exactly one tree.
 * Returns 0, or -EBADMSG.
 */
__attribute__((warn_unused_result)) int datatype_check(const struct datatype_node *nodes,
                                                       size_t n_nodes);

/*
 * Returns the number of nodes in the subtree that begins at `node`, itself included.
 * The tree must have passed datatype_check.
 */
size_t datatype_subtree_size(const struct datatype_node *node);
