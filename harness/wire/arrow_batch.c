/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads record batches. State: the caller's struct.
 *
 * The order matters: sizes first (ipc_stream), then what a schema unfolds to (schema_guard), then
 * the verifier of the flatbuffers, and only then their content. nanoarrow itself is patched where
 * its decoder crashes: subprojects/packagefiles/nanoarrow-guards.diff.
 */
#include "harness/wire/arrow_batch.h"

#include "harness/wire/schema_guard.h"

#include <errno.h>
#include <stdbool.h>

int arrow_batch_init(struct arrow_batch *batch)
{
    *batch = (struct arrow_batch){0};
    return ArrowIpcDecoderInit(&batch->decoder) == NANOARROW_OK ? 0 : -ENOMEM;
}

static void release_schema(struct arrow_batch *batch)
{
    if (batch->schema.release != NULL)
        ArrowSchemaRelease(&batch->schema);
    batch->view = NULL;
}

void arrow_batch_done(struct arrow_batch *batch)
{
    release_schema(batch);
    ArrowIpcDecoderReset(&batch->decoder);
}

/* Makes a negative errno of nanoarrow's answer, and passes its words on. */
static int result_of(ArrowErrorCode code, const struct ArrowError *arrow, struct rrd_error *error)
{
    if (code == NANOARROW_OK)
        return 0;
    rrd_error_set(error, "its Arrow data: %s", arrow->message);
    return code == ENOMEM || code == ENOTSUP ? -code : -EBADMSG;
}

static int bad(struct rrd_error *error, const char *why)
{
    rrd_error_set(error, "its Arrow data: %s", why);
    return -EBADMSG;
}

static int not_read(struct rrd_error *error, const char *what)
{
    rrd_error_set(error, "its Arrow data: %s are not read", what);
    return -ENOTSUP;
}

/* --- Types ------------------------------------------------------------------------------------ */

static bool is_supported_type(const struct ArrowSchemaView *view)
{
    switch (view->type) {
    case NANOARROW_TYPE_TIMESTAMP:
    case NANOARROW_TYPE_DURATION:
    case NANOARROW_TYPE_DATE32:
    case NANOARROW_TYPE_DATE64:
    case NANOARROW_TYPE_TIME32:
    case NANOARROW_TYPE_TIME64:
    case NANOARROW_TYPE_INTERVAL_MONTHS:
    case NANOARROW_TYPE_INTERVAL_DAY_TIME:
    case NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO:
    case NANOARROW_TYPE_DECIMAL32:
    case NANOARROW_TYPE_DECIMAL64:
    case NANOARROW_TYPE_DECIMAL128:
    case NANOARROW_TYPE_DECIMAL256:
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_LARGE_BINARY:
    case NANOARROW_TYPE_LARGE_LIST:
    case NANOARROW_TYPE_MAP:
    case NANOARROW_TYPE_DENSE_UNION:
    case NANOARROW_TYPE_SPARSE_UNION:
    case NANOARROW_TYPE_NA:
    case NANOARROW_TYPE_BOOL:
    case NANOARROW_TYPE_INT8:
    case NANOARROW_TYPE_UINT8:
    case NANOARROW_TYPE_INT16:
    case NANOARROW_TYPE_UINT16:
    case NANOARROW_TYPE_INT32:
    case NANOARROW_TYPE_UINT32:
    case NANOARROW_TYPE_INT64:
    case NANOARROW_TYPE_UINT64:
    case NANOARROW_TYPE_HALF_FLOAT:
    case NANOARROW_TYPE_FLOAT:
    case NANOARROW_TYPE_DOUBLE:
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_BINARY:
    case NANOARROW_TYPE_FIXED_SIZE_BINARY:
    case NANOARROW_TYPE_LIST:
    case NANOARROW_TYPE_FIXED_SIZE_LIST:
    case NANOARROW_TYPE_STRUCT:
        return true;
    default:
        return false;
    }
}

/* The depth is bounded by schema_guard. */
static int check_types(const struct ArrowSchema *schema, struct rrd_error *error)
{
    struct ArrowSchemaView view;
    struct ArrowError arrow;
    int result = result_of(ArrowSchemaViewInit(&view, schema, &arrow), &arrow, error);

    if (result != 0)
        return result;
    if (!is_supported_type(&view))
        return not_read(error, ArrowTypeString(view.type));
    for (int64_t i = 0; result == 0 && i < schema->n_children; i++)
        result = check_types(schema->children[i], error);
    return result;
}

/* --- Messages --------------------------------------------------------------------------------- */

static int next_message(struct ipc_stream *stream, enum ipc_message_type type,
                        struct ipc_message *ret_message, struct rrd_error *error)
{
    int more = ipc_stream_next(stream, ret_message);

    if (more < 0)
        return bad(error, "a size is larger than what follows");
    if (more == 0)
        return bad(error, type == IPC_SCHEMA ? "no schema" : "no record batch");
    if (ret_message->type != type)
        return bad(error, type == IPC_SCHEMA ? "it does not begin with a schema"
                                             : "no record batch follows the schema");
    return 0;
}

/* Verifies the flatbuffer, so that it can be read without looking at sizes any more. */
static int open_message(struct arrow_batch *batch, const struct ipc_message *message,
                        struct rrd_error *error)
{
    const struct ArrowBufferView bytes = {
        .data.as_uint8 = message->bytes,
        .size_bytes = (int64_t)message->size,
    };
    struct ArrowError arrow;
    ArrowErrorCode code = ArrowIpcDecoderVerifyHeader(&batch->decoder, bytes, &arrow);

    if (code == NANOARROW_OK)
        code = ArrowIpcDecoderDecodeHeader(&batch->decoder, bytes, &arrow);
    return result_of(code, &arrow, error);
}

static int read_schema(struct arrow_batch *batch, struct rrd_error *error)
{
    struct ArrowError arrow;
    ArrowErrorCode code;
    int result;

    if (batch->decoder.endianness != NANOARROW_IPC_ENDIANNESS_LITTLE)
        return not_read(error, "big-endian numbers");
    code = ArrowIpcDecoderDecodeSchema(&batch->decoder, &batch->schema, &arrow);
    result = result_of(code, &arrow, error);
    if (result == 0)
        result = check_types(&batch->schema, error);
    if (result != 0)
        return result;
    code = ArrowIpcDecoderSetSchema(&batch->decoder, &batch->schema, &arrow);
    return result_of(code, &arrow, error);
}

static int decode_schema(struct arrow_batch *batch, struct ipc_stream *stream,
                         struct rrd_error *error)
{
    struct ipc_message message;
    int result = next_message(stream, IPC_SCHEMA, &message, error);

    if (result != 0)
        return result;
    result = schema_guard_check(&message.flatbuffer);
    if (result == -ENOTSUP)
        return not_read(error, "dictionaries");
    if (result != 0)
        return bad(error, "its schema unfolds to more than its size");
    result = open_message(batch, &message, error);
    return result != 0 ? result : read_schema(batch, error);
}

/* All columns of a batch have its length: nanoarrow only sees to it that they are not shorter. */
static int check_lengths(const struct ArrowArrayView *view, struct rrd_error *error)
{
    for (int64_t i = 0; i < view->n_children; i++) {
        if (view->children[i]->length != view->length)
            return bad(error, "its columns differ in length");
    }
    return 0;
}

static int decode_rows(struct arrow_batch *batch, struct ipc_stream *stream,
                       struct rrd_error *error)
{
    struct ArrowArrayView *view = NULL;
    struct ipc_message message;
    struct ArrowError arrow;
    ArrowErrorCode code;
    int result = next_message(stream, IPC_RECORD_BATCH, &message, error);

    if (result == 0)
        result = open_message(batch, &message, error);
    if (result != 0)
        return result;
    const struct ArrowBufferView body = {
        .data.as_uint8 = message.body,
        .size_bytes = (int64_t)message.body_size,
    };
    code = ArrowIpcDecoderDecodeArrayView(&batch->decoder, body, -1, &view, &arrow);
    if (code == NANOARROW_OK)
        code = ArrowArrayViewValidate(view, NANOARROW_VALIDATION_LEVEL_FULL, &arrow);
    result = result_of(code, &arrow, error);
    if (result == 0)
        result = check_lengths(view, error);
    if (result == 0)
        batch->view = view;
    return result;
}

int arrow_batch_decode(struct arrow_batch *batch, struct ipc_stream *stream,
                       struct rrd_error *error)
{
    int result;

    release_schema(batch);
    result = decode_schema(batch, stream, error);
    return result != 0 ? result : decode_rows(batch, stream, error);
}
