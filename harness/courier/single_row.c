/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows made here rather than read from a spool. They take the same way: batches as a spool would
 * hold them, columns, encoder.
 */
#include "harness/courier/single_row.h"

#include "harness/wire/rrd_writer.h"

#include <errno.h>

static const struct datatype_node INT64 = {.kind = DATATYPE_INT64, .nullable = 1, .name = "item"};
static const struct datatype_node UINT64 = {.kind = DATATYPE_UINT64, .nullable = 1, .name = "item"};
static const struct datatype_node UTF8 = {.kind = DATATYPE_UTF8, .nullable = 1, .name = "item"};
static const struct datatype_node BINARY = {.kind = DATATYPE_BINARY, .nullable = 1, .name = "item"};

void single_row_init(struct single_row *row)
{
    *row = (struct single_row){0};
}

void single_row_done(struct single_row *row)
{
    for (size_t i = 0; i < row->n_columns; i++)
        column_done(&row->columns[i]);
    single_row_init(row);
}

static void add(struct single_row *row, const struct column_descriptor *descriptor,
                const struct datatype_node *type, const void *data, size_t size, size_t n)
{
    struct record_batch_view batch = {
        .n_instances = (uint32_t)n,
        .size = (uint32_t)size,
        .data = data,
    };

    if (row->error == 0 && (row->n_columns == SINGLE_ROW_MAX_COLUMNS || size > UINT32_MAX))
        row->error = -E2BIG;
    if (row->error == 0)
        row->error = column_init(&row->columns[row->n_columns], descriptor, type, 1);
    if (row->error == 0)
        row->error = column_append(&row->columns[row->n_columns++], &batch);
}

static struct column_descriptor named(const char *component)
{
    return (struct column_descriptor){.component = string_view_of(component)};
}

void single_row_add_int64(struct single_row *row, const struct column_descriptor *descriptor,
                          int64_t value)
{
    add(row, descriptor, &INT64, &value, sizeof(value), 1);
}

void single_row_add_uint64(struct single_row *row, const char *component, uint64_t value)
{
    struct column_descriptor descriptor = named(component);

    add(row, &descriptor, &UINT64, &value, sizeof(value), 1);
}

/* Offsets, then bytes, each padded to 8: as struct record_batch says. */
static int lay_out(struct buffer *data, const struct string_view *values, size_t n)
{
    uint32_t offset = 0;
    int result = buffer_append(data, &offset, sizeof(offset));

    for (size_t i = 0; result == 0 && i < n; i++) {
        offset += (uint32_t)values[i].size;
        result = buffer_append(data, &offset, sizeof(offset));
    }
    if (result == 0)
        result = buffer_align(data, 8);
    for (size_t i = 0; result == 0 && i < n; i++)
        result = buffer_append(data, values[i].data, values[i].size);
    return result < 0 ? result : buffer_align(data, 8);
}

static void add_variable(struct single_row *row, const char *component,
                         const struct datatype_node *type, const struct string_view *values,
                         size_t n)
{
    struct column_descriptor descriptor = named(component);
    struct buffer data;
    int result;

    buffer_init(&data, (size_t)1 << 30);
    result = lay_out(&data, values, n);
    if (result == 0)
        add(row, &descriptor, type, data.data, data.size, n);
    else if (row->error == 0)
        row->error = result;
    buffer_done(&data);
}

void single_row_add_text(struct single_row *row, const char *component, struct string_view text)
{
    add_variable(row, component, &UTF8, &text, 1);
}

void single_row_add_texts(struct single_row *row, const char *component,
                          const struct string_view *texts, size_t n)
{
    add_variable(row, component, &UTF8, texts, n);
}

void single_row_add_bytes(struct single_row *row, const char *component, struct string_view bytes)
{
    add_variable(row, component, &BINARY, &bytes, 1);
}

static int encode(struct single_row *row, const struct single_row_frame *frame,
                  struct chunk_workspace *workspace, struct buffer *out)
{
    const struct chunk_timeline log_time = {string_view_of("log_time"), TIME_TIMESTAMP};
    const int64_t *const times[] = {&frame->log_time_ns};
    struct chunk_encoder *encoder;
    int result = chunk_encoder_create(
        &(struct chunk_series){
            .store = frame->store,
            .entity_path = frame->entity_path,
            .metadata = frame->metadata,
            .n_metadata = frame->n_metadata,
            .timelines = &log_time,
            .n_timelines = frame->is_static ? 0 : 1,
            .columns = row->columns,
            .n_columns = row->n_columns,
        },
        &encoder);

    if (result < 0)
        return result;
    result = chunk_encoder_encode(encoder,
                                  &(struct chunk_rows){
                                      .chunk_id = frame->chunk_id,
                                      .n_rows = 1,
                                      .row_ids = &frame->row_id,
                                      .times = times,
                                      .columns = row->columns,
                                  },
                                  ARROW_LZ4, workspace, out);
    chunk_encoder_destroy(encoder);
    return result;
}

int single_row_append(struct single_row *row, const struct single_row_frame *frame,
                      struct chunk_workspace *workspace, struct buffer *out)
{
    size_t before = out->size;
    size_t start;
    int result = row->error;

    if (result == 0)
        result = rrd_begin_frame(out, RRD_ARROW_MSG, &start);
    if (result == 0)
        result = encode(row, frame, workspace, out);
    if (result == 0)
        rrd_end_frame(out, start);
    else
        buffer_truncate(out, before);
    return result;
}
