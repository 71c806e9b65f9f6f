/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finding values in Arrow arrays. Source: the Arrow C data interface and columnar format,
 * https://arrow.apache.org/docs/format/Columnar.html. No state.
 */
#include "sdk/arrow_range.h"

#include <string.h>

/* --- Buffers -------------------------------------------------------------- */

const uint8_t *range_validity_of(const struct range *range)
{
    return range->array->n_buffers > 0 && range->array->null_count != 0 &&
                   !datatype_is_union(range->node)
               ? range->array->buffers[0]
               : NULL;
}

bool range_has_nulls(const struct range *range)
{
    const uint8_t *bits = range_validity_of(range);

    for (int64_t i = 0; bits && i < range->n; i++) {
        if (!range_bit_at(bits, range->start + i))
            return true;
    }
    return false;
}

static bool is_large(const struct range *range)
{
    return range->node->kind == DATATYPE_LARGE_UTF8 || range->node->kind == DATATYPE_LARGE_BINARY ||
           range->node->kind == DATATYPE_LARGE_LIST ||
           range->node->kind == DATATYPE_LARGE_LIST_VIEW;
}

/* The number of 32 or 64 bits that a buffer has for a value of the range. */
static int64_t number_at(const struct range *range, int buffer, int64_t index)
{
    const uint8_t *numbers = range->array->buffers[buffer];
    int64_t large;
    int32_t small;

    if (is_large(range)) {
        memcpy(&large, numbers + (range->start + index) * 8, sizeof(large));
        return large;
    }
    memcpy(&small, numbers + (range->start + index) * 4, sizeof(small));
    return small;
}

int64_t range_offset_at(const struct range *range, int64_t index)
{
    return number_at(range, 1, index);
}

/* --- Views of lists: offsets and sizes that must be one after the other. --- */

bool range_is_list_view(const struct range *range)
{
    return range->node->kind == DATATYPE_LIST_VIEW || range->node->kind == DATATYPE_LARGE_LIST_VIEW;
}

static bool is_null_at(const struct range *range, int64_t index)
{
    const uint8_t *bits = range_validity_of(range);

    return bits && !range_bit_at(bits, range->start + index);
}

/* The size of list `index`; nothing is read of one that is null. */
int64_t range_list_size_at(const struct range *range, int64_t index)
{
    return is_null_at(range, index) ? 0 : number_at(range, 2, index);
}

static void content_of_view(const struct range *range, int64_t *ret_first, int64_t *ret_n)
{
    *ret_first = 0;
    *ret_n = 0;
    for (int64_t i = 0; i < range->n; i++) {
        int64_t size = range_list_size_at(range, i);

        if (size > 0 && *ret_n == 0)
            *ret_first = range_offset_at(range, i);
        *ret_n += size;
    }
}

/* Where the values of the range lie in what its offsets point to. An empty range may have none. */
void range_content_of(const struct range *range, int64_t *ret_first, int64_t *ret_n)
{
    if (range_is_list_view(range)) {
        content_of_view(range, ret_first, ret_n);
        return;
    }
    *ret_first = range->n > 0 ? range_offset_at(range, 0) : 0;
    *ret_n = range->n > 0 ? range_offset_at(range, range->n) - *ret_first : 0;
}

/* --- Unions: codes, and offsets where they are dense. ---------------------- */

/* Where the values with that code lie in their child. */
void range_content_of_code(const struct range *range, uint8_t code, int64_t *ret_first,
                           int64_t *ret_n)
{
    int64_t end = 0;

    *ret_first = 0;
    for (int64_t i = 0; i < range->n; i++) {
        int64_t offset;

        if (range_code_at(range, i) != code)
            continue;
        offset = range_offset_at(range, i);
        if (end == 0 || offset < *ret_first)
            *ret_first = offset;
        if (offset >= end)
            end = offset + 1;
    }
    *ret_n = end - *ret_first;
}

/* The part of child `index`, whose type is given, that belongs to the range. */
struct range range_child_of(const struct range *range, int64_t index,
                            const struct datatype_node *type)
{
    const struct ArrowArray *child = range->array->children[index];
    int64_t start = range->start;
    int64_t n = range->n;

    if (datatype_is_list(range->node))
        range_content_of(range, &start, &n);
    if (range->node->kind == DATATYPE_DENSE_UNION)
        range_content_of_code(range, type->code, &start, &n);
    if (range->node->kind == DATATYPE_FIXED_SIZE_LIST) {
        start *= range->node->param;
        n *= range->node->param;
    }
    return (struct range){child, type, child->offset + start, n};
}

/* --- Views of texts: 16 bytes that hold a short text, or say where a long one is. --- */

/* The view of text `index`; one that is null is empty. */
struct text_view text_view_at(const struct range *range, int64_t index)
{
    struct text_view view = {.size = 0};

    if (!is_null_at(range, index))
        memcpy(&view, (const uint8_t *)range->array->buffers[1] + (range->start + index) * 16,
               sizeof(view));
    return view;
}

/* Is the text of a view inside of its buffer? Their sizes stand in the last buffer. */
bool text_view_is_inside(const struct range *range, const struct text_view *view)
{
    int64_t n_texts = range->array->n_buffers - 3;
    const uint8_t *sizes = range->array->buffers[range->array->n_buffers - 1];
    int64_t size;

    if (view->size < 0)
        return false;
    if (view->size <= (int32_t)sizeof(view->bytes))
        return true;
    if (view->buffer < 0 || view->buffer >= n_texts || view->offset < 0 || !sizes ||
        !range->array->buffers[2 + view->buffer])
        return false;
    memcpy(&size, sizes + view->buffer * 8, sizeof(size));
    return (int64_t)view->offset + view->size <= size;
}

const void *text_view_bytes(const struct range *range, const struct text_view *view)
{
    if (view->size <= (int32_t)sizeof(view->bytes))
        return view->bytes;
    return (const uint8_t *)range->array->buffers[2 + view->buffer] + view->offset;
}
