/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Record batches. State: the caller's struct.
 */
#include "harness/wire/batch_writer.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define STRUCT_SIZE 16 /* of FieldNode and Buffer */

static void store_i64(struct buffer *out, size_t at, uint64_t value)
{
    value = htole64(value);
    memcpy(out->data + at, &value, sizeof(value));
}

/* Beyond the places that the template has nothing is written: batch_writer_end will tell. */
static void note(struct batch_writer *writer, size_t *at, size_t first, size_t n, uint64_t a,
                 uint64_t b)
{
    if (*at < writer->header + first + n * STRUCT_SIZE) {
        store_i64(writer->out, *at, a);
        store_i64(writer->out, *at + 8, b);
    }
    *at += STRUCT_SIZE;
}

static void note_node(struct batch_writer *writer, uint64_t length, uint64_t null_count)
{
    note(writer, &writer->node, writer->template->nodes, writer->template->n_nodes, length,
         null_count);
}

/* Notes a buffer of `size` bytes that was appended last, and fills up to the next multiple of 8. */
static int end_buffer(struct batch_writer *writer, size_t size)
{
    note(writer, &writer->descriptor, writer->template->buffers, writer->template->n_buffers,
         writer->out->size - size - writer->body, size);
    return buffer_align(writer->out, 8);
}

static int put_buffer(struct batch_writer *writer, const void *bytes, size_t size)
{
    int error = buffer_append(writer->out, bytes, size);

    return error != 0 ? error : end_buffer(writer, size);
}

int batch_writer_begin(struct batch_writer *writer, struct buffer *out,
                       const struct ipc_template *template)
{
    *writer = (struct batch_writer){
        .out = out,
        .template = template,
        .header = out->size,
        .node = out->size + template->nodes,
        .descriptor = out->size + template->buffers,
        .body = out->size + template->batch.size,
    };
    return buffer_append(out, template->batch.data, template->batch.size);
}

int batch_writer_put_values(struct batch_writer *writer, const void *values, size_t n, size_t size)
{
    int error;

    note_node(writer, n, 0);
    error = put_buffer(writer, NULL, 0);
    return error != 0 ? error : put_buffer(writer, values, size);
}

int batch_writer_put_ids(struct batch_writer *writer, const struct tuid *ids, size_t n)
{
    struct buffer *out = writer->out;
    uint8_t *bytes;
    int error;

    note_node(writer, n, 0);
    error = put_buffer(writer, NULL, 0);
    if (error == 0)
        error = buffer_reserve(out, n * 16);
    if (error != 0)
        return error;
    bytes = out->data + out->size;
    for (size_t i = 0; i < n; i++)
        tuid_to_arrow(ids[i], bytes + i * 16);
    out->size += n * 16;
    return end_buffer(writer, n * 16);
}

static bool has_data(const struct datatype_node *type)
{
    return !datatype_is_list(type) && type->kind != DATATYPE_FIXED_SIZE_LIST &&
           type->kind != DATATYPE_STRUCT;
}

static bool is_large(const struct datatype_node *type)
{
    return type->kind == DATATYPE_LARGE_UTF8 || type->kind == DATATYPE_LARGE_BINARY ||
           type->kind == DATATYPE_LARGE_LIST;
}

/* Puts offsets of 32 bits as such of 64. */
static int put_large_offsets(struct batch_writer *writer, const struct buffer *offsets)
{
    struct buffer *out = writer->out;
    size_t n = offsets->size / sizeof(int32_t);
    int error = buffer_reserve(out, n * sizeof(int64_t));

    if (error != 0)
        return error;
    for (size_t i = 0; i < n; i++)
        store_i64(out, out->size + i * sizeof(int64_t),
                  (uint64_t)((const int32_t *)offsets->data)[i]);
    out->size += n * sizeof(int64_t);
    return end_buffer(writer, n * sizeof(int64_t));
}

static int put_offsets(struct batch_writer *writer, const struct column_node *node,
                       const struct datatype_node *type)
{
    if (is_large(type))
        return put_large_offsets(writer, &node->offsets);
    return put_buffer(writer, node->offsets.data, node->offsets.size);
}

static int put_union(struct batch_writer *writer, const struct column_node *node,
                     const struct datatype_node *type)
{
    int error = put_buffer(writer, node->data.data, node->data.size);

    if (error == 0 && type->kind == DATATYPE_DENSE_UNION)
        error = put_buffer(writer, node->offsets.data, node->offsets.size);
    return error;
}

int batch_writer_put_node(struct batch_writer *writer, const struct column_node *node,
                          const struct datatype_node *type)
{
    int error;

    note_node(writer, node->length, type->kind == DATATYPE_NULL ? node->length : node->null_count);
    if (type->kind == DATATYPE_NULL)
        return 0;
    if (datatype_is_union(type))
        return put_union(writer, node, type);
    error = put_buffer(writer, node->validity.data, node->validity.size);
    if (error == 0 && (datatype_is_text(type) || datatype_is_list(type)))
        error = put_offsets(writer, node, type);
    if (error == 0 && has_data(type))
        error = put_buffer(writer, node->data.data, node->data.size);
    return error;
}

int batch_writer_end(struct batch_writer *writer, size_t n_rows)
{
    const struct ipc_template *template = writer->template;
    size_t header = writer->header;

    if (writer->node != header + template->nodes + template->n_nodes * STRUCT_SIZE ||
        writer->descriptor != header + template->buffers + template->n_buffers * STRUCT_SIZE)
        return -EPROTO;
    store_i64(writer->out, header + template->n_rows, n_rows);
    store_i64(writer->out, header + template->body_size, writer->out->size - writer->body);
    return 0;
}
