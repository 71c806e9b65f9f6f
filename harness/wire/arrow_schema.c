/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Arrow schemas as Rerun writes them. No state.
 */
#include "harness/wire/arrow_schema.h"

#include "harness/wire/utf8.h"

#include <errno.h>
#include <nanoarrow/nanoarrow.h>
#include <stdio.h>
#include <stdlib.h>

static void set_nullable(struct ArrowSchema *schema, bool nullable)
{
    if (nullable)
        schema->flags |= ARROW_FLAG_NULLABLE;
    else
        schema->flags &= ~(int64_t)ARROW_FLAG_NULLABLE;
}

int arrow_schema_set_struct(struct ArrowSchema *schema, size_t n_fields)
{
    return -ArrowSchemaSetTypeStruct(schema, (int64_t)n_fields);
}

static enum ArrowType simple_type_of(enum datatype_kind kind)
{
    static const enum ArrowType types[] = {
        [DATATYPE_BOOL] = NANOARROW_TYPE_BOOL,
        [DATATYPE_INT8] = NANOARROW_TYPE_INT8,
        [DATATYPE_UINT8] = NANOARROW_TYPE_UINT8,
        [DATATYPE_INT16] = NANOARROW_TYPE_INT16,
        [DATATYPE_UINT16] = NANOARROW_TYPE_UINT16,
        [DATATYPE_INT32] = NANOARROW_TYPE_INT32,
        [DATATYPE_UINT32] = NANOARROW_TYPE_UINT32,
        [DATATYPE_INT64] = NANOARROW_TYPE_INT64,
        [DATATYPE_UINT64] = NANOARROW_TYPE_UINT64,
        [DATATYPE_FLOAT16] = NANOARROW_TYPE_HALF_FLOAT,
        [DATATYPE_FLOAT32] = NANOARROW_TYPE_FLOAT,
        [DATATYPE_FLOAT64] = NANOARROW_TYPE_DOUBLE,
        [DATATYPE_UTF8] = NANOARROW_TYPE_STRING,
        [DATATYPE_BINARY] = NANOARROW_TYPE_BINARY,
        [DATATYPE_LIST] = NANOARROW_TYPE_LIST,
        [DATATYPE_NULL] = NANOARROW_TYPE_NA,
        [DATATYPE_LARGE_UTF8] = NANOARROW_TYPE_LARGE_STRING,
        [DATATYPE_LARGE_BINARY] = NANOARROW_TYPE_LARGE_BINARY,
        [DATATYPE_LARGE_LIST] = NANOARROW_TYPE_LARGE_LIST,
        /* nanoarrow does not write views into messages: they become what they are views of. */
        [DATATYPE_UTF8_VIEW] = NANOARROW_TYPE_STRING,
        [DATATYPE_BINARY_VIEW] = NANOARROW_TYPE_BINARY,
        [DATATYPE_LIST_VIEW] = NANOARROW_TYPE_LIST,
        [DATATYPE_LARGE_LIST_VIEW] = NANOARROW_TYPE_LIST,
    };

    return types[kind];
}

/* Sets a format, and makes children without types. */
static int set_format(struct ArrowSchema *schema, const char *format, unsigned int n_children)
{
    int error = -ArrowSchemaSetFormat(schema, format);

    if (error == 0 && n_children > 0)
        error = -ArrowSchemaAllocateChildren(schema, n_children);
    for (unsigned int i = 0; error == 0 && i < n_children; i++)
        ArrowSchemaInit(schema->children[i]);
    return error;
}

static int set_map(struct ArrowSchema *schema, const struct datatype_node *node)
{
    if (node->param == 1)
        schema->flags |= ARROW_FLAG_MAP_KEYS_SORTED;
    return set_format(schema, "+m", 1);
}

/* "+ud:0,1,5" */
static int set_union(struct ArrowSchema *schema, const struct datatype_node *node)
{
    char format[4 + 4 * DATATYPE_MAX_NODES];
    const struct datatype_node *child = node + 1;
    size_t size = (size_t)sprintf(format, "+u%c:", node->kind == DATATYPE_DENSE_UNION ? 'd' : 's');

    for (unsigned int i = 0; i < node->n_children; i++) {
        size += (size_t)sprintf(format + size, "%s%d", i > 0 ? "," : "", child->code);
        child += datatype_subtree_size(child);
    }
    return set_format(schema, format, node->n_children);
}

static int set_type(struct ArrowSchema *schema, const struct datatype_node *node)
{
    switch (node->kind) {
    case DATATYPE_FORMATTED:
        return set_format(schema, datatype_format(node), 0);
    case DATATYPE_MAP:
        return set_map(schema, node);
    case DATATYPE_DENSE_UNION:
    case DATATYPE_SPARSE_UNION:
        return set_union(schema, node);
    case DATATYPE_TIMESTAMP_NS:
        return -ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIMESTAMP,
                                           NANOARROW_TIME_UNIT_NANO, NULL);
    case DATATYPE_DURATION_NS:
        return -ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_DURATION,
                                           NANOARROW_TIME_UNIT_NANO, NULL);
    case DATATYPE_FIXED_SIZE_LIST:
        return -ArrowSchemaSetTypeFixedSize(schema, NANOARROW_TYPE_FIXED_SIZE_LIST,
                                            (int32_t)node->param);
    case DATATYPE_FIXED_SIZE_BINARY:
        return -ArrowSchemaSetTypeFixedSize(schema, NANOARROW_TYPE_FIXED_SIZE_BINARY,
                                            (int32_t)node->param);
    case DATATYPE_STRUCT:
        return arrow_schema_set_struct(schema, node->n_children);
    default:
        return -ArrowSchemaSetType(schema, simple_type_of(node->kind));
    }
}

/* Sets the subtree at *node, which is moved behind it. Depth is bounded by datatype_check. */
static int set_subtree(struct ArrowSchema *schema, const struct datatype_node **node)
{
    const struct datatype_node *here = (*node)++;
    int error = set_type(schema, here);

    if (error == 0)
        error = -ArrowSchemaSetName(schema, here->name);
    for (int64_t i = 0; error == 0 && i < here->n_children; i++)
        error = set_subtree(schema->children[i], node);
    set_nullable(schema, here->nullable);
    return error;
}

int arrow_schema_set_datatype(struct ArrowSchema *schema, const struct datatype_node *nodes)
{
    return set_subtree(schema, &nodes);
}

int arrow_schema_set_list(struct ArrowSchema *schema, const struct datatype_node *nodes)
{
    int error = -ArrowSchemaSetType(schema, NANOARROW_TYPE_LIST);

    set_nullable(schema, true);
    return error != 0 ? error : arrow_schema_set_datatype(schema->children[0], nodes);
}

int arrow_schema_set_time(struct ArrowSchema *schema, enum time_type type)
{
    struct datatype_node node = {.nullable = 1};

    switch (type) {
    case TIME_SEQUENCE:
        node.kind = DATATYPE_INT64;
        break;
    case TIME_DURATION:
        node.kind = DATATYPE_DURATION_NS;
        break;
    case TIME_TIMESTAMP:
        node.kind = DATATYPE_TIMESTAMP_NS;
        break;
    default:
        return -EINVAL;
    }
    return arrow_schema_set_datatype(schema, &node);
}

int arrow_schema_set_name(struct ArrowSchema *schema, struct string_view name)
{
    struct buffer text;
    int error = string_view_has_nul(name) ? -EINVAL : 0;

    buffer_init(&text, BUFFER_NO_LIMIT);
    if (error == 0)
        error = utf8_append_lossy(&text, name);
    if (error == 0)
        error = buffer_append(&text, "", 1);
    if (error == 0)
        error = -ArrowSchemaSetName(schema, (const char *)text.data);
    buffer_done(&text);
    return error;
}

static int compare_keys(const void *a, const void *b)
{
    return string_view_compare(((const struct chunk_metadata *)a)->key,
                               ((const struct chunk_metadata *)b)->key);
}

/* The flatbuffer takes any bytes, but its readers take UTF-8 up to a NUL. */
static int append_pair(struct ArrowBuffer *metadata, const struct chunk_metadata *pair,
                       struct buffer *text)
{
    struct ArrowStringView key, value;
    int error = string_view_has_nul(pair->key) || string_view_has_nul(pair->value) ? -EINVAL : 0;

    buffer_truncate(text, 0);
    if (error == 0)
        error = utf8_append_lossy(text, pair->key);
    key.size_bytes = (int64_t)text->size;
    if (error == 0)
        error = utf8_append_lossy(text, pair->value);
    if (error != 0)
        return error;
    key.data = (const char *)text->data;
    value.data = key.data + key.size_bytes;
    value.size_bytes = (int64_t)text->size - key.size_bytes;
    return -ArrowMetadataBuilderAppend(metadata, key, value);
}

static int build_metadata(struct ArrowBuffer *metadata, const struct chunk_metadata *pairs,
                          size_t n_pairs)
{
    struct buffer text;
    int error = -ArrowMetadataBuilderInit(metadata, NULL);

    buffer_init(&text, BUFFER_NO_LIMIT);
    for (size_t i = 0; error == 0 && i < n_pairs; i++) {
        if (i > 0 && string_view_equal(pairs[i - 1].key, pairs[i].key))
            error = -EEXIST;
        else
            error = append_pair(metadata, &pairs[i], &text);
    }
    buffer_done(&text);
    return error;
}

int arrow_schema_set_metadata(struct ArrowSchema *schema, struct chunk_metadata *pairs,
                              size_t n_pairs)
{
    struct ArrowBuffer metadata;
    int error;

    ArrowBufferInit(&metadata);
    qsort(pairs, n_pairs, sizeof(*pairs), compare_keys);
    error = build_metadata(&metadata, pairs, n_pairs);
    if (error == 0)
        error = -ArrowSchemaSetMetadata(schema, (const char *)metadata.data);
    ArrowBufferReset(&metadata);
    return error;
}

/* --- Rerun's own columns ---------------------------------------------------------------------- */

int arrow_schema_set_row_id(struct ArrowSchema *schema)
{
    const struct datatype_node type = {.kind = DATATYPE_FIXED_SIZE_BINARY, .param = 16};
    int error = arrow_schema_set_datatype(schema, &type);

    return error != 0 ? error
                      : arrow_schema_set_name(schema, string_view_of("rerun.controls.RowId"));
}

int arrow_schema_set_row_id_metadata(struct ArrowSchema *schema, bool is_sorted)
{
    struct chunk_metadata pairs[] = {
        CHUNK_METADATA("ARROW:extension:metadata", string_view_of("{\"namespace\":\"row\"}")),
        CHUNK_METADATA("ARROW:extension:name", string_view_of("rerun.datatypes.TUID")),
        CHUNK_METADATA("rerun:kind", string_view_of("control")),
        CHUNK_METADATA("rerun:is_sorted", string_view_of("true")),
    };

    return arrow_schema_set_metadata(schema, pairs, is_sorted ? 4 : 3);
}

int arrow_schema_set_timeline(struct ArrowSchema *schema, struct string_view name,
                              enum time_type type)
{
    int error = arrow_schema_set_time(schema, type);

    return error != 0 ? error : arrow_schema_set_name(schema, name);
}

int arrow_schema_set_timeline_metadata(struct ArrowSchema *schema, bool is_sorted)
{
    struct chunk_metadata pairs[] = {
        CHUNK_METADATA("rerun:index_name", string_view_of(schema->name)),
        CHUNK_METADATA("rerun:kind", string_view_of("index")),
        CHUNK_METADATA("rerun:is_sorted", string_view_of("true")),
    };

    return arrow_schema_set_metadata(schema, pairs, is_sorted ? 3 : 2);
}

size_t arrow_schema_count_tables(const struct ArrowSchema *schema)
{
    size_t n_tables = 2;
    int32_t n_pairs = 0;

    if (schema->metadata != NULL)
        memcpy(&n_pairs, schema->metadata, sizeof(n_pairs)); /* how Arrow's C data begins them */
    n_tables += (size_t)n_pairs;
    for (int64_t i = 0; i < schema->n_children; i++)
        n_tables += arrow_schema_count_tables(schema->children[i]);
    return n_tables;
}
