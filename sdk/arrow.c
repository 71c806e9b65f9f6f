/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Walking Arrow arrays, in preorder, twice: to check and measure, and to write. At every level an
 * array has an offset of its own, and a list uses only a part of its child; so the walk goes by
 * ranges of values. Source: the Arrow C data interface and columnar format,
 * https://arrow.apache.org/docs/format/Columnar.html.
 *
 * On the path of rows: no allocation, bounded recursion (DATATYPE_MAX_DEPTH).
 */
#include "sdk/arrow.h"

#include <string.h>

#define MAX_VALUES INT32_MAX          /* of a node, in one batch: readers count in 32 bits */
#define MAX_LENGTH (INT64_C(1) << 40) /* of a whole array: sums and products cannot overflow */
#define AT_ONCE    512                /* bytes or numbers made on the stack at once */

/* The part of an array that is walked: `n` values from `start`, offset included. */
struct range {
    const struct ArrowArray *array;
    int64_t start;
    int64_t n;
};

/* --- Buffers -------------------------------------------------------------- */

static bool bit_at(const uint8_t *bits, int64_t index)
{
    return bits[index / 8] >> (index % 8) & 1;
}

static const uint8_t *validity_of(const struct range *range)
{
    return range->array->n_buffers > 0 && range->array->null_count != 0 ? range->array->buffers[0]
                                                                        : NULL;
}

static bool has_nulls(const struct range *range)
{
    const uint8_t *bits = validity_of(range);

    for (int64_t i = 0; bits && i < range->n; i++) {
        if (!bit_at(bits, range->start + i))
            return true;
    }
    return false;
}

static int32_t offset_at(const struct range *range, int64_t index)
{
    int32_t offset;

    memcpy(&offset, (const uint8_t *)range->array->buffers[1] + (range->start + index) * 4,
           sizeof(offset));
    return offset;
}

/* Where the values of the range lie in what its offsets point to. An empty range may have none. */
static void content_of(const struct range *range, int64_t *ret_first, int64_t *ret_n)
{
    *ret_first = range->n > 0 ? offset_at(range, 0) : 0;
    *ret_n = range->n > 0 ? offset_at(range, range->n) - *ret_first : 0;
}

/* The part of child `index` that belongs to the range. */
static struct range child_of(const struct datatype_node *node, const struct range *range,
                             int64_t index)
{
    const struct ArrowArray *child = range->array->children[index];
    int64_t start = range->start;
    int64_t n = range->n;

    if (node->kind == DATATYPE_LIST)
        content_of(range, &start, &n);
    if (node->kind == DATATYPE_FIXED_SIZE_LIST) {
        start *= node->param;
        n *= node->param;
    }
    return (struct range){child, child->offset + start, n};
}

/* --- Checking and measuring ----------------------------------------------- */

struct measure {
    uint64_t size;          /* of the data, without bitmaps of validity */
    uint64_t validity_size; /* of these, should there be any */
    bool has_nulls;
};

static int64_t n_buffers_of(const struct datatype_node *node)
{
    switch (node->kind) {
    case DATATYPE_NULL:
        return 0;
    case DATATYPE_STRUCT:
    case DATATYPE_FIXED_SIZE_LIST:
        return 1;
    case DATATYPE_UTF8:
    case DATATYPE_BINARY:
        return 3;
    default:
        return 2;
    }
}

static const char *check_shape(const struct datatype_node *node, const struct ArrowArray *array)
{
    if (!array || !array->release)
        return "or a child of it is missing or released: pass each array once";
    if (array->length < 0 || array->length > MAX_LENGTH || array->offset < 0 ||
        array->offset > MAX_LENGTH)
        return "has a length or offset that is negative or above 2^40";
    if (array->null_count < -1 || array->null_count > array->length)
        return "has a null_count that is neither -1 nor from 0 to its length";
    if (array->n_buffers != n_buffers_of(node) || (array->n_buffers > 0 && !array->buffers))
        return "has another number of buffers than its type";
    if (array->n_children != node->n_children || (array->n_children > 0 && !array->children))
        return "has another number of children than its type";
    if (array->dictionary)
        return "has a dictionary, which its type has not";
    if (array->null_count > 0 && node->kind != DATATYPE_NULL && !array->buffers[0])
        return "has nulls but no validity bitmap";
    return NULL;
}

static const char *check_offsets(const struct range *range)
{
    int32_t previous = 0;

    if (range->n == 0)
        return NULL;
    if (!range->array->buffers[1])
        return "lacks its buffer of offsets";
    for (int64_t i = 0; i <= range->n; i++) {
        int32_t offset = offset_at(range, i);

        if (offset < previous)
            return "has offsets that are negative or fall";
        previous = offset;
    }
    return NULL;
}

static const char *measure_texts(const struct range *range, struct measure *measure)
{
    const char *problem = check_offsets(range);
    int64_t first;
    int64_t n;

    if (problem)
        return problem;
    content_of(range, &first, &n);
    if (n > 0 && !range->array->buffers[2])
        return "lacks its buffer of bytes";
    measure->size += padded(((uint64_t)range->n + 1) * 4) + padded((uint64_t)n);
    return NULL;
}

static const char *measure_list(const struct range *range, struct measure *measure)
{
    measure->size += padded(((uint64_t)range->n + 1) * 4);
    return check_offsets(range);
}

static const char *measure_values(const struct datatype_node *node, const struct range *range,
                                  struct measure *measure)
{
    uint64_t n = (uint64_t)range->n;

    if (n > 0 && !range->array->buffers[1])
        return "lacks its buffer of values";
    measure->size +=
        padded(node->kind == DATATYPE_BOOL ? (n + 7) / 8 : n * datatype_value_size(node));
    return NULL;
}

static const char *measure_buffers(const struct datatype_node *node, const struct range *range,
                                   struct measure *measure)
{
    switch (node->kind) {
    case DATATYPE_NULL:
    case DATATYPE_STRUCT:
    case DATATYPE_FIXED_SIZE_LIST:
        return NULL;
    case DATATYPE_UTF8:
    case DATATYPE_BINARY:
        return measure_texts(range, measure);
    case DATATYPE_LIST:
        return measure_list(range, measure);
    default:
        return measure_values(node, range, measure);
    }
}

/*
 * Checks that the range lies within its array, and its nulls against the type. Where a value is
 * null the values below it count for nothing, and may be null whatever their type says: is_masked.
 */
static const char *check_range(const struct datatype_node *node, const struct range *range,
                               bool is_null, bool is_masked)
{
    if (range->n > MAX_VALUES)
        return "has more than 2^31 - 1 values: log them in parts";
    if (range->start - range->array->offset + range->n > range->array->length)
        return "has a child that is shorter than it must be";
    if (is_null && !node->nullable && !is_masked)
        return "has nulls where its type has none";
    return NULL;
}

/* Measures the subtree of *node and moves *node behind it. */
static const char *measure_range(const struct datatype_node **node, const struct range *range,
                                 bool is_masked, struct measure *measure)
{
    const struct datatype_node *here = (*node)++;
    bool is_null = has_nulls(range);
    const char *problem = check_range(here, range, is_null, is_masked);

    if (!problem)
        problem = measure_buffers(here, range, measure);
    if (here->nullable) {
        measure->validity_size += padded(((uint64_t)range->n + 7) / 8);
        measure->has_nulls |= is_null;
    }
    for (unsigned int i = 0; !problem && i < here->n_children; i++) {
        problem = check_shape(*node, range->array->children[i]);
        if (!problem) {
            struct range child = child_of(here, range, i);

            problem = measure_range(node, &child, is_masked || is_null, measure);
        }
    }
    return problem;
}

const char *arrow_measure(struct arrow_batch *batch)
{
    const struct datatype_node *node = batch->nodes;
    struct range range = {.array = batch->array};
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

/* --- Writing -------------------------------------------------------------- */

/* Puts n bits from bit `start` on; `bits` NULL: ones. */
static void put_bits(struct spool_cursor *cursor, const uint8_t *bits, int64_t start, int64_t n)
{
    uint8_t bytes[AT_ONCE];

    for (int64_t done = 0; done < n; done += (int64_t)sizeof(bytes) * 8) {
        int64_t left = n - done;
        int64_t n_now = left < (int64_t)sizeof(bytes) * 8 ? left : (int64_t)sizeof(bytes) * 8;
        size_t size = (size_t)(n_now + 7) / 8;

        memset(bytes, 0, size);
        for (int64_t i = 0; i < n_now; i++) {
            if (!bits || bit_at(bits, start + done + i))
                bytes[i / 8] |= (uint8_t)(1u << (i % 8));
        }
        spool_put(cursor, bytes, size);
    }
    spool_put_padding(cursor, (size_t)(n + 7) / 8);
}

static void put_offsets(struct spool_cursor *cursor, const struct range *range)
{
    uint32_t offsets[AT_ONCE / sizeof(uint32_t)];
    const int64_t n_at_once = (int64_t)(sizeof(offsets) / sizeof(offsets[0]));
    int64_t first;
    int64_t n;

    content_of(range, &first, &n);
    for (int64_t done = 0; done <= range->n; done += n_at_once) {
        int64_t left = range->n + 1 - done;
        int64_t n_now = left < n_at_once ? left : n_at_once;

        for (int64_t i = 0; i < n_now; i++)
            offsets[i] = range->n > 0 ? (uint32_t)(offset_at(range, done + i) - first) : 0;
        spool_put(cursor, offsets, (size_t)n_now * sizeof(offsets[0]));
    }
    spool_put_padding(cursor, (size_t)(range->n + 1) * sizeof(offsets[0]));
}

static void put_bytes(struct spool_cursor *cursor, const void *buffer, int64_t start, int64_t size)
{
    if (size == 0)
        return;
    spool_put(cursor, (const uint8_t *)buffer + start, (size_t)size);
    spool_put_padding(cursor, (size_t)size);
}

static void put_buffers(struct spool_cursor *cursor, const struct datatype_node *node,
                        const struct range *range)
{
    const void **buffers = range->array->buffers;
    int64_t value_size = datatype_value_size(node);
    int64_t first;
    int64_t n;

    switch (node->kind) {
    case DATATYPE_NULL:
    case DATATYPE_STRUCT:
    case DATATYPE_FIXED_SIZE_LIST:
        break;
    case DATATYPE_LIST:
        put_offsets(cursor, range);
        break;
    case DATATYPE_UTF8:
    case DATATYPE_BINARY:
        put_offsets(cursor, range);
        content_of(range, &first, &n);
        put_bytes(cursor, buffers[2], first, n);
        break;
    case DATATYPE_BOOL:
        put_bits(cursor, buffers[1], range->start, range->n);
        break;
    default:
        put_bytes(cursor, buffers[1], range->start * value_size, range->n * value_size);
    }
}

/* Puts the subtree of *node and moves *node behind it. */
static void put_range(struct spool_cursor *cursor, const struct datatype_node **node,
                      const struct range *range, bool with_validity)
{
    const struct datatype_node *here = (*node)++;

    if (with_validity && here->nullable)
        put_bits(cursor, validity_of(range), range->start, range->n);
    put_buffers(cursor, here, range);
    for (unsigned int i = 0; i < here->n_children; i++) {
        struct range child = child_of(here, range, i);

        put_range(cursor, node, &child, with_validity);
    }
}

void arrow_put(struct spool_cursor *cursor, const struct arrow_batch *batch)
{
    const struct datatype_node *node = batch->nodes;
    struct range range = {batch->array, batch->array->offset, batch->array->length};
    uint32_t n_instances = (uint32_t)range.n | (batch->has_nulls ? BATCH_HAS_NULLS : 0);

    batch_put_head(cursor, batch->size, n_instances);
    put_range(cursor, &node, &range, batch->has_nulls);
}
