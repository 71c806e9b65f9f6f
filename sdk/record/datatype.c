/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Flat trees of Arrow types. Runs in the program and outside: libc only, no allocation, no state.
 * A tree from a spool is hostile until datatype_check has passed it.
 */
#include "sdk/record/datatype.h"

#include <errno.h>

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
    case DATATYPE_FORMATTED:
        return node->param;
    default:
        return 0;
    }
}

bool datatype_is_text(const struct datatype_node *node)
{
    switch (node->kind) {
    case DATATYPE_UTF8:
    case DATATYPE_BINARY:
    case DATATYPE_LARGE_UTF8:
    case DATATYPE_LARGE_BINARY:
    case DATATYPE_UTF8_VIEW:
    case DATATYPE_BINARY_VIEW:
        return true;
    default:
        return false;
    }
}

bool datatype_is_list(const struct datatype_node *node)
{
    switch (node->kind) {
    case DATATYPE_LIST:
    case DATATYPE_LARGE_LIST:
    case DATATYPE_LIST_VIEW:
    case DATATYPE_LARGE_LIST_VIEW:
    case DATATYPE_MAP:
        return true;
    default:
        return false;
    }
}

bool datatype_is_union(const struct datatype_node *node)
{
    return node->kind == DATATYPE_DENSE_UNION || node->kind == DATATYPE_SPARSE_UNION;
}

/* --- Checking --------------------------------------------------------------------------------- */

static bool has_valid_children(const struct datatype_node *node)
{
    if (datatype_is_list(node) || node->kind == DATATYPE_FIXED_SIZE_LIST)
        return node->n_children == 1;
    if (datatype_is_union(node))
        return node->n_children >= 1;
    return node->kind == DATATYPE_STRUCT || node->n_children == 0;
}

static bool has_valid_format(const struct datatype_node *node)
{
    const char *format = datatype_format(node);
    const char *end = node->name + sizeof(node->name);

    return format < end && memchr(format, '\0', (size_t)(end - format)) != NULL &&
           node->param != 0 && node->param == datatype_format_size(format);
}

static bool has_valid_param(const struct datatype_node *node)
{
    switch (node->kind) {
    case DATATYPE_FIXED_SIZE_LIST:
    case DATATYPE_FIXED_SIZE_BINARY:
        return node->param >= 1 && node->param <= DATATYPE_MAX_FIXED;
    case DATATYPE_FORMATTED:
        return has_valid_format(node);
    case DATATYPE_MAP:
        return node->param <= 1;
    default:
        return node->param == 0;
    }
}

static bool is_valid_node(const struct datatype_node *node)
{
    return node->kind >= DATATYPE_BOOL && node->kind <= DATATYPE_SPARSE_UNION &&
           node->nullable <= 1 && node->code <= DATATYPE_MAX_CODE && has_valid_children(node) &&
           memchr(node->name, '\0', sizeof(node->name)) != NULL && has_valid_param(node);
}

/*
 * Goes through the nodes in order; open[d] counts the children that the node at depth d still
 * misses. The nodes are one tree if the last one closes all, and none comes after that.
 */
static int check_tree(const struct datatype_node *nodes, size_t n_nodes)
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

static bool is_valid_map(const struct datatype_node *node)
{
    const struct datatype_node *entries = node + 1;

    return entries->kind == DATATYPE_STRUCT && entries->n_children == 2 && !entries->nullable &&
           !entries[1].nullable;
}

static bool is_valid_union(const struct datatype_node *node)
{
    bool is_known[DATATYPE_MAX_CODE + 1] = {false};
    const struct datatype_node *child = node + 1;

    for (unsigned int i = 0; i < node->n_children; i++) {
        if (is_known[child->code])
            return false;
        is_known[child->code] = true;
        child += datatype_subtree_size(child);
    }
    return true;
}

int datatype_check(const struct datatype_node *nodes, size_t n_nodes)
{
    int error = check_tree(nodes, n_nodes);

    for (size_t i = 0; error == 0 && i < n_nodes; i++) {
        if ((nodes[i].kind == DATATYPE_MAP && !is_valid_map(&nodes[i])) ||
            (datatype_is_union(&nodes[i]) && !is_valid_union(&nodes[i])))
            error = -EBADMSG;
    }
    return error;
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

/* --- Unions ----------------------------------------------------------------------------------- */

uint64_t datatype_dense_end(const uint8_t *codes, const uint8_t *offsets, uint64_t n, uint8_t code)
{
    uint64_t end = 0;
    uint32_t offset;

    for (uint64_t i = 0; i < n; i++) {
        if (codes[i] != code)
            continue;
        memcpy(&offset, offsets + i * sizeof(offset), sizeof(offset));
        if (offset >= end)
            end = (uint64_t)offset + 1;
    }
    return end;
}
