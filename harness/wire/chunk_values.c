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

static struct chunk_values list_at(const struct ArrowArrayView *lists, int64_t i)
{
    const int32_t *offsets = lists->buffer_views[1].data.as_int32;

    return (struct chunk_values){
        .view = lists->children[0],
        .first = offsets[i],
        .n = (size_t)(offsets[i + 1] - offsets[i]),
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
    enum datatype_kind kind = chunk_values_kind(values);
    int64_t at = index_of(values, i,
                          kind == DATATYPE_UTF8 || kind == DATATYPE_BINARY ||
                              kind == DATATYPE_FIXED_SIZE_BINARY);
    const struct ArrowArrayView *view = values->view;
    const int32_t *offsets = view->buffer_views[1].data.as_int32;

    if (at < 0)
        return (int)at;
    if (kind == DATATYPE_FIXED_SIZE_BINARY) {
        size_t size = (size_t)view->layout.element_size_bits[1] / 8;

        *ret_value =
            (struct string_view){view->buffer_views[1].data.as_char + (size_t)at * size, size};
        return 0;
    }
    *ret_value = (struct string_view){NULL, (size_t)(offsets[at + 1] - offsets[at])};
    if (ret_value->size > 0)
        ret_value->data = view->buffer_views[2].data.as_char + offsets[at];
    return 0;
}

int chunk_value_elements(const struct chunk_values *values, size_t i,
                         struct chunk_values *ret_elements)
{
    enum datatype_kind kind = chunk_values_kind(values);
    int64_t at = index_of(values, i, kind == DATATYPE_LIST || kind == DATATYPE_FIXED_SIZE_LIST);
    int64_t n = values->view->layout.child_size_elements;

    if (at < 0)
        return (int)at;
    if (kind == DATATYPE_LIST)
        *ret_elements = list_at(values->view, at);
    else
        *ret_elements = (struct chunk_values){values->view->children[0], at * n, (size_t)n, false};
    return 0;
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
