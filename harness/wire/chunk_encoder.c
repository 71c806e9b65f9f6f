/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the chunks of one series. State: the encoder, and the caller's workspace; one thread.
 *
 * The Arrow headers come from templates; what differs from chunk to chunk is filled in. Buffers
 * start at multiples of 8 bytes and validity bitmaps without a null are left out: readers take
 * both, and it makes small chunks smaller than the official SDK's, which pads to 64.
 */
#include "harness/wire/chunk_encoder.h"

#include "harness/wire/batch_writer.h"
#include "harness/wire/chunk_schema.h"
#include "harness/wire/ipc_template.h"
#include "harness/wire/protobuf.h"

#include <errno.h>
#include <lz4.h>
#include <stdlib.h>

/* Uncompressed bytes of one chunk: what LZ4 takes at once. */
#define MAX_IPC_SIZE ((size_t)LZ4_MAX_INPUT_SIZE)

/* A workspace that once served a huge chunk does not keep that memory. */
#define KEPT_IPC_SIZE ((size_t)16 << 20)

/* Speed against size; 1 is LZ4's default, which the official SDK uses. */
#define LZ4_ACCELERATION 1

/* The headers of chunks of which the same columns are sorted. */
struct headers {
    bool is_ready;
    bool *sorted; /* as chunk_schema_set_sorted takes it */
    struct ipc_template template;
};

struct chunk_encoder {
    struct store_id store;
    char *store_names; /* the memory of its strings */
    struct chunk_schema schema;
    bool *sorted;              /* of the chunk at hand */
    struct headers headers[2]; /* all sorted, which is the rule; and the last other state */
};

/* --- The workspace ---------------------------------------------------------------------------- */

void chunk_workspace_init(struct chunk_workspace *workspace)
{
    *workspace = (struct chunk_workspace){0};
    buffer_init(&workspace->ipc, MAX_IPC_SIZE);
}

void chunk_workspace_done(struct chunk_workspace *workspace)
{
    if (workspace == NULL)
        return;
    buffer_done(&workspace->ipc);
    free(workspace->lz4_state);
    workspace->lz4_state = NULL;
}

/* --- Which columns are sorted ----------------------------------------------------------------- */

static bool are_ids_sorted(const struct tuid *ids, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (tuid_compare(ids[i - 1], ids[i]) > 0)
            return false;
    }
    return true;
}

static bool are_times_sorted(const int64_t *times, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (times[i - 1] > times[i])
            return false;
    }
    return true;
}

/* Fills encoder->sorted. Returns whether all are. */
static bool examine_order(struct chunk_encoder *encoder, const struct chunk_rows *rows)
{
    const struct chunk_schema *schema = &encoder->schema;
    bool all = encoder->sorted[0] = are_ids_sorted(rows->row_ids, rows->n_rows);

    for (size_t i = 0; i < schema->n_timelines; i++) {
        const int64_t *times = rows->times[schema->timelines[i]];

        encoder->sorted[1 + i] = are_times_sorted(times, rows->n_rows);
        all &= encoder->sorted[1 + i];
    }
    return all;
}

static int make_headers(struct chunk_encoder *encoder, struct headers *headers)
{
    int error = chunk_schema_set_sorted(&encoder->schema, encoder->sorted);

    if (headers->is_ready)
        ipc_template_done(&headers->template);
    headers->is_ready = false;
    if (error == 0)
        error = ipc_template_init(&headers->template, &encoder->schema.arrow);
    if (error != 0)
        return error;
    memcpy(headers->sorted, encoder->sorted, 1 + encoder->schema.n_timelines);
    headers->is_ready = true;
    return 0;
}

/* Gives the template for the rows. */
static int find_template(struct chunk_encoder *encoder, const struct chunk_rows *rows,
                         const struct ipc_template **ret_template)
{
    struct headers *headers = &encoder->headers[examine_order(encoder, rows) ? 0 : 1];
    int error = 0;

    if (!headers->is_ready ||
        memcmp(headers->sorted, encoder->sorted, 1 + encoder->schema.n_timelines) != 0)
        error = make_headers(encoder, headers);
    *ret_template = &headers->template;
    return error;
}

/* --- The IPC stream --------------------------------------------------------------------------- */

static int put_schema(struct buffer *out, const struct ipc_template *template, struct tuid id)
{
    char *text;
    int error = buffer_append(out, template->schema.data, template->schema.size);

    if (error != 0)
        return error;
    text = (char *)out->data + out->size - template->schema.size + template->chunk_id;
    memcpy(text, "chunk_", IPC_CHUNK_ID_SIZE - TUID_TEXT_SIZE);
    tuid_format(id, text + IPC_CHUNK_ID_SIZE - TUID_TEXT_SIZE);
    return 0;
}

static int put_column(struct batch_writer *writer, const struct column *column)
{
    static const struct datatype_node rows = {.kind = DATATYPE_LIST, .n_children = 1};
    int error = batch_writer_put_node(writer, &column->rows, &rows);

    for (uint32_t i = 0; error == 0 && i < column->n_nodes; i++)
        error = batch_writer_put_node(writer, &column->nodes[i], &column->types[i]);
    return error;
}

static int put_batch(struct buffer *out, const struct ipc_template *template,
                     const struct chunk_schema *schema, const struct chunk_rows *rows)
{
    struct batch_writer writer;
    int error = batch_writer_begin(&writer, out, template);

    if (error == 0)
        error = batch_writer_put_ids(&writer, rows->row_ids, rows->n_rows);
    for (size_t i = 0; error == 0 && i < schema->n_timelines; i++)
        error = batch_writer_put_values(&writer, rows->times[schema->timelines[i]], rows->n_rows,
                                        rows->n_rows * sizeof(int64_t));
    for (size_t i = 0; error == 0 && i < schema->n_columns; i++)
        error = put_column(&writer, &rows->columns[schema->columns[i]]);
    return error != 0 ? error : batch_writer_end(&writer, rows->n_rows);
}

static int put_stream(struct chunk_encoder *encoder, const struct chunk_rows *rows,
                      struct buffer *out)
{
    const struct ipc_template *template;
    int error = find_template(encoder, rows, &template);

    if (error == 0)
        error = put_schema(out, template, rows->chunk_id);
    if (error == 0)
        error = put_batch(out, template, &encoder->schema, rows);
    return error != 0 ? error : ipc_append_end(out);
}

/* --- The message ------------------------------------------------------------------------------ */

static int put_plain(struct buffer *out, const struct buffer *ipc)
{
    return protobuf_put_bytes(out, ARROW_MSG_PAYLOAD,
                              (struct string_view){(const char *)ipc->data, ipc->size});
}

/*
 * Compresses straight into `out`, behind room for the longest tag and length, then moves the bytes
 * down to those that they got.
 */
static int put_lz4(struct buffer *out, const struct buffer *ipc, void *state)
{
    size_t bound = (size_t)LZ4_compressBound((int)ipc->size);
    size_t room = 1 + PROTOBUF_MAX_VARINT;
    uint8_t *head, *bytes;
    int error = buffer_reserve(out, room + bound);

    if (error != 0)
        return error;
    head = out->data + out->size;
    bytes = head + room;
    size_t size = (size_t)LZ4_compress_fast_extState(state, (const char *)ipc->data, (char *)bytes,
                                                     (int)ipc->size, (int)bound, LZ4_ACCELERATION);
    if (size == 0)
        return -E2BIG;
    head[0] = ARROW_MSG_PAYLOAD << 3 | PROTOBUF_BYTES;
    head += 1 + protobuf_format_varint(size, head + 1);
    memmove(head, bytes, size);
    out->size = (size_t)(head + size - out->data);
    return 0;
}

static int put_message(struct chunk_encoder *encoder, const struct chunk_rows *rows,
                       enum arrow_compression compression, struct chunk_workspace *workspace,
                       struct buffer *out)
{
    const struct arrow_msg msg = {
        .store = encoder->store,
        .chunk_id = rows->chunk_id,
        .compression = compression,
        .uncompressed_size = workspace->ipc.size,
        .is_static = encoder->schema.n_timelines == 0,
    };
    int error = arrow_msg_put_head(out, &msg);

    if (error == 0)
        error = compression == ARROW_LZ4 ? put_lz4(out, &workspace->ipc, workspace->lz4_state)
                                         : put_plain(out, &workspace->ipc);
    return error != 0 ? error : arrow_msg_put_tail(out, &msg);
}

static int check_rows(const struct chunk_encoder *encoder, const struct chunk_rows *rows)
{
    if (rows->n_rows == 0 || rows->n_rows > INT32_MAX)
        return -EINVAL;
    for (size_t i = 0; i < encoder->schema.n_columns; i++) {
        if (rows->columns[i].rows.length != rows->n_rows)
            return -EINVAL;
    }
    return 0;
}

static int prepare_workspace(struct chunk_workspace *workspace, enum arrow_compression compression)
{
    if (workspace->ipc.capacity > KEPT_IPC_SIZE)
        buffer_done(&workspace->ipc);
    buffer_truncate(&workspace->ipc, 0);
    if (compression == ARROW_LZ4 && workspace->lz4_state == NULL) {
        workspace->lz4_state = malloc((size_t)LZ4_sizeofState());
        if (workspace->lz4_state == NULL)
            return -ENOMEM;
    }
    return 0;
}

int chunk_encoder_encode(struct chunk_encoder *encoder, const struct chunk_rows *rows,
                         enum arrow_compression compression, struct chunk_workspace *workspace,
                         struct buffer *out)
{
    size_t start = out->size;
    int error = check_rows(encoder, rows);

    if (error == 0)
        error = prepare_workspace(workspace, compression);
    if (error == 0)
        error = put_stream(encoder, rows, &workspace->ipc);
    if (error == 0)
        error = put_message(encoder, rows, compression, workspace, out);
    if (error != 0)
        buffer_truncate(out, start);
    return error;
}

/* --- Making and freeing ----------------------------------------------------------------------- */

static int copy_store(struct chunk_encoder *encoder, const struct store_id *store)
{
    size_t n_recording = store->recording_id.size;
    size_t n_application = store->application_id.size;
    char *names = malloc(n_recording + n_application + 1);

    if (names == NULL)
        return -ENOMEM;
    if (n_recording > 0)
        memcpy(names, store->recording_id.data, n_recording);
    if (n_application > 0)
        memcpy(names + n_recording, store->application_id.data, n_application);
    encoder->store_names = names;
    encoder->store = (struct store_id){
        .kind = store->kind,
        .recording_id = {names, n_recording},
        .application_id = {names + n_recording, n_application},
    };
    return 0;
}

static int allocate_flags(struct chunk_encoder *encoder, size_t n_timelines)
{
    encoder->sorted = calloc(1 + n_timelines, sizeof(bool));
    encoder->headers[0].sorted = calloc(1 + n_timelines, sizeof(bool));
    encoder->headers[1].sorted = calloc(1 + n_timelines, sizeof(bool));
    if (encoder->sorted == NULL || encoder->headers[0].sorted == NULL ||
        encoder->headers[1].sorted == NULL)
        return -ENOMEM;
    return 0;
}

/* Makes the headers of the usual case, so that a series that cannot be encoded is known at once. */
static int make_first_headers(struct chunk_encoder *encoder)
{
    memset(encoder->sorted, true, 1 + encoder->schema.n_timelines);
    return make_headers(encoder, &encoder->headers[0]);
}

int chunk_encoder_create(const struct chunk_series *series, struct chunk_encoder **ret_encoder)
{
    struct chunk_encoder *encoder = calloc(1, sizeof(*encoder));
    int error;

    if (encoder == NULL)
        return -ENOMEM;
    error = chunk_schema_init(&encoder->schema, series);
    if (error == 0)
        error = copy_store(encoder, &series->store);
    if (error == 0)
        error = allocate_flags(encoder, series->n_timelines);
    if (error == 0)
        error = make_first_headers(encoder);
    if (error != 0) {
        chunk_encoder_destroy(encoder);
        return error;
    }
    *ret_encoder = encoder;
    return 0;
}

void chunk_encoder_destroy(struct chunk_encoder *encoder)
{
    if (encoder == NULL)
        return;
    for (size_t i = 0; i < 2; i++) {
        ipc_template_done(&encoder->headers[i].template);
        free(encoder->headers[i].sorted);
    }
    chunk_schema_done(&encoder->schema);
    free(encoder->sorted);
    free(encoder->store_names);
    free(encoder);
}
