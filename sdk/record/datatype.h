/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The Arrow type of one component, as a flat tree.
 *
 * A datatype is an array of nodes in preorder: a node is followed by the subtrees of its children.
 * The SDK makes one from the ArrowSchema of a registered component type, writes it into the spool
 * with the component's definition, and the harness makes an ArrowSchema of it again. Types without
 * a kind (dictionaries, run-end encoded arrays) are refused when the component type is registered.
 *
 * Everything here is plain data in the caller's memory: thread-safe, fork-safe, no allocation.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
    DATATYPE_FIXED_SIZE_LIST = 18,   /* one child; param = elements per list, from 1 on */
    DATATYPE_STRUCT = 19,            /* n_children fields */
    DATATYPE_FIXED_SIZE_BINARY = 20, /* param = bytes per value, from 1 on */
    DATATYPE_NULL = 21,              /* no buffers at all */
    DATATYPE_FORMATTED = 22,         /* any other fixed width; param = bytes per value; the Arrow
                                        format comes behind the name: datatype_format */
    DATATYPE_LARGE_UTF8 = 23,        /* as UTF8, BINARY and LIST; the program's offsets have 64 */
    DATATYPE_LARGE_BINARY = 24,      /* bits, and so have the recording's: in the spool they have */
    DATATYPE_LARGE_LIST = 25,        /* 32, since a batch is smaller than 2 GiB */
    DATATYPE_UTF8_VIEW = 26,         /* as UTF8, BINARY and LIST, in the recording as well */
    DATATYPE_BINARY_VIEW = 27,
    DATATYPE_LIST_VIEW = 28,
    DATATYPE_LARGE_LIST_VIEW = 29,
    DATATYPE_MAP = 30,          /* as LIST; the child is a struct of key and value, neither it nor
                                   the key nullable; param 1: the keys are sorted */
    DATATYPE_DENSE_UNION = 31,  /* a child for each type, with the code that stands for it */
    DATATYPE_SPARSE_UNION = 32, /* likewise */
};

#define DATATYPE_MAX_NODES 64
#define DATATYPE_MAX_DEPTH 8
#define DATATYPE_MAX_NAME  63
#define DATATYPE_MAX_FIXED (1u << 24) /* param of the two FIXED_SIZE kinds */
#define DATATYPE_MAX_CODE  127        /* of a union's child */

/* One node, as it stands in the spool: 72 bytes, no padding. */
struct datatype_node {
    uint8_t kind;       /* enum datatype_kind */
    uint8_t nullable;   /* 0 or 1: the Arrow field's flag; data may hold nulls only where it is 1 */
    uint8_t n_children; /* 0 but for lists and maps (1), structs and unions (any) */
    uint8_t code;       /* of a union's child: what stands for it; 0 for the others */
    uint32_t param;     /* see the kinds; 0 for the others */
    char name[DATATYPE_MAX_NAME + 1]; /* field name, NUL-padded; "item" for the root, as Rerun's
                                         lists name it. FORMATTED: name, NUL, format */
};

struct datatype {
    uint32_t n_nodes; /* 1..DATATYPE_MAX_NODES */
    struct datatype_node nodes[DATATYPE_MAX_NODES];
};

/*
 * Returns the width in bytes of one value of a fixed-width kind (1, 2, 4, 8, or param for
 * FIXED_SIZE_BINARY and FORMATTED); 0 for BOOL, NULL and the kinds of variable width or with
 * children.
 */
uint32_t datatype_value_size(const struct datatype_node *node);

/* Do the batches of such a node hold n + 1 offsets, and bytes or the values of one child? */
bool datatype_is_text(const struct datatype_node *node); /* UTF8 and BINARY and their relatives */
bool datatype_is_list(const struct datatype_node *node); /* LIST, its relatives, MAP */

bool datatype_is_union(const struct datatype_node *node);

/* May values be null? A union has no nulls of its own, only those of its children. */
static inline bool datatype_has_validity(const struct datatype_node *node)
{
    return node->nullable && !datatype_is_union(node);
}

/* Returns the Arrow format of a FORMATTED node: "tdD", "tss:Europe/Berlin", "d:38,2". */
static inline const char *datatype_format(const struct datatype_node *node)
{
    return node->name + strlen(node->name) + 1;
}

/*
 * Returns the width in bytes of one value of an Arrow format of fixed width that no kind of its own
 * has (dates, times, intervals, decimals, and the timestamps and durations of other units or with a
 * time zone, which is ASCII); 0 for any other text.
 */
uint32_t datatype_format_size(const char *format);

/*
 * Checks a flat tree that comes from outside (a spool): kinds, child counts, parameters, names
 * NUL-terminated, formats, depth, that the nodes form exactly one tree, that the codes of a union
 * differ, and that a map is one.
 * Returns 0, or -EBADMSG.
 */
__attribute__((warn_unused_result)) int datatype_check(const struct datatype_node *nodes,
                                                       size_t n_nodes);

/*
 * Returns the number of nodes in the subtree that begins at `node`, itself included.
 * The tree must have passed datatype_check.
 */
size_t datatype_subtree_size(const struct datatype_node *node);

/*
 * Returns how many values the child of a dense union with this code has: one more than the largest
 * of the n offsets (u32, unaligned) beside this code; 0 if there is none.
 */
uint64_t datatype_dense_end(const uint8_t *codes, const uint8_t *offsets, uint64_t n, uint8_t code);
