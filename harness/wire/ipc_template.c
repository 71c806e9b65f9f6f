/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Headers of Arrow IPC streams with places to fill in. State: the caller's struct.
 *
 * The flatbuffers are nanoarrow's own, just written, so finding a place checks only what a changed
 * nanoarrow would break: every position must lie inside, every number must be where it is looked
 * for. Fields that hold their default value are left out of a flatbuffer; so the batch that the
 * header is made of has one row.
 */
#include "harness/wire/ipc_template.h"

#include <endian.h>
#include <errno.h>
#include <nanoarrow/nanoarrow_ipc.h>
#include <stdbool.h>
#include <string.h>

/* Slots of the flatbuffer tables, by their order in Arrow's .fbs files. */
enum {
    MESSAGE_HEADER = 2,
    MESSAGE_BODY_LENGTH = 3,
    SCHEMA_CUSTOM_METADATA = 2,
    KEY_VALUE_KEY = 0,
    KEY_VALUE_VALUE = 1,
    RECORD_BATCH_LENGTH = 0,
    RECORD_BATCH_NODES = 1,
    RECORD_BATCH_BUFFERS = 2,
};

#define MESSAGE_PREFIX 8  /* ff ff ff ff, i32 size */
#define STRUCT_SIZE    16 /* of FieldNode and Buffer */
#define NOWHERE        SIZE_MAX

/* --- Places in a flatbuffer ------------------------------------------------------------------- */

/* A position of NOWHERE leads to NOWHERE, so that only the last one needs a look. */

static bool is_inside(const struct buffer *message, size_t at, size_t size)
{
    return at != NOWHERE && at <= message->size && size <= message->size - at;
}

static uint32_t load_u32(const struct buffer *message, size_t at)
{
    uint32_t value = 0;

    if (is_inside(message, at, sizeof(value)))
        memcpy(&value, message->data + at, sizeof(value));
    return le32toh(value);
}

static uint16_t load_u16(const struct buffer *message, size_t at)
{
    uint16_t value = 0;

    if (is_inside(message, at, sizeof(value)))
        memcpy(&value, message->data + at, sizeof(value));
    return le16toh(value);
}

/* What the offset at `at` points to: a table, vector or string. */
static size_t follow(const struct buffer *message, size_t at)
{
    if (!is_inside(message, at, sizeof(uint32_t)))
        return NOWHERE;
    at += load_u32(message, at);
    return is_inside(message, at, sizeof(uint32_t)) ? at : NOWHERE;
}

static size_t find_root(const struct buffer *message)
{
    return follow(message, MESSAGE_PREFIX);
}

/* Where a table's field is. */
static size_t find_field(const struct buffer *message, size_t table, unsigned int slot)
{
    size_t vtable, entry;
    uint16_t offset;

    if (table == NOWHERE)
        return NOWHERE;
    /* The offset is signed: the vtable may lie on either side. */
    vtable = table - (size_t)(int32_t)load_u32(message, table);
    entry = 4 + 2 * (size_t)slot;
    if (entry + 2 > load_u16(message, vtable))
        return NOWHERE;
    offset = load_u16(message, vtable + entry);
    return offset == 0 ? NOWHERE : table + offset;
}

/* Where the elements of a vector begin, if it has `n` of `size` bytes. */
static size_t find_elements(const struct buffer *message, size_t vector, uint32_t n, size_t size)
{
    if (vector == NOWHERE || load_u32(message, vector) != n)
        return NOWHERE;
    vector += sizeof(uint32_t);
    return is_inside(message, vector, n * size) ? vector : NOWHERE;
}

static bool is_text(const struct buffer *message, size_t string, const char *text)
{
    size_t at = find_elements(message, string, (uint32_t)strlen(text), 1);

    return at != NOWHERE && memcmp(message->data + at, text, strlen(text)) == 0;
}

/* Where the value of a key of the schema's metadata is, if it has `size` bytes. */
static size_t find_metadata(const struct buffer *message, const char *key, uint32_t size)
{
    size_t schema = follow(message, find_field(message, find_root(message), MESSAGE_HEADER));
    size_t pairs = follow(message, find_field(message, schema, SCHEMA_CUSTOM_METADATA));
    uint32_t n = load_u32(message, pairs);

    for (uint32_t i = 0; i < n && pairs != NOWHERE; i++) {
        size_t pair = follow(message, pairs + sizeof(uint32_t) * (1 + (size_t)i));

        if (is_text(message, follow(message, find_field(message, pair, KEY_VALUE_KEY)), key))
            return find_elements(
                message, follow(message, find_field(message, pair, KEY_VALUE_VALUE)), size, 1);
    }
    return NOWHERE;
}

static int find_places(struct ipc_template *template)
{
    const struct buffer *batch = &template->batch;
    size_t message = find_root(batch);
    size_t header = follow(batch, find_field(batch, message, MESSAGE_HEADER));
    size_t nodes = follow(batch, find_field(batch, header, RECORD_BATCH_NODES));
    size_t buffers = follow(batch, find_field(batch, header, RECORD_BATCH_BUFFERS));

    template->chunk_id = find_metadata(&template->schema, "rerun:id", IPC_CHUNK_ID_SIZE);
    template->body_size = find_field(batch, message, MESSAGE_BODY_LENGTH);
    template->n_rows = find_field(batch, header, RECORD_BATCH_LENGTH);
    template->n_nodes = load_u32(batch, nodes);
    template->n_buffers = load_u32(batch, buffers);
    template->nodes = find_elements(batch, nodes, template->n_nodes, STRUCT_SIZE);
    template->buffers = find_elements(batch, buffers, template->n_buffers, STRUCT_SIZE);
    if (template->chunk_id == NOWHERE || template->nodes == NOWHERE ||
        template->buffers == NOWHERE || !is_inside(batch, template->n_rows, sizeof(int64_t)) ||
        !is_inside(batch, template->body_size, sizeof(int64_t)))
        return -EPROTO;
    return 0;
}

/* --- Encoding --------------------------------------------------------------------------------- */

static int take_message(struct ArrowIpcEncoder *encoder, struct buffer *out)
{
    struct ArrowBuffer message;
    int error;

    ArrowBufferInit(&message);
    error = -ArrowIpcEncoderFinalizeBuffer(encoder, 1, &message);
    if (error == 0)
        error = buffer_append(out, message.data, (size_t)message.size_bytes);
    ArrowBufferReset(&message);
    return error;
}

static int encode_schema(struct ArrowIpcEncoder *encoder, const struct ArrowSchema *schema,
                         struct buffer *out)
{
    int error = -ArrowIpcEncoderEncodeSchema(encoder, schema, NULL);

    return error != 0 ? error : take_message(encoder, out);
}

/* Makes a batch of one row of empty values. */
static int make_row(const struct ArrowSchema *schema, struct ArrowArray *array)
{
    int error = -ArrowArrayInitFromSchema(array, schema, NULL);

    if (error == 0)
        error = -ArrowArrayStartAppending(array);
    if (error == 0)
        error = -ArrowArrayAppendEmpty(array, 1);
    if (error == 0)
        error = -ArrowArrayFinishBuildingDefault(array, NULL);
    return error;
}

static int encode_array(struct ArrowIpcEncoder *encoder, const struct ArrowSchema *schema,
                        const struct ArrowArray *array, struct buffer *out)
{
    struct ArrowArrayView view;
    struct ArrowBuffer body;
    int error = -ArrowArrayViewInitFromSchema(&view, schema, NULL);

    ArrowBufferInit(&body);
    if (error == 0)
        error = -ArrowArrayViewSetArray(&view, array, NULL);
    if (error == 0)
        error = -ArrowIpcEncoderEncodeSimpleRecordBatch(encoder, &view, &body, NULL);
    if (error == 0)
        error = take_message(encoder, out);
    ArrowBufferReset(&body);
    ArrowArrayViewReset(&view);
    return error;
}

static int encode_batch(struct ArrowIpcEncoder *encoder, const struct ArrowSchema *schema,
                        struct buffer *out)
{
    struct ArrowArray array = {.release = NULL};
    int error = make_row(schema, &array);

    if (error == 0)
        error = encode_array(encoder, schema, &array, out);
    if (array.release != NULL)
        ArrowArrayRelease(&array);
    return error;
}

int ipc_template_init(struct ipc_template *template, const struct ArrowSchema *schema)
{
    struct ArrowIpcEncoder encoder;
    int error = -ArrowIpcEncoderInit(&encoder);

    *template = (struct ipc_template){0};
    buffer_init(&template->schema, INT32_MAX);
    buffer_init(&template->batch, INT32_MAX);
    if (error != 0)
        return error;
    error = encode_schema(&encoder, schema, &template->schema);
    if (error == 0)
        error = encode_batch(&encoder, schema, &template->batch);
    if (error == 0)
        error = find_places(template);
    ArrowIpcEncoderReset(&encoder);
    if (error != 0)
        ipc_template_done(template);
    return error;
}

void ipc_template_done(struct ipc_template *template)
{
    if (template == NULL)
        return;
    buffer_done(&template->schema);
    buffer_done(&template->batch);
}
