/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads values of Arrow arrays that the decoder has validated: offsets rise, lengths fit, and every
 * buffer is as long as its array needs. No state.
 */
#include "harness/wire/chunk_values.h"

#include <errno.h>
#include <nanoarrow/nanoarrow.h>

static bool is_row_null(const struct ArrowArrayView *view, int64_t i)
{
    return ArrowArrayViewIsNull(view, i) != 0;
}

/* Offset i of texts or lists, which has 32 or 64 bits. */
static int64_t offset_at(const struct ArrowArrayView *view, int64_t i)
{
    return view->layout.element_size_bits[1] == 64 ? view->buffer_views[1].data.as_int64[i]
                                                   : view->buffer_views[1].data.as_int32[i];
}

static struct chunk_values list_at(const struct ArrowArrayView *lists, int64_t i)
{
    int64_t first = offset_at(lists, i);

    return (struct chunk_values){
        .view = lists->children[0],
        .first = first,
        .n = (size_t)(offset_at(lists, i + 1) - first),
    };
}

struct chunk_values chunk_values_of_row(const struct ArrowArrayView *lists, size_t row)
{
    if (is_row_null(lists, (int64_t)row))
        return (struct chunk_values){.view = lists->children[0], .is_null = true};
    return list_at(lists, (int64_t)row);
}

enum datatype_kind chunk_values_kind(const struct chunk_values *values)
{
    switch (values->view->storage_type) {
    case NANOARROW_TYPE_BOOL:
        return DATATYPE_BOOL;
    case NANOARROW_TYPE_INT8:
        return DATATYPE_INT8;
    case NANOARROW_TYPE_UINT8:
        return DATATYPE_UINT8;
    case NANOARROW_TYPE_INT16:
        return DATATYPE_INT16;
    case NANOARROW_TYPE_UINT16:
        return DATATYPE_UINT16;
    case NANOARROW_TYPE_INT32:
        return DATATYPE_INT32;
    case NANOARROW_TYPE_UINT32:
        return DATATYPE_UINT32;
    case NANOARROW_TYPE_INT64:
        return DATATYPE_INT64;
    case NANOARROW_TYPE_UINT64:
        return DATATYPE_UINT64;
    case NANOARROW_TYPE_HALF_FLOAT:
        return DATATYPE_FLOAT16;
    case NANOARROW_TYPE_FLOAT:
        return DATATYPE_FLOAT32;
    case NANOARROW_TYPE_DOUBLE:
        return DATATYPE_FLOAT64;
    case NANOARROW_TYPE_STRING:
        return DATATYPE_UTF8;
    case NANOARROW_TYPE_BINARY:
        return DATATYPE_BINARY;
    case NANOARROW_TYPE_LIST:
        return DATATYPE_LIST;
    case NANOARROW_TYPE_FIXED_SIZE_LIST:
        return DATATYPE_FIXED_SIZE_LIST;
    case NANOARROW_TYPE_STRUCT:
        return DATATYPE_STRUCT;
    case NANOARROW_TYPE_FIXED_SIZE_BINARY:
        return DATATYPE_FIXED_SIZE_BINARY;
    case NANOARROW_TYPE_NA:
        return DATATYPE_NULL;
    case NANOARROW_TYPE_LARGE_STRING:
        return DATATYPE_LARGE_UTF8;
    case NANOARROW_TYPE_LARGE_BINARY:
        return DATATYPE_LARGE_BINARY;
    case NANOARROW_TYPE_LARGE_LIST:
        return DATATYPE_LARGE_LIST;
    case NANOARROW_TYPE_MAP:
        return DATATYPE_MAP;
    case NANOARROW_TYPE_DENSE_UNION:
        return DATATYPE_DENSE_UNION;
    case NANOARROW_TYPE_SPARSE_UNION:
        return DATATYPE_SPARSE_UNION;
    case NANOARROW_TYPE_INTERVAL_DAY_TIME:
    case NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO:
    case NANOARROW_TYPE_DECIMAL32:
    case NANOARROW_TYPE_DECIMAL64:
    case NANOARROW_TYPE_DECIMAL128:
    case NANOARROW_TYPE_DECIMAL256:
        return DATATYPE_FORMATTED;
    default:
        return (enum datatype_kind)0;
    }
}

bool chunk_value_is_null(const struct chunk_values *values, size_t i)
{
    return is_row_null(values->view, values->first + (int64_t)i);
}

/* The index into the array of a value of an expected kind, or a negative errno. */
static int64_t index_of(const struct chunk_values *values, size_t i, bool is_expected_kind)
{
    if (!is_expected_kind)
        return -EINVAL;
    if (chunk_value_is_null(values, i))
        return -ENODATA;
    return values->first + (int64_t)i;
}

int chunk_value_int(const struct chunk_values *values, size_t i, int64_t *ret_value)
{
    enum datatype_kind kind = chunk_values_kind(values);
    int64_t at = index_of(values, i, kind >= DATATYPE_INT8 && kind <= DATATYPE_UINT64);
    uint64_t value;

    if (at < 0)
        return (int)at;
    if (kind == DATATYPE_UINT64) {
        value = ArrowArrayViewGetUIntUnsafe(values->view, at);
        if (value > INT64_MAX)
            return -ERANGE;
    }
    *ret_value = ArrowArrayViewGetIntUnsafe(values->view, at);
    return 0;
}

int chunk_value_float(const struct chunk_values *values, size_t i, double *ret_value)
{
    enum datatype_kind kind = chunk_values_kind(values);
    int64_t at = index_of(values, i, kind >= DATATYPE_FLOAT16 && kind <= DATATYPE_FLOAT64);

    if (at < 0)
        return (int)at;
    *ret_value = ArrowArrayViewGetDoubleUnsafe(values->view, at);
    return 0;
}

int chunk_value_bool(const struct chunk_values *values, size_t i, bool *ret_value)
{
    int64_t at = index_of(values, i, chunk_values_kind(values) == DATATYPE_BOOL);

    if (at < 0)
        return (int)at;
    *ret_value = ArrowArrayViewGetIntUnsafe(values->view, at) != 0;
    return 0;
}

int chunk_value_bytes(const struct chunk_values *values, size_t i, struct string_view *ret_value)
{
    const struct datatype_node node = {.kind = (uint8_t)chunk_values_kind(values)};
    bool is_fixed = node.kind == DATATYPE_FIXED_SIZE_BINARY || node.kind == DATATYPE_FORMATTED;
    int64_t at = index_of(values, i, is_fixed || datatype_is_text(&node));
    const struct ArrowArrayView *view = values->view;

    if (at < 0)
        return (int)at;
    if (is_fixed) {
        size_t size = (size_t)view->layout.element_size_bits[1] / 8;

        *ret_value =
            (struct string_view){view->buffer_views[1].data.as_char + (size_t)at * size, size};
        return 0;
    }
    *ret_value =
        (struct string_view){NULL, (size_t)(offset_at(view, at + 1) - offset_at(view, at))};
    if (ret_value->size > 0)
        ret_value->data = view->buffer_views[2].data.as_char + offset_at(view, at);
    return 0;
}

int chunk_value_elements(const struct chunk_values *values, size_t i,
                         struct chunk_values *ret_elements)
{
    const struct datatype_node node = {.kind = (uint8_t)chunk_values_kind(values)};
    bool is_fixed = node.kind == DATATYPE_FIXED_SIZE_LIST;
    int64_t at = index_of(values, i, is_fixed || datatype_is_list(&node));
    int64_t n = values->view->layout.child_size_elements;

    if (at < 0)
        return (int)at;
    if (!is_fixed)
        *ret_elements = list_at(values->view, at);
    else
        *ret_elements = (struct chunk_values){values->view->children[0], at * n, (size_t)n, false};
    return 0;
}

int chunk_value_of_union(const struct chunk_values *values, size_t i,
                         struct chunk_values *ret_value)
{
    const struct datatype_node node = {.kind = (uint8_t)chunk_values_kind(values)};
    const struct ArrowArrayView *view = values->view;
    int64_t at = values->first + (int64_t)i;

    if (!datatype_is_union(&node))
        return -EINVAL;
    *ret_value = (struct chunk_values){
        .view = view->children[ArrowArrayViewUnionChildIndex(view, at)],
        .first = ArrowArrayViewUnionChildOffset(view, at),
        .n = 1,
    };
    return ret_value->first < ret_value->view->length ? 0 : -EBADMSG;
}

int chunk_values_field(const struct chunk_values *values, size_t field,
                       struct chunk_values *ret_field)
{
    if (chunk_values_kind(values) != DATATYPE_STRUCT)
        return -EINVAL;
    if (field >= (size_t)values->view->n_children)
        return -ENOENT;
    *ret_field = *values;
    ret_field->view = values->view->children[field];
    return 0;
}
