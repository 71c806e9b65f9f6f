/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Messages of the official SDK are read, ours go back and forth, and what lacks a part is refused.
 */
#include "harness/wire/message.h"
#include "harness/wire/protobuf.h"
#include "harness/wire/rrd_manifest.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

static struct string_view view_of(const struct buffer *buffer)
{
    return (struct string_view){(const char *)buffer->data, buffer->size};
}

static bool is(struct string_view text, const char *expected)
{
    return string_view_equal(text, string_view_of(expected));
}

/* A SetStoreInfo that the official SDK sent (its row id is blanked out). */
static const char official_info[] = "\x0a\x12\x09\x01\0\0\0\0\0\0\0\x11\x02\0\0\0\0\0\0\0\x12\x2b"
                                    "\x12\x16\x08\x01\x12\x08grpc-one\x1a\x08\x0a\x06golden"
                                    "\x2a\x0c\x08\x02\x12\x08\x0a\x06\x08\x03\x10\x0b\x18\x07"
                                    "\x32\x03\x08\x80\x52";

Test(message, reads_an_official_store_info)
{
    struct set_store_info info;
    struct string_view bytes = {official_info, sizeof(official_info) - 1};

    cr_assert_eq(set_store_info_decode(bytes, &info), 0);
    cr_assert_eq(info.row_id.time_ns, 1);
    cr_assert_eq(info.row_id.inc, 2);
    cr_assert_eq(info.store.kind, STORE_RECORDING);
    cr_assert(is(info.store.recording_id, "grpc-one"));
    cr_assert(is(info.store.application_id, "golden"));
    cr_assert_eq(info.source, STORE_SOURCE_PYTHON_SDK);
    cr_assert_eq(info.crate_version, 10496);
    for (bytes.size = 0; bytes.size + 1 < sizeof(official_info); bytes.size++)
        cr_assert_eq(set_store_info_decode(bytes, &info), -EBADMSG, "%zu bytes", bytes.size);
}

static const struct store_id store = {
    .kind = STORE_RECORDING,
    .recording_id = {"rec-1", 5},
    .application_id = {"app", 3},
};

Test(message, store_info_goes_back_and_forth)
{
    const struct set_store_info info = {
        .row_id = {0, 0},
        .store = store,
        .source = STORE_SOURCE_C_SDK,
        .crate_version = 0x2900,
    };
    struct set_store_info read;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(set_store_info_encode(&info, &out), 0);
    cr_assert_eq(set_store_info_decode(view_of(&out), &read), 0);
    cr_assert(is(read.store.recording_id, "rec-1"));
    cr_assert(is(read.store.application_id, "app"));
    cr_assert_eq(read.source, STORE_SOURCE_C_SDK);
    cr_assert_eq(read.crate_version, 0x2900);
    buffer_done(&out);
}

static struct arrow_msg make_arrow_msg(void)
{
    return (struct arrow_msg){
        .store = store,
        .chunk_id = {0, 7},
        .compression = ARROW_LZ4,
        .uncompressed_size = 1000,
        .payload = string_view_of("payload"),
        .is_static = true,
    };
}

Test(message, arrow_msg_goes_back_and_forth)
{
    struct arrow_msg msg = make_arrow_msg();
    struct arrow_msg read;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(arrow_msg_encode(&msg, &out), 0);
    cr_assert_eq(arrow_msg_decode(view_of(&out), &read), 0);
    cr_assert(is(read.store.application_id, "app"));
    cr_assert_eq(tuid_compare(read.chunk_id, msg.chunk_id), 0);
    cr_assert_eq(read.compression, ARROW_LZ4);
    cr_assert_eq(read.uncompressed_size, 1000);
    cr_assert(is(read.payload, "payload"));
    cr_assert(read.is_static);
    buffer_done(&out);
}

/* As foreign writers may leave them out: chunk id, compression, size and is_static are optional. */
Test(message, arrow_msg_needs_store_encoding_and_payload)
{
    struct arrow_msg read;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(message_put_store_id(&out, 1, &store), 0);
    cr_assert_eq(arrow_msg_decode(view_of(&out), &read), -EBADMSG);
    cr_assert_eq(protobuf_put_bytes(&out, 5, string_view_of("p")), 0);
    cr_assert_eq(arrow_msg_decode(view_of(&out), &read), -EBADMSG);
    cr_assert_eq(protobuf_put_varint(&out, 4, 1), 0);
    cr_assert_eq(arrow_msg_decode(view_of(&out), &read), 0);
    cr_assert_eq(read.compression, ARROW_PLAIN);
    cr_assert_not(read.is_static);
    cr_assert_eq(protobuf_put_varint(&out, 4, 2), 0);
    cr_assert_eq(arrow_msg_decode(view_of(&out), &read), -EBADMSG, "another encoding");
    buffer_done(&out);
}

Test(message, skips_unknown_fields_and_refuses_wrong_types)
{
    struct arrow_msg msg = make_arrow_msg();
    struct arrow_msg read;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(arrow_msg_encode(&msg, &out), 0);
    cr_assert_eq(protobuf_put_varint(&out, 99, 1), 0);
    cr_assert_eq(protobuf_put_bytes(&out, 8, string_view_of("?")), 0);
    cr_assert_eq(arrow_msg_decode(view_of(&out), &read), 0);
    cr_assert_eq(protobuf_put_varint(&out, 5, 1), 0);
    cr_assert_eq(arrow_msg_decode(view_of(&out), &read), -EBADMSG);
    buffer_done(&out);
}

Test(message, tuid_needs_both_halves)
{
    struct arrow_msg msg = make_arrow_msg();
    struct arrow_msg read;
    struct protobuf_nested nested;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(arrow_msg_encode(&msg, &out), 0);
    cr_assert_eq(protobuf_begin(&out, 6, &nested), 0);
    cr_assert_eq(protobuf_put_fixed64(&out, 1, 5), 0);
    cr_assert_eq(protobuf_end(&out, nested), 0);
    cr_assert_eq(arrow_msg_decode(view_of(&out), &read), -EBADMSG);
    buffer_done(&out);
}

Test(message, store_id_kinds)
{
    struct store_id read;

    cr_assert_eq(store_id_decode(string_view_of(""), &read), 0);
    cr_assert_eq(read.kind, STORE_RECORDING);
    cr_assert_eq(read.application_id.size, 0);
    cr_assert_eq(store_id_decode(string_view_of("\x08\x02"), &read), 0);
    cr_assert_eq(read.kind, STORE_BLUEPRINT);
    cr_assert_eq(store_id_decode(string_view_of("\x08\x09"), &read), 0);
    cr_assert_eq(read.kind, STORE_RECORDING);
    cr_assert_eq(store_id_decode(string_view_of("\x12\x09"), &read), -EBADMSG);
}

Test(message, blueprint_activation_goes_back_and_forth)
{
    const struct blueprint_activation command = {
        .store = {STORE_BLUEPRINT, {"b", 1}, {"app", 3}},
        .make_default = true,
    };
    struct blueprint_activation read;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(blueprint_activation_encode(&command, &out), 0);
    cr_assert(string_view_equal(view_of(&out), string_view_of("\x0a\x0c\x08\x02\x12\x01"
                                                              "b\x1a\x05\x0a\x03"
                                                              "app\x18\x01")),
              "what is false is left out, as the official SDK does");
    cr_assert_eq(blueprint_activation_decode(view_of(&out), &read), 0);
    cr_assert_eq(read.store.kind, STORE_BLUEPRINT);
    cr_assert_not(read.make_active);
    cr_assert(read.make_default);
    cr_assert_eq(blueprint_activation_decode(string_view_of("\x18\x01"), &read), -EBADMSG);
    buffer_done(&out);
}

Test(message, manifests_go_back_and_forth)
{
    struct rrd_manifest manifest = {
        .store = store,
        .schema = string_view_of("schema"),
        .schema_sha256 = {1, 2, 3, [31] = 4},
        .compression = ARROW_LZ4,
        .uncompressed_size = 99,
        .table = string_view_of("table"),
    };
    struct rrd_manifest read;
    struct string_view footer;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_manifest_encode(&manifest, &out), 0);
    cr_assert_eq(rrd_manifest_encode(&manifest, &out), 0);
    footer = view_of(&out);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(rrd_manifest_next(&footer, &read), 1);
        cr_assert(is(read.store.recording_id, "rec-1"));
        cr_assert(is(read.schema, "schema"));
        cr_assert(is(read.table, "table"));
        cr_assert_eq(memcmp(read.schema_sha256, manifest.schema_sha256, 32), 0);
        cr_assert_eq(read.compression, ARROW_LZ4);
        cr_assert_eq(read.uncompressed_size, 99);
    }
    cr_assert_eq(rrd_manifest_next(&footer, &read), 0);
    buffer_done(&out);
}

Test(message, encoders_leave_the_buffer_alone_on_error)
{
    const struct set_store_info info = {.store = store};
    const struct blueprint_activation command = {
        .store = store, .make_active = true, .make_default = true};
    const struct rrd_manifest manifest = {.store = store, .table = string_view_of("table")};
    struct arrow_msg msg = make_arrow_msg();

    for (size_t limit = 1; limit < 30; limit++) {
        struct buffer out;

        buffer_init(&out, limit);
        cr_assert_eq(buffer_append(&out, "x", 1), 0);
        cr_assert_eq(set_store_info_encode(&info, &out), -E2BIG);
        cr_assert_eq(arrow_msg_encode(&msg, &out), -E2BIG);
        cr_assert_eq(rrd_manifest_encode(&manifest, &out), -E2BIG);
        cr_assert_eq(out.size, 1);
        cr_assert(limit >= 17 || store_id_encode(&store, &out) == -E2BIG);
        cr_assert(limit >= 23 || blueprint_activation_encode(&command, &out) == -E2BIG);
        buffer_done(&out);
    }
}

/* Any bytes are decoded or refused, and no view leads outside. Run under the sanitizers. */
Test(message, survives_mutations)
{
    struct arrow_msg msg = make_arrow_msg();
    unsigned int seed = 3;
    struct buffer good;

    buffer_init(&good, BUFFER_NO_LIMIT);
    cr_assert_eq(arrow_msg_encode(&msg, &good), 0);
    for (int round = 0; round < 100000; round++) {
        char *bytes = malloc(good.size);
        struct string_view view = {bytes, good.size};
        struct arrow_msg read;

        memcpy(bytes, good.data, good.size);
        for (int i = 0; i < 1 + round % 4; i++)
            bytes[(size_t)rand_r(&seed) % good.size] = (char)rand_r(&seed);
        if (arrow_msg_decode(view, &read) == 0 && read.payload.size > 0) {
            cr_assert(read.payload.data >= bytes);
            cr_assert(read.payload.data + read.payload.size <= bytes + good.size);
        }
        (void)!set_store_info_decode(view, &(struct set_store_info){0});
        (void)!blueprint_activation_decode(view, &(struct blueprint_activation){0});
        (void)!rrd_manifest_next(&view, &(struct rrd_manifest){0});
        free(bytes);
    }
    buffer_done(&good);
}
