/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fills the buffers of one Arrow array. State: the caller's struct.
 *
 * The data of a spool record are laid out as Arrow lays out its buffers, so most of this is memcpy.
 */
#include "harness/wire/column_node.h"

#include "harness/wire/bitmap.h"
#include "harness/wire/utf8.h"

#include <endian.h>
#include <errno.h>

_Static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "spool data go into Arrow buffers as they are");

static const uint8_t *take(struct column_source *source, uint64_t size)
{
    const uint8_t *taken = source->next;

    source->next += (size + 7) & ~(uint64_t)7;
    return taken;
}

static bool has_ends(const struct datatype_node *type)
{
    return datatype_is_text(type) || datatype_is_list(type);
}

static bool is_utf8(enum datatype_kind kind)
{
    return kind == DATATYPE_UTF8 || kind == DATATYPE_LARGE_UTF8 || kind == DATATYPE_UTF8_VIEW;
}

int column_node_init(struct column_node *node, const struct datatype_node *type)
{
    static const int32_t zero = 0;

    *node = (struct column_node){0};
    buffer_init(&node->validity, COLUMN_MAX_SIZE);
    buffer_init(&node->offsets, COLUMN_MAX_SIZE);
    buffer_init(&node->data, COLUMN_MAX_SIZE);
    return has_ends(type) ? buffer_append(&node->offsets, &zero, sizeof(zero)) : 0;
}

void column_node_done(struct column_node *node)
{
    buffer_done(&node->validity);
    buffer_done(&node->offsets);
    buffer_done(&node->data);
}

static int32_t last_offset(const struct column_node *node)
{
    return ((const int32_t *)node->offsets.data)[node->length];
}

uint64_t column_node_end(const struct column_node *node)
{
    return (uint64_t)last_offset(node);
}

/* Makes the bitmap, all ones so far, that a node has from its first null on. */
static int start_validity(struct column_node *node)
{
    int error = bitmap_extend(&node->validity, node->length);

    if (error == 0)
        bitmap_set(node->validity.data, 0, node->length);
    return error;
}

/* Notes n values that are all there. */
static int append_valid(struct column_node *node, uint64_t n)
{
    int error;

    if (node->null_count == 0)
        return 0;
    error = bitmap_extend(&node->validity, node->length + n);
    if (error == 0)
        bitmap_set(node->validity.data, node->length, node->length + n);
    return error;
}

/* Notes n values of which `bits` tells which are there. */
static int append_validity(struct column_node *node, const uint8_t *bits, uint64_t n)
{
    uint64_t n_nulls = bitmap_count_zeros(bits, n);
    int error = 0;

    if (n_nulls == 0)
        return append_valid(node, n);
    if (node->null_count == 0)
        error = start_validity(node);
    if (error == 0)
        error = bitmap_append(&node->validity, node->length, bits, n);
    if (error == 0)
        node->null_count += n_nulls;
    return error;
}

/* Appends n offsets that continue the node's; they begin at 0 in `from`. */
static int append_offsets(struct column_node *node, const uint8_t *from, uint64_t n)
{
    int32_t base = last_offset(node);
    int32_t *offsets;
    int error = buffer_reserve(&node->offsets, n * sizeof(int32_t));

    if (error != 0)
        return error;
    offsets = (int32_t *)node->offsets.data + node->length + 1;
    memcpy(offsets, from + sizeof(int32_t), n * sizeof(int32_t));
    for (uint64_t i = 0; i < n; i++)
        offsets[i] += base;
    node->offsets.size += n * sizeof(int32_t);
    return 0;
}

static int32_t load_offset(const uint8_t *offsets, uint64_t i)
{
    int32_t offset;

    memcpy(&offset, offsets + i * sizeof(offset), sizeof(offset));
    return offset;
}

static bool is_all_utf8(const uint8_t *offsets, const char *text, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        int32_t begin = load_offset(offsets, i);
        int32_t end = load_offset(offsets, i + 1);

        if (!utf8_is_valid((struct string_view){text + begin, (size_t)(end - begin)}))
            return false;
    }
    return true;
}

/* Appends texts of which some are not UTF-8; mending makes them longer. */
static int append_mended(struct column_node *node, const uint8_t *offsets, const char *text,
                         uint64_t n)
{
    int error = 0;

    for (uint64_t i = 0; error == 0 && i < n; i++) {
        int32_t begin = load_offset(offsets, i);
        size_t size = (size_t)(load_offset(offsets, i + 1) - begin);
        int32_t end;

        error = utf8_append_lossy(&node->data, (struct string_view){text + begin, size});
        end = (int32_t)node->data.size;
        if (error == 0)
            error = buffer_append(&node->offsets, &end, sizeof(end));
    }
    return error;
}

/* Text or bytes, n values. */
static int append_strings(struct column_node *node, bool is_text, struct column_source *source,
                          uint64_t n)
{
    const uint8_t *offsets = take(source, (n + 1) * sizeof(int32_t));
    size_t size = (size_t)load_offset(offsets, n);
    const uint8_t *bytes = take(source, size);
    int error;

    if (is_text && !is_all_utf8(offsets, (const char *)bytes, n))
        return append_mended(node, offsets, (const char *)bytes, n);
    error = append_offsets(node, offsets, n);
    return error != 0 ? error : buffer_append(&node->data, bytes, size);
}

/* Appends the node's own buffers; *ret_n_children is how many values each child gets. */
static int append_buffers(struct column_node *node, const struct datatype_node *type,
                          struct column_source *source, uint64_t n, uint64_t *ret_n_children)
{
    uint32_t value_size = datatype_value_size(type);
    const uint8_t *offsets;

    *ret_n_children = type->kind == DATATYPE_FIXED_SIZE_LIST ? n * type->param : n;
    if (datatype_is_text(type))
        return append_strings(node, is_utf8(type->kind), source, n);
    if (datatype_is_list(type)) {
        offsets = take(source, (n + 1) * sizeof(int32_t));
        *ret_n_children = (uint64_t)load_offset(offsets, n);
        return append_offsets(node, offsets, n);
    }
    if (type->kind == DATATYPE_BOOL)
        return bitmap_append(&node->data, node->length, take(source, (n + 7) / 8), n);
    if (type->kind == DATATYPE_SPARSE_UNION)
        value_size = 1;
    return buffer_append(&node->data, take(source, n * value_size), n * value_size);
}

int column_node_append(struct column_node *node, const struct datatype_node *type,
                       struct column_source *source, uint64_t n, uint64_t *ret_n_children)
{
    int error;

    if (n > INT32_MAX - node->length)
        return -E2BIG;
    error = source->has_nulls && datatype_has_validity(type)
                ? append_validity(node, take(source, (n + 7) / 8), n)
                : append_valid(node, n);
    if (error == 0)
        error = append_buffers(node, type, source, n, ret_n_children);
    if (error == 0)
        node->length += n;
    return error;
}

int column_node_append_dense(struct column_node *node, struct column_source *source, uint64_t n,
                             const uint32_t child_lengths[static DATATYPE_MAX_CODE + 1])
{
    const uint8_t *codes = take(source, n);
    const uint8_t *from = take(source, n * sizeof(int32_t));
    int error = n > INT32_MAX - node->length ? -E2BIG : buffer_append(&node->data, codes, n);
    uint32_t *offsets;

    if (error == 0)
        error = buffer_reserve(&node->offsets, n * sizeof(*offsets));
    if (error != 0)
        return error;
    offsets = (uint32_t *)node->offsets.data + node->length;
    for (uint64_t i = 0; i < n; i++)
        offsets[i] = (uint32_t)load_offset(from, i) + child_lengths[codes[i]];
    node->offsets.size += n * sizeof(*offsets);
    node->length += n;
    return 0;
}

int column_node_append_list(struct column_node *node, uint64_t end, bool is_null)
{
    static const uint8_t null_bit = 0;
    int32_t offset = (int32_t)end;
    int error = node->length < INT32_MAX ? 0 : -E2BIG;

    if (error == 0)
        error = is_null ? append_validity(node, &null_bit, 1) : append_valid(node, 1);
    if (error == 0)
        error = buffer_append(&node->offsets, &offset, sizeof(offset));
    if (error == 0)
        node->length++;
    return error;
}

void column_node_truncate(struct column_node *node, const struct datatype_node *type, uint64_t n)
{
    if (node->validity.size > 0) {
        bitmap_truncate(&node->validity, n);
        node->null_count = bitmap_count_zeros(node->validity.data, n);
        if (node->null_count == 0)
            buffer_truncate(&node->validity, 0);
    }
    node->length = n;
    buffer_truncate(&node->offsets, (n + (has_ends(type) ? 1 : 0)) * sizeof(int32_t));
    if (datatype_is_text(type))
        buffer_truncate(&node->data, (size_t)last_offset(node));
    else if (datatype_is_union(type))
        buffer_truncate(&node->data, n);
    else if (type->kind == DATATYPE_BOOL)
        bitmap_truncate(&node->data, n);
    else
        buffer_truncate(&node->data, n * datatype_value_size(type));
}

size_t column_node_size(const struct column_node *node)
{
    return node->validity.size + node->offsets.size + node->data.size;
}
