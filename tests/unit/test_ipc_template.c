/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The places to fill in are where nanoarrow's own reader looks, and a batch that does not fit is
 * told. */
#include "harness/wire/arrow_schema.h"
#include "harness/wire/batch_writer.h"
#include "harness/wire/ipc_template.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <nanoarrow/nanoarrow_ipc.h>
#include <string.h>

static const char chunk_id[] = "chunk_00000000000000000000000000000000";

/* A schema of one int64 column, with the chunk's id in its metadata. */
static void make_schema(struct ArrowSchema *schema, const char *id)
{
    struct chunk_metadata pairs[] = {
        {string_view_of("rerun:id"), string_view_of(id)},
        {string_view_of("a"), string_view_of(chunk_id)},
    };

    ArrowSchemaInit(schema);
    cr_assert_eq(arrow_schema_set_struct(schema, 1), 0);
    cr_assert_eq(arrow_schema_set_time(schema->children[0], TIME_SEQUENCE), 0);
    cr_assert_eq(arrow_schema_set_name(schema->children[0], string_view_of("frame")), 0);
    cr_assert_eq(arrow_schema_set_metadata(schema, pairs, 2), 0);
}

static struct ArrowBufferView view_of(const struct buffer *buffer, size_t begin)
{
    return (struct ArrowBufferView){
        .data.as_uint8 = buffer->data + begin,
        .size_bytes = (int64_t)(buffer->size - begin),
    };
}

static void decode_header(struct ArrowIpcDecoder *decoder, struct ArrowBufferView message)
{
    cr_assert_eq(ArrowIpcDecoderVerifyHeader(decoder, message, NULL), NANOARROW_OK);
    cr_assert_eq(ArrowIpcDecoderDecodeHeader(decoder, message, NULL), NANOARROW_OK);
}

/* Fills in a batch and has nanoarrow read it. */
static void read_back(struct ipc_template *template, const int64_t *values, size_t n)
{
    struct ArrowIpcDecoder decoder;
    struct ArrowSchema schema;
    struct ArrowArrayView *view;
    struct batch_writer writer;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(batch_writer_begin(&writer, &out, template), 0);
    cr_assert_eq(batch_writer_put_values(&writer, values, n, n * sizeof(*values)), 0);
    cr_assert_eq(batch_writer_end(&writer, n), 0);

    cr_assert_eq(ArrowIpcDecoderInit(&decoder), NANOARROW_OK);
    decode_header(&decoder, view_of(&template->schema, 0));
    cr_assert_eq(ArrowIpcDecoderDecodeSchema(&decoder, &schema, NULL), NANOARROW_OK);
    cr_assert_eq(ArrowIpcDecoderSetSchema(&decoder, &schema, NULL), NANOARROW_OK);
    decode_header(&decoder, view_of(&out, 0));
    cr_assert_eq((size_t)decoder.header_size_bytes, template->batch.size);
    cr_assert_eq(ArrowIpcDecoderDecodeArrayView(&decoder, view_of(&out, template->batch.size), -1,
                                                &view, NULL),
                 NANOARROW_OK);
    cr_assert_eq(view->length, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(ArrowArrayViewGetIntUnsafe(view->children[0], (int64_t)i), values[i]);
    ArrowSchemaRelease(&schema);
    ArrowIpcDecoderReset(&decoder);
    buffer_done(&out);
}

Test(ipc_template, batches_are_filled_in)
{
    static const int64_t values[] = {7, -1, INT64_MIN, INT64_MAX, 0};
    struct ArrowSchema schema;
    struct ipc_template template;

    make_schema(&schema, chunk_id);
    cr_assert_eq(ipc_template_init(&template, &schema), 0);
    for (size_t n = 1; n <= 5; n++)
        read_back(&template, values, n);
    ipc_template_done(&template);
    ArrowSchemaRelease(&schema);
}

/* The id is found by its key, not by its text, which another value has as well. */
Test(ipc_template, finds_the_chunk_id)
{
    static const char other[] = "chunk_17979CFE362A00006d800c03da16a834";
    struct ArrowSchema schema;
    struct ipc_template template;

    make_schema(&schema, other);
    cr_assert_eq(ipc_template_init(&template, &schema), 0);
    cr_assert_eq(memcmp(template.schema.data + template.chunk_id, other, IPC_CHUNK_ID_SIZE), 0);
    ipc_template_done(&template);
    ArrowSchemaRelease(&schema);

    make_schema(&schema, "too short");
    cr_assert_eq(ipc_template_init(&template, &schema), 0);
    cr_assert_eq(template.chunk_id, IPC_NO_CHUNK_ID);
    ipc_template_done(&template);
    ArrowSchemaRelease(&schema);
}

/* Arrays that the schema does not have, or fewer of them, never go beyond the header. */
Test(ipc_template, tells_a_batch_of_another_schema)
{
    const int64_t value = 1;
    struct ArrowSchema schema;
    struct ipc_template template;
    struct batch_writer writer;
    struct buffer out;

    make_schema(&schema, chunk_id);
    cr_assert_eq(ipc_template_init(&template, &schema), 0);
    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(batch_writer_begin(&writer, &out, &template), 0);
    cr_assert_eq(batch_writer_end(&writer, 1), -EPROTO);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(batch_writer_put_values(&writer, &value, 1, sizeof(value)), 0);
    cr_assert_eq(batch_writer_end(&writer, 1), -EPROTO);
    buffer_done(&out);
    ipc_template_done(&template);
    ArrowSchemaRelease(&schema);
}

Test(ipc_template, a_schema_must_be_a_struct)
{
    struct ArrowSchema schema;
    struct ipc_template template;

    ArrowSchemaInit(&schema);
    cr_assert_eq(arrow_schema_set_time(&schema, TIME_SEQUENCE), 0);
    cr_assert_eq(ipc_template_init(&template, &schema), -EINVAL);
    ArrowSchemaRelease(&schema);
}
