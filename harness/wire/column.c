/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One component of a chunk, row by row. State: the caller's struct.
 *
 * A row is appended node by node in preorder. When a buffer cannot grow, column_truncate takes back
 * what the row left in the earlier ones: the offsets tell how much that is.
 */
#include "harness/wire/column.h"

#include "harness/wire/utf8.h"

#include <errno.h>
#include <stdlib.h>

/* Both the outer list of a column and its type, which no datatype tells. */
static const struct datatype_node row_list = {.kind = DATATYPE_LIST, .n_children = 1};

/* --- Rows ------------------------------------------------------------------------------------- */

static int append_subtree(struct column *column, uint32_t *i, struct column_source *source,
                          uint64_t n);

/* How many values the children of union `i` have, by code. */
static void find_child_lengths(const struct column *column, uint32_t i,
                               uint32_t ret_lengths[static DATATYPE_MAX_CODE + 1])
{
    uint32_t at = i + 1;

    for (uint32_t child = 0; child < column->types[i].n_children; child++) {
        ret_lengths[column->types[at].code] = (uint32_t)column->nodes[at].length;
        at += (uint32_t)datatype_subtree_size(&column->types[at]);
    }
}

/* As append_subtree, for a dense union. */
static int append_dense(struct column *column, uint32_t *i, struct column_source *source,
                        uint64_t n)
{
    uint32_t lengths[DATATYPE_MAX_CODE + 1] = {0};
    const struct datatype_node *type = &column->types[*i];
    const uint8_t *codes = source->next;
    const uint8_t *offsets = codes + ((n + 7) & ~(uint64_t)7);
    int error;

    find_child_lengths(column, *i, lengths);
    error = column_node_append_dense(&column->nodes[(*i)++], source, n, lengths);
    for (uint32_t child = 0; error == 0 && child < type->n_children; child++)
        error = append_subtree(column, i, source,
                               datatype_dense_end(codes, offsets, n, column->types[*i].code));
    return error;
}

/* Appends n values to the node *i and those below it; *i is moved behind them. */
static int append_subtree(struct column *column, uint32_t *i, struct column_source *source,
                          uint64_t n)
{
    const struct datatype_node *type = &column->types[*i];
    struct column_node *node = &column->nodes[*i];
    uint64_t n_child_values;
    int error;

    if (type->kind == DATATYPE_DENSE_UNION)
        return append_dense(column, i, source, n);
    (*i)++;
    error = column_node_append(node, type, source, n, &n_child_values);

    for (uint32_t child = 0; error == 0 && child < type->n_children; child++)
        error = append_subtree(column, i, source, n_child_values);
    return error;
}

static int append_row(struct column *column, const struct record_batch_view *batch)
{
    struct column_source source = {batch->data, batch->has_nulls};
    uint32_t i = 0;
    int error = append_subtree(column, &i, &source, batch->n_instances);

    return error != 0 ? error
                      : column_node_append_list(&column->rows, column->nodes[0].length, false);
}

int column_append(struct column *column, const struct record_batch_view *batch)
{
    uint64_t n_rows = column->rows.length;
    int error = record_batch_check(batch, column->types);

    if (error != 0)
        return error;
    if (batch->size > COLUMN_MAX_SIZE || column_size(column) > COLUMN_MAX_SIZE - batch->size)
        return -E2BIG;
    error = append_row(column, batch);
    if (error != 0)
        column_truncate(column, n_rows);
    return error;
}

int column_append_null(struct column *column)
{
    uint64_t n_rows = column->rows.length;
    int error = column_node_append_list(&column->rows, column->nodes[0].length, true);

    if (error != 0)
        column_truncate(column, n_rows);
    return error;
}

/* --- Taking back ------------------------------------------------------------------------------ */

/* How many values the child has when its parent has n. */
static uint64_t n_child_values(const struct column_node *node, const struct datatype_node *type,
                               uint64_t n, const struct datatype_node *child)
{
    if (datatype_is_list(type))
        return column_node_end(node);
    if (type->kind == DATATYPE_FIXED_SIZE_LIST)
        return n * type->param;
    if (type->kind == DATATYPE_DENSE_UNION)
        return datatype_dense_end(node->data.data, node->offsets.data, n, child->code);
    return n;
}

static void truncate_subtree(struct column *column, uint32_t *i, uint64_t n)
{
    const struct datatype_node *type = &column->types[*i];
    struct column_node *node = &column->nodes[(*i)++];

    column_node_truncate(node, type, n);
    for (uint32_t child = 0; child < type->n_children; child++)
        truncate_subtree(column, i, n_child_values(node, type, n, &column->types[*i]));
}

void column_truncate(struct column *column, uint64_t n_rows)
{
    uint32_t i = 0;

    column_node_truncate(&column->rows, &row_list, n_rows);
    truncate_subtree(column, &i, column_node_end(&column->rows));
}

void column_clear(struct column *column)
{
    column_truncate(column, 0);
}

size_t column_size(const struct column *column)
{
    size_t size = column_node_size(&column->rows);

    for (uint32_t i = 0; i < column->n_nodes; i++)
        size += column_node_size(&column->nodes[i]);
    return size;
}

/* --- Making and freeing ----------------------------------------------------------------------- */

/* Appends a terminated copy of `text`; *ret_size is its length, which mending may have changed. */
static int copy_name(struct buffer *names, struct string_view text, size_t *ret_size)
{
    size_t start = names->size;
    int error = string_view_has_nul(text) ? -EINVAL : utf8_append_lossy(names, text);

    *ret_size = names->size - start;
    return error != 0 ? error : buffer_append(names, "", 1);
}

static int copy_descriptor(struct column *column, const struct column_descriptor *descriptor)
{
    size_t sizes[3] = {0};
    struct buffer names;
    const char *name;
    int error;

    buffer_init(&names, BUFFER_NO_LIMIT);
    error = copy_name(&names, descriptor->archetype, &sizes[0]);
    if (error == 0)
        error = copy_name(&names, descriptor->component, &sizes[1]);
    if (error == 0)
        error = copy_name(&names, descriptor->component_type, &sizes[2]);
    column->names = (char *)names.data;
    if (error != 0)
        return error;
    name = column->names;
    column->descriptor.archetype = (struct string_view){name, sizes[0]};
    name += sizes[0] + 1;
    column->descriptor.component = (struct string_view){name, sizes[1]};
    name += sizes[1] + 1;
    column->descriptor.component_type = (struct string_view){name, sizes[2]};
    return 0;
}

static int make_nodes(struct column *column, const struct datatype_node *types, size_t n_nodes)
{
    int error = column_node_init(&column->rows, &row_list);

    column->types = calloc(n_nodes, sizeof(*column->types));
    column->nodes = calloc(n_nodes, sizeof(*column->nodes));
    if (error != 0 || column->types == NULL || column->nodes == NULL)
        return -ENOMEM;
    memcpy(column->types, types, n_nodes * sizeof(*types));
    column->n_nodes = (uint32_t)n_nodes;
    for (size_t i = 0; error == 0 && i < n_nodes; i++)
        error = column_node_init(&column->nodes[i], &types[i]);
    return error;
}

int column_init(struct column *column, const struct column_descriptor *descriptor,
                const struct datatype_node *nodes, size_t n_nodes)
{
    int error = datatype_check(nodes, n_nodes);

    *column = (struct column){0};
    if (error == 0 && descriptor->component.size == 0)
        error = -EINVAL;
    if (error == 0)
        error = copy_descriptor(column, descriptor);
    if (error == 0)
        error = make_nodes(column, nodes, n_nodes);
    if (error != 0)
        column_done(column);
    return error;
}

void column_done(struct column *column)
{
    if (column == NULL)
        return;
    for (uint32_t i = 0; i < column->n_nodes; i++)
        column_node_done(&column->nodes[i]);
    column_node_done(&column->rows);
    free(column->nodes);
    free(column->types);
    free(column->names);
    *column = (struct column){0};
}
