/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Puts schema and table of an index into their message. No state.
 */
#include "harness/wire/manifest_writer.h"

#include "harness/wire/arrow_schema.h"
#include "harness/wire/batch_writer.h"
#include "harness/wire/manifest_schema.h"
#include "harness/wire/manifest_table.h"
#include "harness/wire/rrd_manifest.h"

#include <errno.h>
#include <lz4.h>
#include <sha256.h>

/* The Arrow readers of the official tools refuse a message with more than a million tables. */
#define MAX_TABLES 900000u

static int check_tables(const struct ArrowSchema *schema, struct rrd_error *error)
{
    if (arrow_schema_count_tables(schema) <= MAX_TABLES)
        return 0;
    rrd_error_set(error, "it would have more columns than readers take");
    return -E2BIG;
}

static struct string_view view_of(const struct buffer *buffer)
{
    return (struct string_view){(const char *)buffer->data, buffer->size};
}

/* --- The recording's schema ------------------------------------------------------------------- */

/* The hash is of the schema in the order of names, which this one has already; without the end
 * mark. */
static int write_schema(const struct manifest *manifest, struct buffer *out,
                        uint8_t sha256[SHA256_DIGEST_LENGTH], struct rrd_error *reason)
{
    struct ArrowSchema schema;
    struct ipc_template template;
    SHA256_CTX hash;
    int error = manifest_schema_make(manifest, &schema);

    if (error != 0)
        return error;
    error = check_tables(&schema, reason);
    if (error == 0)
        error = ipc_template_init(&template, &schema);
    ArrowSchemaRelease(&schema);
    if (error != 0)
        return error;
    error = buffer_append(out, template.schema.data, template.schema.size);
    ipc_template_done(&template);
    SHA256_Init(&hash);
    SHA256_Update(&hash, out->data, out->size);
    SHA256_Final(sha256, &hash);
    return error != 0 ? error : ipc_append_end(out);
}

/* --- The table -------------------------------------------------------------------------------- */

static int set_column(struct ArrowSchema *field, const struct manifest_column *column)
{
    const struct column_descriptor *descriptor = column->descriptor;
    struct chunk_metadata pairs[4];
    size_t n = 0;
    int error = arrow_schema_set_datatype(field, &column->type);

    if (error == 0)
        error = arrow_schema_set_name(field, string_view_of(column->name));
    if (error != 0 || column->index.size == 0)
        return error;
    pairs[n++] = (struct chunk_metadata){string_view_of("rerun:index"), column->index};
    if (descriptor != NULL)
        pairs[n++] =
            (struct chunk_metadata){string_view_of("rerun:component"), descriptor->component};
    if (descriptor != NULL && descriptor->archetype.size > 0)
        pairs[n++] =
            (struct chunk_metadata){string_view_of("rerun:archetype"), descriptor->archetype};
    if (descriptor != NULL && descriptor->component_type.size > 0)
        pairs[n++] = (struct chunk_metadata){string_view_of("rerun:component_type"),
                                             descriptor->component_type};
    return arrow_schema_set_metadata(field, pairs, n);
}

static int make_template(const struct manifest_table *table, struct ipc_template *template,
                         struct rrd_error *reason)
{
    struct ArrowSchema schema;
    int error;

    ArrowSchemaInit(&schema);
    error = arrow_schema_set_struct(&schema, table->n_columns);
    for (size_t i = 0; error == 0 && i < table->n_columns; i++)
        error = set_column(schema.children[i], &table->columns[i]);
    if (error == 0)
        error = check_tables(&schema, reason);
    if (error == 0)
        error = ipc_template_init(template, &schema);
    ArrowSchemaRelease(&schema);
    return error;
}

static int write_stream(const struct manifest_table *table, const struct ipc_template *template,
                        struct buffer *out)
{
    struct batch_writer writer;
    int error = buffer_append(out, template->schema.data, template->schema.size);

    if (error == 0)
        error = batch_writer_begin(&writer, out, template);
    for (size_t i = 0; error == 0 && i < table->n_columns; i++)
        error = batch_writer_put_node(&writer, &table->columns[i].node, &table->columns[i].type);
    if (error == 0)
        error = batch_writer_end(&writer, table->n_rows);
    return error != 0 ? error : ipc_append_end(out);
}

static int write_table(const struct manifest *manifest, struct buffer *out, struct rrd_error *error)
{
    struct ipc_template template;
    struct manifest_table table;
    int result = manifest_table_make(manifest, out->limit, &table, error);

    if (result != 0)
        return result;
    result = make_template(&table, &template, error);
    if (result == 0) {
        result = write_stream(&table, &template, out);
        ipc_template_done(&template);
    }
    manifest_table_done(&table);
    return result;
}

static int compress(const struct buffer *plain, struct buffer *out)
{
    int bound = LZ4_compressBound((int)plain->size);
    int n;
    int error = plain->size > LZ4_MAX_INPUT_SIZE ? -E2BIG : buffer_reserve(out, (size_t)bound);

    if (error != 0)
        return error;
    n = LZ4_compress_default((const char *)plain->data, (char *)out->data, (int)plain->size, bound);
    out->size = (size_t)n;
    return n > 0 ? 0 : -E2BIG;
}

/* --- The message ------------------------------------------------------------------------------ */

struct parts {
    struct buffer schema, table, compressed;
};

static int write_parts(const struct manifest *manifest, struct parts *parts, struct buffer *out,
                       struct rrd_error *error)
{
    struct rrd_manifest message = {.store = manifest->store, .compression = ARROW_LZ4};
    int result = write_schema(manifest, &parts->schema, message.schema_sha256, error);

    if (result == 0)
        result = write_table(manifest, &parts->table, error);
    if (result == 0)
        result = compress(&parts->table, &parts->compressed);
    if (result != 0)
        return result;
    message.schema = view_of(&parts->schema);
    message.table = view_of(&parts->compressed);
    message.uncompressed_size = parts->table.size;
    return rrd_manifest_encode(&message, out);
}

int manifest_write(const struct manifest *manifest, struct buffer *out, struct rrd_error *error)
{
    struct parts parts;
    int result;

    buffer_init(&parts.schema, out->limit);
    buffer_init(&parts.table, out->limit);
    buffer_init(&parts.compressed, BUFFER_NO_LIMIT);
    result = write_parts(manifest, &parts, out, error);
    buffer_done(&parts.schema);
    buffer_done(&parts.table);
    buffer_done(&parts.compressed);
    return result;
}
