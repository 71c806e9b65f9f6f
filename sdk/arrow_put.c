/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writing Arrow arrays that were measured. On the path of rows: no allocation, bounded recursion
 * (DATATYPE_MAX_DEPTH).
 */
#include "sdk/arrow.h"
#include "sdk/arrow_range.h"

#include <string.h>

#define AT_ONCE 512 /* bytes or numbers made on the stack at once */

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
            if (!bits || range_bit_at(bits, start + done + i))
                bytes[i / 8] |= (uint8_t)(1u << (i % 8));
        }
        spool_put(cursor, bytes, size);
    }
    spool_put_padding(cursor, (size_t)(n + 7) / 8);
}

/* What an offset of the batch is behind `end`, that of the value before. */
static uint32_t next_offset(const struct range *range, int64_t index, int64_t first, uint32_t end)
{
    if (datatype_is_text_view(range->node))
        return end + (uint32_t)text_view_at(range, index).size;
    if (range_is_list_view(range))
        return end + (uint32_t)range_list_size_at(range, index);
    return (uint32_t)(range_offset_at(range, index + 1) - first);
}

static void put_offsets(struct spool_cursor *cursor, const struct range *range)
{
    uint32_t offsets[AT_ONCE / sizeof(uint32_t)] = {0};
    const int64_t n_at_once = (int64_t)(sizeof(offsets) / sizeof(offsets[0]));
    int64_t first =
        !datatype_is_text_view(range->node) && range->n > 0 ? range_offset_at(range, 0) : 0;
    uint32_t end = 0;

    spool_put(cursor, &end, sizeof(end));
    for (int64_t done = 0; done < range->n; done += n_at_once) {
        int64_t left = range->n - done;
        int64_t n_now = left < n_at_once ? left : n_at_once;

        for (int64_t i = 0; i < n_now; i++) {
            end = next_offset(range, done + i, first, end);
            offsets[i] = end;
        }
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

static void put_texts(struct spool_cursor *cursor, const struct range *range)
{
    size_t size = 0;
    int64_t first;
    int64_t n;

    put_offsets(cursor, range);
    if (!datatype_is_text_view(range->node)) {
        range_content_of(range, &first, &n);
        put_bytes(cursor, range->array->buffers[2], first, n);
        return;
    }
    for (int64_t i = 0; i < range->n; i++) {
        struct text_view view = text_view_at(range, i);

        spool_put(cursor, text_view_bytes(range, &view), (size_t)view.size);
        size += (size_t)view.size;
    }
    spool_put_padding(cursor, size);
}

/* Puts the offsets of a dense union, which count from the first value of each code that is put. */
static void put_dense_offsets(struct spool_cursor *cursor, const struct range *range)
{
    const struct datatype_node *child = range->node + 1;
    int32_t firsts[DATATYPE_MAX_CODE + 1] = {0};

    for (unsigned int i = 0; i < range->node->n_children; i++) {
        int64_t first;
        int64_t n;

        range_content_of_code(range, child->code, &first, &n);
        firsts[child->code] = (int32_t)first;
        child += datatype_subtree_size(child);
    }
    for (int64_t i = 0; i < range->n; i++) {
        int32_t offset = (int32_t)range_offset_at(range, i) -
                         firsts[range_code_at(range, i) & DATATYPE_MAX_CODE];

        spool_put(cursor, &offset, sizeof(offset));
    }
    spool_put_padding(cursor, (size_t)range->n * sizeof(int32_t));
}

static void put_buffers(struct spool_cursor *cursor, const struct range *range)
{
    const void **buffers = range->array->buffers;
    int64_t value_size = datatype_value_size(range->node);

    if (datatype_is_text(range->node)) {
        put_texts(cursor, range);
        return;
    }
    if (datatype_is_list(range->node)) {
        put_offsets(cursor, range);
        return;
    }
    switch (range->node->kind) {
    case DATATYPE_NULL:
    case DATATYPE_STRUCT:
    case DATATYPE_FIXED_SIZE_LIST:
        break;
    case DATATYPE_DENSE_UNION:
        put_bytes(cursor, buffers[0], range->start, range->n);
        put_dense_offsets(cursor, range);
        break;
    case DATATYPE_SPARSE_UNION:
        put_bytes(cursor, buffers[0], range->start, range->n);
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

    if (with_validity && datatype_has_validity(here))
        put_bits(cursor, range_validity_of(range), range->start, range->n);
    put_buffers(cursor, range);
    for (unsigned int i = 0; i < here->n_children; i++) {
        struct range child = range_child_of(range, i, *node);

        put_range(cursor, node, &child, with_validity);
    }
}

void arrow_put(struct spool_cursor *cursor, const struct arrow_batch *batch)
{
    const struct datatype_node *node = batch->nodes;
    struct range range = {batch->array, batch->nodes, batch->array->offset, batch->array->length};
    uint32_t n_instances = (uint32_t)range.n | (batch->has_nulls ? BATCH_HAS_NULLS : 0);

    batch_put_head(cursor, batch->size, n_instances);
    put_range(cursor, &node, &range, batch->has_nulls);
}
