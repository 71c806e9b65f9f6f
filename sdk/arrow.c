/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checking and measuring Arrow arrays. On the path of rows: no allocation, bounded recursion
 * (DATATYPE_MAX_DEPTH).
 */
#include "sdk/arrow.h"

#include "sdk/arrow_range.h"

#define MAX_VALUES INT32_MAX          /* of a node, in one batch: readers count in 32 bits */
#define MAX_LENGTH (INT64_C(1) << 36) /* of a whole array: sums and products cannot overflow */

struct measure {
    uint64_t size;          /* of the data, without bitmaps of validity */
    uint64_t validity_size; /* of these, should there be any */
    bool has_nulls;
};

static int64_t n_buffers_of(const struct datatype_node *node)
{
    if (datatype_is_text(node))
        return 3;
    switch (node->kind) {
    case DATATYPE_NULL:
        return 0;
    case DATATYPE_STRUCT:
    case DATATYPE_FIXED_SIZE_LIST:
    case DATATYPE_SPARSE_UNION:
        return 1;
    case DATATYPE_LIST_VIEW:
    case DATATYPE_LARGE_LIST_VIEW:
        return 3;
    default:
        return 2;
    }
}

static bool has_right_buffers(const struct datatype_node *node, const struct ArrowArray *array)
{
    int64_t n = n_buffers_of(node);

    if (n > 0 && !array->buffers)
        return false;
    return datatype_is_text_view(node) ? array->n_buffers >= n && array->n_buffers <= MAX_VALUES
                                       : array->n_buffers == n;
}

static const char *check_shape(const struct datatype_node *node, const struct ArrowArray *array)
{
    if (!array || !array->release)
        return "or a child of it is missing or released: pass each array once";
    if (array->length < 0 || array->length > MAX_LENGTH || array->offset < 0 ||
        array->offset > MAX_LENGTH)
        return "has a length or offset that is negative or above 2^36";
    if (array->null_count < -1 || array->null_count > array->length)
        return "has a null_count that is neither -1 nor from 0 to its length";
    if (!has_right_buffers(node, array))
        return "has another number of buffers than its type";
    if (array->n_children != node->n_children || (array->n_children > 0 && !array->children))
        return "has another number of children than its type";
    if (array->dictionary)
        return "has a dictionary, which its type has not";
    if (array->null_count > 0 && node->kind != DATATYPE_NULL && !datatype_is_union(node) &&
        !array->buffers[0])
        return "has nulls but no validity bitmap";
    return NULL;
}

static const char *check_offsets(const struct range *range)
{
    int64_t previous = 0;

    if (range->n == 0)
        return NULL;
    if (!range->array->buffers[1])
        return "lacks its buffer of offsets";
    for (int64_t i = 0; i <= range->n; i++) {
        int64_t offset = range_offset_at(range, i);

        if (offset < previous || offset > MAX_LENGTH)
            return "has offsets that are negative, fall, or are above 2^36";
        previous = offset;
    }
    return NULL;
}

static const char *check_list_views(const struct range *range)
{
    int64_t end = -1;

    if (range->n > 0 && (!range->array->buffers[1] || !range->array->buffers[2]))
        return "lacks its buffer of offsets or sizes";
    for (int64_t i = 0; i < range->n; i++) {
        int64_t size = range_list_size_at(range, i);
        int64_t offset = range_offset_at(range, i);

        if (size == 0)
            continue;
        if (size < 0 || size > MAX_LENGTH || offset < 0 || offset > MAX_LENGTH)
            return "has offsets or sizes that are negative or above 2^36";
        if (end >= 0 && offset != end)
            return "has views of lists that are not one after the other: make lists of them";
        end = offset + size;
    }
    return NULL;
}

static const char *measure_views(const struct range *range, struct measure *measure)
{
    uint64_t n_bytes = 0;

    if (range->n > 0 && !range->array->buffers[1])
        return "lacks its buffer of views";
    for (int64_t i = 0; i < range->n; i++) {
        struct text_view view = text_view_at(range, i);

        if (!text_view_is_inside(range, &view))
            return "has a view that is not inside of its buffers";
        n_bytes += (uint64_t)view.size;
    }
    measure->size += padded(((uint64_t)range->n + 1) * 4) + padded(n_bytes);
    return NULL;
}

static const char *measure_texts(const struct range *range, struct measure *measure)
{
    const char *problem = check_offsets(range);
    int64_t first;
    int64_t n;

    if (problem)
        return problem;
    range_content_of(range, &first, &n);
    if (n > 0 && !range->array->buffers[2])
        return "lacks its buffer of bytes";
    measure->size += padded(((uint64_t)range->n + 1) * 4) + padded((uint64_t)n);
    return NULL;
}

/* Is it the code of a child? */
static bool is_code(const struct datatype_node *node, uint8_t code)
{
    const struct datatype_node *child = node + 1;

    for (unsigned int i = 0; i < node->n_children; i++) {
        if (child->code == code)
            return true;
        child += datatype_subtree_size(child);
    }
    return false;
}

static const char *measure_union(const struct range *range, struct measure *measure)
{
    bool is_dense = range->node->kind == DATATYPE_DENSE_UNION;

    if (range->n > 0 && (!range->array->buffers[0] || (is_dense && !range->array->buffers[1])))
        return "lacks its buffer of type ids or offsets";
    for (int64_t i = 0; i < range->n; i++) {
        if (!is_code(range->node, range_code_at(range, i)))
            return "has a type id that is not one of its type's";
        if (is_dense && range_offset_at(range, i) < 0)
            return "has offsets that are negative";
    }
    measure->size += padded((uint64_t)range->n) + (is_dense ? padded((uint64_t)range->n * 4) : 0);
    return NULL;
}

static const char *measure_list(const struct range *range, struct measure *measure)
{
    measure->size += padded(((uint64_t)range->n + 1) * 4);
    return range_is_list_view(range) ? check_list_views(range) : check_offsets(range);
}

static const char *measure_values(const struct range *range, struct measure *measure)
{
    uint64_t n = (uint64_t)range->n;

    if (n > 0 && !range->array->buffers[1])
        return "lacks its buffer of values";
    measure->size += padded(
        range->node->kind == DATATYPE_BOOL ? (n + 7) / 8 : n * datatype_value_size(range->node));
    return NULL;
}

static const char *measure_buffers(const struct range *range, struct measure *measure)
{
    if (datatype_is_text_view(range->node))
        return measure_views(range, measure);
    if (datatype_is_text(range->node))
        return measure_texts(range, measure);
    if (datatype_is_list(range->node))
        return measure_list(range, measure);
    if (datatype_is_union(range->node))
        return measure_union(range, measure);
    switch (range->node->kind) {
    case DATATYPE_NULL:
    case DATATYPE_STRUCT:
    case DATATYPE_FIXED_SIZE_LIST:
        return NULL;
    default:
        return measure_values(range, measure);
    }
}

/*
 * Checks that the range lies within its array, and its nulls against the type. Where a value is
 * null the values below it count for nothing, and may be null whatever their type says: is_masked.
 */
static const char *check_range(const struct range *range, bool is_null, bool is_masked)
{
    if (range->n > MAX_VALUES)
        return "has more than 2^31 - 1 values: log them in parts";
    if (range->start - range->array->offset + range->n > range->array->length)
        return "has a child that is shorter than it must be";
    if (is_null && !range->node->nullable && !is_masked)
        return "has nulls where its type has none";
    return NULL;
}

/* Measures the subtree of *node and moves *node behind it. */
static const char *measure_range(const struct datatype_node **node, const struct range *range,
                                 bool is_masked, struct measure *measure)
{
    const struct datatype_node *here = (*node)++;
    bool is_null = range_has_nulls(range);
    const char *problem = check_range(range, is_null, is_masked);

    if (!problem)
        problem = measure_buffers(range, measure);
    if (datatype_has_validity(here)) {
        measure->validity_size += padded(((uint64_t)range->n + 7) / 8);
        measure->has_nulls |= is_null;
    }
    is_masked |= is_null || here->kind == DATATYPE_SPARSE_UNION;
    for (unsigned int i = 0; !problem && i < here->n_children; i++) {
        problem = check_shape(*node, range->array->children[i]);
        if (!problem) {
            struct range child = range_child_of(range, i, *node);

            problem = measure_range(node, &child, is_masked, measure);
        }
    }
    return problem;
}

const char *arrow_measure(struct arrow_batch *batch)
{
    const struct datatype_node *node = batch->nodes;
    struct range range = {.array = batch->array, .node = batch->nodes};
    struct measure measure = {0};
    const char *problem = check_shape(node, batch->array);

    if (!problem) {
        range.start = batch->array->offset;
        range.n = batch->array->length;
        problem = measure_range(&node, &range, false, &measure);
    }
    batch->has_nulls = measure.has_nulls;
    batch->size = sizeof(struct record_batch) + measure.size +
                  (measure.has_nulls ? measure.validity_size : 0);
    return problem;
}
