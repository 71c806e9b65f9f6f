/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Flat trees of Arrow types. Runs in the program and outside: libc only, no allocation, no state.
 * A tree from a spool is hostile until datatype_check has passed it.
 */
#include "sdk/record/datatype.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

uint32_t datatype_value_size(const struct datatype_node *node)
{
    switch (node->kind) {
    case DATATYPE_INT8:
    case DATATYPE_UINT8:
        return 1;
    case DATATYPE_INT16:
    case DATATYPE_UINT16:
    case DATATYPE_FLOAT16:
        return 2;
    case DATATYPE_INT32:
    case DATATYPE_UINT32:
    case DATATYPE_FLOAT32:
        return 4;
    case DATATYPE_INT64:
    case DATATYPE_UINT64:
    case DATATYPE_FLOAT64:
    case DATATYPE_TIMESTAMP_NS:
    case DATATYPE_DURATION_NS:
        return 8;
    case DATATYPE_FIXED_SIZE_BINARY:
        return node->param;
    default:
        return 0;
    }
}

static bool has_valid_children(const struct datatype_node *node)
{
    switch (node->kind) {
    case DATATYPE_LIST:
    case DATATYPE_FIXED_SIZE_LIST:
        return node->n_children == 1;
    case DATATYPE_STRUCT:
        return true;
    default:
        return node->n_children == 0;
    }
}

static bool has_valid_param(const struct datatype_node *node)
{
    if (node->kind == DATATYPE_FIXED_SIZE_LIST || node->kind == DATATYPE_FIXED_SIZE_BINARY)
        return node->param >= 1 && node->param <= 65535;
    return node->param == 0;
}

static bool is_valid_node(const struct datatype_node *node)
{
    return node->kind >= DATATYPE_BOOL && node->kind <= DATATYPE_NULL && node->nullable <= 1 &&
           has_valid_children(node) && has_valid_param(node) &&
           memchr(node->name, '\0', sizeof(node->name)) != NULL;
}

/*
 * Goes through the nodes in order; open[d] counts the children that the node at depth d still
 * misses. The nodes are one tree if the last one closes all, and none comes after that.
 */
int datatype_check(const struct datatype_node *nodes, size_t n_nodes)
{
    unsigned int open[DATATYPE_MAX_DEPTH];
    size_t depth = 0;

    if (n_nodes == 0 || n_nodes > DATATYPE_MAX_NODES)
        return -EBADMSG;
    for (size_t i = 0; i < n_nodes; i++) {
        if (!is_valid_node(&nodes[i]) || depth == DATATYPE_MAX_DEPTH || (i > 0 && depth == 0))
            return -EBADMSG;
        open[depth++] = nodes[i].n_children;
        while (depth > 0 && open[depth - 1] == 0) {
            depth--;
            if (depth > 0)
                open[depth - 1]--;
        }
    }
    return depth == 0 ? 0 : -EBADMSG;
}

size_t datatype_subtree_size(const struct datatype_node *node)
{
    size_t open = 1;
    size_t n = 0;

    while (open > 0) {
        open += node[n].n_children;
        open--;
        n++;
    }
    return n;
}
