/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads chunks. State: the decoder; one thread.
 *
 * From the outside in: protobuf, LZ4, Arrow, and then what Rerun asks of a chunk's columns. Each
 * layer is checked whole before the next one looks at it.
 */
#include "harness/wire/chunk_decoder.h"

#include "harness/wire/arrow_batch.h"
#include "harness/wire/ipc_stream.h"

#include <errno.h>
#include <lz4.h>
#include <stdlib.h>

/* LZ4 makes no more than this of one byte. */
#define LZ4_MAX_RATIO 255

/* A decoder that once read a huge chunk does not keep that memory. */
#define KEPT_IPC_SIZE ((size_t)16 << 20)

struct chunk_decoder {
    struct buffer ipc; /* room, the IPC stream, room */
    struct arrow_batch batch;
    struct buffer row_ids;   /* struct tuid */
    struct buffer metadata;  /* struct chunk_metadata */
    struct buffer timelines; /* struct chunk_times */
    struct buffer columns;   /* struct chunk_column */
};

static int bad(struct rrd_error *error, const char *why)
{
    rrd_error_set(error, "%s", why);
    return -EBADMSG;
}

/* --- The payload ------------------------------------------------------------------------------ */

/* Makes room for a stream of `size` bytes, which may be 0, in aligned memory of its own. */
static int prepare_stream(struct chunk_decoder *decoder, size_t size)
{
    if (decoder->ipc.capacity > KEPT_IPC_SIZE)
        buffer_done(&decoder->ipc);
    buffer_truncate(&decoder->ipc, 0);
    return buffer_append_zeros(&decoder->ipc, IPC_STREAM_ROOM) != 0 ||
                   buffer_reserve(&decoder->ipc, size + IPC_STREAM_ROOM) != 0
               ? -ENOMEM
               : 0;
}

static int copy_plain(struct chunk_decoder *decoder, struct string_view payload)
{
    int error = payload.size > CHUNK_MAX_UNCOMPRESSED ? -E2BIG : 0;

    if (error == 0)
        error = prepare_stream(decoder, payload.size);
    return error != 0 ? error : buffer_append(&decoder->ipc, payload.data, payload.size);
}

/* The claimed size bounds the output; a claim beyond what LZ4 can make costs no memory. */
static int decompress(struct chunk_decoder *decoder, const struct arrow_msg *msg)
{
    size_t payload_size = msg->payload.size;
    size_t most = payload_size < LZ4_MAX_INPUT_SIZE / LZ4_MAX_RATIO ? payload_size * LZ4_MAX_RATIO
                                                                    : LZ4_MAX_INPUT_SIZE;
    size_t size = msg->uncompressed_size < most ? (size_t)msg->uncompressed_size : most;
    uint8_t *bytes;
    int n;
    int error = msg->uncompressed_size > CHUNK_MAX_UNCOMPRESSED || payload_size > INT32_MAX
                    ? -E2BIG
                    : prepare_stream(decoder, size);

    if (error != 0)
        return error;
    bytes = decoder->ipc.data + decoder->ipc.size;
    n = LZ4_decompress_safe(msg->payload.data, (char *)bytes, (int)payload_size, (int)size);
    if (n < 0)
        return -EBADMSG;
    decoder->ipc.size += (size_t)n;
    return 0;
}

static int load_payload(struct chunk_decoder *decoder, const struct arrow_msg *msg,
                        struct rrd_error *error)
{
    int result;

    switch (msg->compression) {
    case ARROW_PLAIN:
        result = copy_plain(decoder, msg->payload);
        break;
    case ARROW_LZ4:
        result = decompress(decoder, msg);
        break;
    default:
        rrd_error_set(error, "it is compressed in a way that is not read (%u)", msg->compression);
        return -ENOTSUP;
    }
    if (result == -E2BIG)
        rrd_error_set(error, "it is larger than 2 GiB");
    if (result == -EBADMSG)
        rrd_error_set(error, "its LZ4 data are damaged");
    if (result != 0)
        return result;
    /* Room behind the stream: nanoarrow reads an offset of 4 bytes where a damaged one has fewer.
     */
    return buffer_append_zeros(&decoder->ipc, IPC_STREAM_ROOM);
}

static int decode_arrow(struct chunk_decoder *decoder, struct rrd_error *error)
{
    struct ipc_stream stream = {
        .bytes = decoder->ipc.data,
        .offset = IPC_STREAM_ROOM,
        .size = decoder->ipc.size - IPC_STREAM_ROOM,
    };

    return arrow_batch_decode(&decoder->batch, &stream, error);
}

/* --- Metadata --------------------------------------------------------------------------------- */

static struct string_view view_of(struct ArrowStringView text)
{
    return (struct string_view){text.data, (size_t)text.size_bytes};
}

/* Returns a value of a field's metadata; data is NULL when there is none. */
static struct string_view find(const struct ArrowSchema *field, const char *key)
{
    struct ArrowStringView value = {NULL, 0};

    if (field->metadata != NULL)
        (void)!ArrowMetadataGetValue(field->metadata, ArrowCharView(key), &value);
    return view_of(value);
}

static int read_metadata(struct chunk_decoder *decoder, struct chunk *chunk)
{
    struct ArrowMetadataReader reader;
    struct ArrowStringView key, value;
    int error = -ArrowMetadataReaderInit(&reader, decoder->batch.schema.metadata);

    buffer_truncate(&decoder->metadata, 0);
    while (error == 0 && reader.remaining_keys > 0) {
        error = -ArrowMetadataReaderRead(&reader, &key, &value);
        if (error == 0)
            error = buffer_append(&decoder->metadata,
                                  &(struct chunk_metadata){view_of(key), view_of(value)},
                                  sizeof(struct chunk_metadata));
    }
    chunk->metadata = (const struct chunk_metadata *)decoder->metadata.data;
    chunk->n_metadata = decoder->metadata.size / sizeof(struct chunk_metadata);
    return error;
}

static int read_chunk_id(struct chunk *chunk, struct rrd_error *error)
{
    static const char prefix[] = "chunk_";
    const size_t prefix_size = sizeof(prefix) - 1;
    struct string_view text = chunk_find_metadata(chunk, "rerun:id");

    if (text.size > prefix_size && memcmp(text.data, prefix, prefix_size) == 0) {
        text.data += prefix_size;
        text.size -= prefix_size;
    }
    if (tuid_parse(text, &chunk->id) != 0)
        return bad(error, "its metadata have no chunk id (rerun:id)");
    return 0;
}

static int read_header(struct chunk_decoder *decoder, struct chunk *chunk, struct rrd_error *error)
{
    int result = read_metadata(decoder, chunk);

    if (result == 0)
        result = read_chunk_id(chunk, error);
    if (result != 0)
        return result;
    chunk->entity_path = chunk_find_metadata(chunk, "rerun:entity_path");
    if (chunk->entity_path.data == NULL)
        return bad(error, "its metadata have no entity path (rerun:entity_path)");
    if (chunk->entity_path.size == 0)
        chunk->entity_path = string_view_of("/");
    return 0;
}

/* --- Columns ---------------------------------------------------------------------------------- */

static bool has_nulls(const struct ArrowArrayView *view)
{
    return view->null_count != 0 && ArrowArrayViewComputeNullCount(view) != 0;
}

static int read_row_ids(struct chunk_decoder *decoder, const struct ArrowArrayView *view,
                        struct chunk *chunk, struct rrd_error *error)
{
    const uint8_t *bytes = view->buffer_views[1].data.as_uint8;
    size_t n = (size_t)view->length;
    struct tuid *ids;
    int result;

    if (view->storage_type != NANOARROW_TYPE_FIXED_SIZE_BINARY ||
        view->layout.element_size_bits[1] != 128 || has_nulls(view))
        return bad(error, "its row ids are not 16 bytes each");
    if (chunk->row_ids != NULL)
        return bad(error, "it has two columns of row ids");
    buffer_truncate(&decoder->row_ids, 0);
    /* One more than there are: an empty column is a column as well. */
    result = buffer_reserve(&decoder->row_ids, (n + 1) * sizeof(*ids));
    if (result != 0)
        return result;
    ids = (struct tuid *)decoder->row_ids.data;
    for (size_t i = 0; i < n; i++)
        ids[i] = tuid_from_arrow(bytes + 16 * i);
    chunk->row_ids = ids;
    return 0;
}

static int time_type_of(const struct ArrowSchema *field, enum time_type *ret_type)
{
    struct ArrowSchemaView view;
    int error = -ArrowSchemaViewInit(&view, field, NULL);

    if (error != 0)
        return error;
    switch (view.type) {
    case NANOARROW_TYPE_INT64:
        *ret_type = TIME_SEQUENCE;
        return 0;
    case NANOARROW_TYPE_DURATION:
        *ret_type = TIME_DURATION;
        return view.time_unit == NANOARROW_TIME_UNIT_NANO ? 0 : -EBADMSG;
    case NANOARROW_TYPE_TIMESTAMP:
        *ret_type = TIME_TIMESTAMP;
        return view.time_unit == NANOARROW_TIME_UNIT_NANO ? 0 : -EBADMSG;
    default:
        return -EBADMSG;
    }
}

static int read_timeline(struct chunk_decoder *decoder, const struct ArrowSchema *field,
                         const struct ArrowArrayView *view, struct rrd_error *error)
{
    struct chunk_times times = {
        .name = find(field, "rerun:index_name"),
        .values = view->buffer_views[1].data.as_int64,
        .is_sorted = string_view_equal(find(field, "rerun:is_sorted"), string_view_of("true")),
    };

    if (times.name.data == NULL)
        times.name = string_view_of(field->name);
    if (time_type_of(field, &times.type) != 0)
        return bad(error, "a timeline has a type that is no time");
    if (has_nulls(view))
        return bad(error, "a timeline has nulls");
    return buffer_append(&decoder->timelines, &times, sizeof(times));
}

static int read_component(struct chunk_decoder *decoder, const struct ArrowSchema *field,
                          const struct ArrowArrayView *view, struct rrd_error *error)
{
    struct chunk_column column = {
        .descriptor =
            {
                .archetype = find(field, "rerun:archetype"),
                .component = find(field, "rerun:component"),
                .component_type = find(field, "rerun:component_type"),
            },
        .view = view,
        .field = field,
    };

    if (column.descriptor.component.data == NULL)
        column.descriptor.component = string_view_of(field->name);
    if (view->storage_type != NANOARROW_TYPE_LIST) {
        rrd_error_set(error, "its component %s is no list", field->name);
        return -ENOTSUP;
    }
    return buffer_append(&decoder->columns, &column, sizeof(column));
}

static int read_column(struct chunk_decoder *decoder, const struct ArrowSchema *field,
                       const struct ArrowArrayView *view, struct chunk *chunk,
                       struct rrd_error *error)
{
    struct string_view kind = find(field, "rerun:kind");

    if (string_view_equal(kind, string_view_of("control")))
        return read_row_ids(decoder, view, chunk, error);
    if (string_view_equal(kind, string_view_of("index")))
        return read_timeline(decoder, field, view, error);
    return read_component(decoder, field, view, error);
}

static int read_columns(struct chunk_decoder *decoder, struct chunk *chunk, struct rrd_error *error)
{
    const struct arrow_batch *batch = &decoder->batch;
    int result = 0;

    buffer_truncate(&decoder->timelines, 0);
    buffer_truncate(&decoder->columns, 0);
    for (int64_t i = 0; result == 0 && i < batch->view->n_children; i++)
        result =
            read_column(decoder, batch->schema.children[i], batch->view->children[i], chunk, error);
    if (result != 0)
        return result;
    if (chunk->row_ids == NULL)
        return bad(error, "it has no row ids");
    chunk->timelines = (const struct chunk_times *)decoder->timelines.data;
    chunk->n_timelines = decoder->timelines.size / sizeof(struct chunk_times);
    chunk->columns = (const struct chunk_column *)decoder->columns.data;
    chunk->n_columns = decoder->columns.size / sizeof(struct chunk_column);
    return 0;
}

/* --- The whole -------------------------------------------------------------------------------- */

static int decode(struct chunk_decoder *decoder, struct string_view message, struct chunk *chunk,
                  struct rrd_error *error)
{
    struct arrow_msg msg;
    int result;

    if (arrow_msg_decode(message, &msg) != 0)
        return bad(error, "its protobuf is damaged");
    result = load_payload(decoder, &msg, error);
    if (result == 0)
        result = decode_arrow(decoder, error);
    if (result != 0)
        return result;
    chunk->store = msg.store;
    chunk->n_rows = (size_t)decoder->batch.view->length;
    chunk->schema = &decoder->batch.schema;
    chunk->uncompressed_size =
        msg.compression == ARROW_LZ4 ? msg.uncompressed_size : msg.payload.size;
    result = read_header(decoder, chunk, error);
    return result != 0 ? result : read_columns(decoder, chunk, error);
}

int chunk_decoder_decode(struct chunk_decoder *decoder, struct string_view message,
                         struct chunk *ret_chunk, struct rrd_error *error)
{
    struct chunk chunk = {.n_rows = 0};
    int result = decode(decoder, message, &chunk, error);

    if (result == -ENOMEM)
        rrd_error_set(error, "out of memory");
    if (result == 0)
        *ret_chunk = chunk;
    return result;
}

int chunk_decoder_create(struct chunk_decoder **ret_decoder)
{
    struct chunk_decoder *decoder = calloc(1, sizeof(*decoder));

    if (decoder == NULL)
        return -ENOMEM;
    if (arrow_batch_init(&decoder->batch) != 0) {
        free(decoder);
        return -ENOMEM;
    }
    buffer_init(&decoder->ipc, CHUNK_MAX_UNCOMPRESSED + 2 * IPC_STREAM_ROOM);
    buffer_init(&decoder->row_ids, BUFFER_NO_LIMIT);
    buffer_init(&decoder->metadata, BUFFER_NO_LIMIT);
    buffer_init(&decoder->timelines, BUFFER_NO_LIMIT);
    buffer_init(&decoder->columns, BUFFER_NO_LIMIT);
    *ret_decoder = decoder;
    return 0;
}

void chunk_decoder_destroy(struct chunk_decoder *decoder)
{
    if (decoder == NULL)
        return;
    arrow_batch_done(&decoder->batch);
    buffer_done(&decoder->ipc);
    buffer_done(&decoder->row_ids);
    buffer_done(&decoder->metadata);
    buffer_done(&decoder->timelines);
    buffer_done(&decoder->columns);
    free(decoder);
}
