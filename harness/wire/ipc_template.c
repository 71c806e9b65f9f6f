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

#include "harness/wire/arrow_slots.h"
#include "harness/wire/flatbuffer.h"

#include <errno.h>
#include <nanoarrow/nanoarrow_ipc.h>
#include <stdbool.h>
#include <string.h>

#define MESSAGE_PREFIX 8  /* ff ff ff ff, i32 size */
#define STRUCT_SIZE    16 /* of FieldNode and Buffer */

/* --- Places in the headers -------------------------------------------------------------------- */

static struct flatbuffer flatbuffer_of(const struct buffer *message)
{
    return (struct flatbuffer){message->data + MESSAGE_PREFIX, message->size - MESSAGE_PREFIX};
}

static size_t find_header(const struct flatbuffer *message)
{
    size_t root = flatbuffer_root(message);

    return flatbuffer_follow(message, flatbuffer_field(message, root, MESSAGE_HEADER));
}

static size_t find_text(const struct flatbuffer *message, size_t table, unsigned int slot,
                        uint32_t *ret_size)
{
    size_t string = flatbuffer_follow(message, flatbuffer_field(message, table, slot));

    return flatbuffer_elements(message, string, 1, ret_size);
}

static bool has_key(const struct flatbuffer *message, size_t pair, const char *key)
{
    uint32_t size;
    size_t text = find_text(message, pair, KEY_VALUE_KEY, &size);

    return size == strlen(key) && memcmp(message->bytes + text, key, size) == 0;
}

/* Where the value of a key of the schema's metadata is, if it has `size` bytes. */
static size_t find_metadata(const struct flatbuffer *message, const char *key, uint32_t size)
{
    size_t field = flatbuffer_field(message, find_header(message), SCHEMA_CUSTOM_METADATA);
    uint32_t n, value_size;
    size_t pairs = flatbuffer_elements(message, flatbuffer_follow(message, field), 4, &n);

    for (uint32_t i = 0; i < n; i++) {
        size_t pair = flatbuffer_table_at(message, pairs, i);

        if (has_key(message, pair, key)) {
            size_t value = find_text(message, pair, KEY_VALUE_VALUE, &value_size);

            return value_size == size ? value : FLATBUFFER_NOWHERE;
        }
    }
    return FLATBUFFER_NOWHERE;
}

static size_t find_structs(const struct flatbuffer *message, size_t header, unsigned int slot,
                           uint32_t *ret_n)
{
    size_t vector = flatbuffer_follow(message, flatbuffer_field(message, header, slot));

    return flatbuffer_elements(message, vector, STRUCT_SIZE, ret_n);
}

_Static_assert(IPC_NO_CHUNK_ID == FLATBUFFER_NOWHERE, "one is given for the other");

static int find_places(struct ipc_template *template)
{
    const struct flatbuffer schema = flatbuffer_of(&template->schema);
    const struct flatbuffer batch = flatbuffer_of(&template->batch);
    size_t header = find_header(&batch);

    template->chunk_id = find_metadata(&schema, "rerun:id", IPC_CHUNK_ID_SIZE);
    template->n_rows = flatbuffer_field(&batch, header, RECORD_BATCH_LENGTH);
    template->nodes = find_structs(&batch, header, RECORD_BATCH_NODES, &template->n_nodes);
    template->buffers = find_structs(&batch, header, RECORD_BATCH_BUFFERS, &template->n_buffers);
    template->body_size = flatbuffer_field(&batch, flatbuffer_root(&batch), MESSAGE_BODY_LENGTH);
    if (template->n_nodes == 0 || template->n_buffers == 0 ||
        !flatbuffer_is_inside(&batch, template->n_rows, sizeof(int64_t)) ||
        !flatbuffer_is_inside(&batch, template->body_size, sizeof(int64_t)))
        return -EPROTO;
    if (template->chunk_id != IPC_NO_CHUNK_ID)
        template->chunk_id += MESSAGE_PREFIX;
    template->n_rows += MESSAGE_PREFIX;
    template->nodes += MESSAGE_PREFIX;
    template->buffers += MESSAGE_PREFIX;
    template->body_size += MESSAGE_PREFIX;
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

int ipc_append_end(struct buffer *out)
{
    static const uint8_t end[] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};

    return buffer_append(out, end, sizeof(end));
}
