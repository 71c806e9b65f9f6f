/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Record batches of chunks. No state.
 *
 * Buffers start at multiples of 8 bytes, and validity bitmaps without a null are left out: readers
 * take both, and it makes small chunks smaller than the official SDK's, which pads to 64 and writes
 * all.
 */
#include "harness/wire/record_batch.h"

#include <endian.h>

/* A record batch while its body is written; positions are in `out`, whose memory moves. */
struct batch {
    struct buffer *out;
    size_t node;       /* where the next node of the header goes */
    size_t descriptor; /* where the next buffer of the header goes */
    size_t body;       /* where the body begins */
};

static void store_i64(struct buffer *out, size_t at, uint64_t value)
{
    value = htole64(value);
    memcpy(out->data + at, &value, sizeof(value));
}

static void put_node(struct batch *batch, uint64_t length, uint64_t null_count)
{
    store_i64(batch->out, batch->node, length);
    store_i64(batch->out, batch->node + 8, null_count);
    batch->node += 16;
}

/* Notes a buffer of `size` bytes that was appended last, and fills up to the next multiple of 8. */
static int put_buffer(struct batch *batch, size_t size)
{
    store_i64(batch->out, batch->descriptor, batch->out->size - size - batch->body);
    store_i64(batch->out, batch->descriptor + 8, size);
    batch->descriptor += 16;
    return buffer_align(batch->out, 8);
}

static int copy_buffer(struct batch *batch, const void *bytes, size_t size)
{
    int error = buffer_append(batch->out, bytes, size);

    return error != 0 ? error : put_buffer(batch, size);
}

static int put_row_ids(struct batch *batch, const struct tuid *ids, size_t n)
{
    int error = buffer_reserve(batch->out, n * 16);
    uint8_t *bytes;

    if (error != 0)
        return error;
    put_node(batch, n, 0);
    error = put_buffer(batch, 0);
    bytes = batch->out->data + batch->out->size;
    for (size_t i = 0; i < n; i++)
        tuid_to_arrow(ids[i], bytes + i * 16);
    batch->out->size += n * 16;
    return error != 0 ? error : put_buffer(batch, n * 16);
}

static int put_times(struct batch *batch, const int64_t *times, size_t n)
{
    int error;

    put_node(batch, n, 0);
    error = put_buffer(batch, 0);
    return error != 0 ? error : copy_buffer(batch, times, n * sizeof(*times));
}

static bool has_data(enum datatype_kind kind)
{
    return kind != DATATYPE_LIST && kind != DATATYPE_FIXED_SIZE_LIST && kind != DATATYPE_STRUCT;
}

static int put_column_node(struct batch *batch, const struct column_node *node,
                           enum datatype_kind kind)
{
    int error;

    put_node(batch, node->length, kind == DATATYPE_NULL ? node->length : node->null_count);
    if (kind == DATATYPE_NULL)
        return 0;
    error = copy_buffer(batch, node->validity.data, node->validity.size);
    if (error == 0 && node->offsets.size > 0)
        error = copy_buffer(batch, node->offsets.data, node->offsets.size);
    if (error == 0 && has_data(kind))
        error = copy_buffer(batch, node->data.data, node->data.size);
    return error;
}

static int put_column(struct batch *batch, const struct column *column)
{
    int error = put_column_node(batch, &column->rows, DATATYPE_LIST);

    for (uint32_t i = 0; error == 0 && i < column->n_nodes; i++)
        error =
            put_column_node(batch, &column->nodes[i], (enum datatype_kind)column->types[i].kind);
    return error;
}

static int put_body(struct batch *batch, const struct chunk_schema *schema,
                    const struct chunk_rows *rows)
{
    int error = put_row_ids(batch, rows->row_ids, rows->n_rows);

    for (size_t i = 0; error == 0 && i < schema->n_timelines; i++)
        error = put_times(batch, rows->times[schema->timelines[i]], rows->n_rows);
    for (size_t i = 0; error == 0 && i < schema->n_columns; i++)
        error = put_column(batch, &rows->columns[schema->columns[i]]);
    return error;
}

int record_batch_put(struct buffer *out, const struct ipc_template *template,
                     const struct chunk_schema *schema, const struct chunk_rows *rows)
{
    size_t header = out->size;
    struct batch batch = {
        .out = out,
        .node = header + template->nodes,
        .descriptor = header + template->buffers,
        .body = header + template->batch.size,
    };
    int error = buffer_append(out, template->batch.data, template->batch.size);

    if (error == 0)
        error = put_body(&batch, schema, rows);
    if (error != 0)
        return error;
    store_i64(out, header + template->n_rows, rows->n_rows);
    store_i64(out, header + template->body_size, out->size - batch.body);
    return 0;
}
