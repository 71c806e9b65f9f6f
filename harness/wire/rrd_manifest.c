/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The message of a recording's index. No state.
 */
#include "harness/wire/rrd_manifest.h"

#include "harness/wire/protobuf.h"

#include <errno.h>

#define ENCODER_VERSION 1

static int put_table(struct buffer *out, uint32_t number, const struct rrd_manifest *manifest)
{
    struct protobuf_nested nested;
    int error = protobuf_begin(out, number, &nested);

    if (error == 0)
        error = protobuf_put_varint(out, 1, ENCODER_VERSION);
    if (error == 0)
        error = protobuf_put_bytes(out, 2, manifest->table);
    if (error == 0)
        error = protobuf_put_varint(out, 3, manifest->compression);
    if (error == 0)
        error = protobuf_put_varint(out, 4, manifest->uncompressed_size);
    return error != 0 ? error : protobuf_end(out, nested);
}

int rrd_manifest_encode(const struct rrd_manifest *manifest, struct buffer *out)
{
    const struct string_view sha256 = {(const char *)manifest->schema_sha256,
                                       sizeof(manifest->schema_sha256)};
    struct protobuf_nested nested;
    size_t start = out->size;
    int error = protobuf_begin(out, 1, &nested);

    if (error == 0)
        error = message_put_store_id(out, 1, &manifest->store);
    if (error == 0)
        error = message_put_wrapped(out, 2, manifest->schema);
    if (error == 0)
        error = protobuf_put_bytes(out, 3, sha256);
    if (error == 0)
        error = put_table(out, 4, manifest);
    if (error == 0)
        error = protobuf_end(out, nested);
    if (error != 0)
        buffer_truncate(out, start);
    return error;
}

static int decode_table(struct string_view bytes, struct rrd_manifest *manifest)
{
    struct protobuf_field field;
    int more;

    while ((more = protobuf_next(&bytes, &field)) > 0) {
        if (field.number == 2)
            manifest->table = field.bytes;
        else if (field.number == 3)
            manifest->compression = (uint32_t)field.value;
        else if (field.number == 4)
            manifest->uncompressed_size = field.value;
    }
    return more;
}

static int decode_manifest(struct string_view bytes, struct rrd_manifest *manifest)
{
    struct protobuf_field field;
    bool has_store = false;
    int more;
    int error = 0;

    while (error == 0 && (more = protobuf_next(&bytes, &field)) != 0) {
        if (more < 0 || (field.number <= 4 && field.type != PROTOBUF_BYTES))
            return -EBADMSG;
        if (field.number == 1) {
            has_store = true;
            error = store_id_decode(field.bytes, &manifest->store);
        }
        if (field.number == 2)
            error = message_decode_wrapped(field.bytes, &manifest->schema);
        if (field.number == 3 && field.bytes.size == sizeof(manifest->schema_sha256))
            memcpy(manifest->schema_sha256, field.bytes.data, field.bytes.size);
        if (field.number == 4)
            error = decode_table(field.bytes, manifest);
    }
    return error == 0 && !has_store ? -EBADMSG : error;
}

int rrd_manifest_next(struct string_view *footer, struct rrd_manifest *ret_manifest)
{
    struct protobuf_field field;
    int more;

    while ((more = protobuf_next(footer, &field)) > 0) {
        struct rrd_manifest manifest = {.compression = ARROW_PLAIN};
        int error;

        if (field.number != 1)
            continue;
        if (field.type != PROTOBUF_BYTES)
            return -EBADMSG;
        error = decode_manifest(field.bytes, &manifest);
        if (error != 0)
            return error;
        *ret_manifest = manifest;
        return 1;
    }
    return more;
}
