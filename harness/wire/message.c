/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rerun's protobuf messages, field by field in ascending order as its SDK writes them. No state.
 *
 * Encoders nest: a failure in the middle leaves half a message, so each public encoder goes through
 * finish(), which takes that back.
 */
#include "harness/wire/message.h"

#include "harness/wire/protobuf.h"
#include "harness/wire/utf8.h"

#include <errno.h>

static int finish(struct buffer *out, size_t start, int error)
{
    if (error != 0)
        buffer_truncate(out, start);
    return error;
}

/* --- Messages whose only field is 1: bytes or text
 * ------------------------------------------------ */

int message_put_wrapped(struct buffer *out, uint32_t number, struct string_view bytes)
{
    struct protobuf_nested nested;
    int error = protobuf_begin(out, number, &nested);

    if (error == 0)
        error = protobuf_put_bytes(out, 1, bytes);
    return error != 0 ? error : protobuf_end(out, nested);
}

int message_decode_wrapped(struct string_view message, struct string_view *ret_bytes)
{
    struct protobuf_field field;
    int more;

    *ret_bytes = (struct string_view){NULL, 0};
    while ((more = protobuf_next(&message, &field)) > 0) {
        if (field.number != 1)
            continue;
        if (field.type != PROTOBUF_BYTES)
            return -EBADMSG;
        *ret_bytes = field.bytes;
    }
    return more;
}

/* --- Tuid ------------------------------------------------------------------------------------- */

static int put_tuid(struct buffer *out, uint32_t number, struct tuid id)
{
    struct protobuf_nested nested;
    int error = protobuf_begin(out, number, &nested);

    /* Both are "optional" fields: readers miss them when they are left out for being 0. */
    if (error == 0)
        error = protobuf_put_fixed64(out, 1, id.time_ns);
    if (error == 0)
        error = protobuf_put_fixed64(out, 2, id.inc);
    return error != 0 ? error : protobuf_end(out, nested);
}

static int decode_tuid(struct string_view bytes, struct tuid *ret_id)
{
    struct protobuf_field field;
    struct tuid id = {0, 0};
    unsigned int seen = 0;
    int more;

    while ((more = protobuf_next(&bytes, &field)) > 0) {
        if (field.number > 2)
            continue;
        if (field.type != PROTOBUF_FIXED64)
            return -EBADMSG;
        *(field.number == 1 ? &id.time_ns : &id.inc) = field.value;
        seen |= 1u << field.number;
    }
    if (more != 0 || seen != (1u << 1 | 1u << 2))
        return -EBADMSG;
    *ret_id = id;
    return 0;
}

/* --- StoreId ---------------------------------------------------------------------------------- */

/* Protobuf text must be UTF-8, or readers refuse the message. */
static int put_text(struct buffer *out, uint32_t number, struct string_view text)
{
    struct protobuf_nested nested;
    int error = protobuf_begin(out, number, &nested);

    if (error == 0)
        error = utf8_append_lossy(out, text);
    return error != 0 ? error : protobuf_end(out, nested);
}

static int put_store_id_fields(const struct store_id *id, struct buffer *out)
{
    int error = protobuf_put_varint(out, 1, id->kind);

    if (error == 0)
        error = put_text(out, 2, id->recording_id);
    if (error == 0)
        error = message_put_wrapped(out, 3, id->application_id);
    return error;
}

int message_put_store_id(struct buffer *out, uint32_t number, const struct store_id *id)
{
    struct protobuf_nested nested;
    int error = protobuf_begin(out, number, &nested);

    if (error == 0)
        error = put_store_id_fields(id, out);
    return error != 0 ? error : protobuf_end(out, nested);
}

int store_id_encode(const struct store_id *id, struct buffer *out)
{
    return finish(out, out->size, put_store_id_fields(id, out));
}

static int set_store_id_field(struct store_id *id, const struct protobuf_field *field)
{
    switch (field->number) {
    case 1:
        if (field->type != PROTOBUF_VARINT)
            return -EBADMSG;
        id->kind = field->value == STORE_BLUEPRINT ? STORE_BLUEPRINT : STORE_RECORDING;
        return 0;
    case 2:
        id->recording_id = field->bytes;
        return field->type == PROTOBUF_BYTES ? 0 : -EBADMSG;
    case 3:
        if (field->type != PROTOBUF_BYTES)
            return -EBADMSG;
        return message_decode_wrapped(field->bytes, &id->application_id);
    default:
        return 0;
    }
}

int store_id_decode(struct string_view bytes, struct store_id *ret_id)
{
    struct protobuf_field field;
    struct store_id id = {.kind = STORE_RECORDING};
    int more;

    while ((more = protobuf_next(&bytes, &field)) > 0) {
        int error = set_store_id_field(&id, &field);

        if (error != 0)
            return error;
    }
    if (more == 0)
        *ret_id = id;
    return more;
}

/* Decodes a field that must be a nested StoreId, and notes that it was there. */
static int decode_store_field(const struct protobuf_field *field, struct store_id *id, bool *seen)
{
    *seen = true;
    return field->type == PROTOBUF_BYTES ? store_id_decode(field->bytes, id) : -EBADMSG;
}

/* --- SetStoreInfo ----------------------------------------------------------------------------- */

/* Field 1 of StoreSource and of StoreVersion: both hold one number that we write. */
static int put_number_message(struct buffer *out, uint32_t number, uint64_t value)
{
    struct protobuf_nested nested;
    int error = protobuf_begin(out, number, &nested);

    if (error == 0)
        error = protobuf_put_varint(out, 1, value);
    return error != 0 ? error : protobuf_end(out, nested);
}

static int put_store_info(struct buffer *out, uint32_t number, const struct set_store_info *info)
{
    struct protobuf_nested nested;
    int error = protobuf_begin(out, number, &nested);

    if (error == 0)
        error = message_put_store_id(out, 2, &info->store);
    if (error == 0)
        error = put_number_message(out, 5, info->source);
    if (error == 0 && info->crate_version != 0)
        error = put_number_message(out, 6, info->crate_version);
    return error != 0 ? error : protobuf_end(out, nested);
}

int set_store_info_encode(const struct set_store_info *info, struct buffer *out)
{
    size_t start = out->size;
    int error = put_tuid(out, 1, info->row_id);

    if (error == 0)
        error = put_store_info(out, 2, info);
    return finish(out, start, error);
}

static int decode_number_message(const struct protobuf_field *message, uint32_t *ret_value)
{
    struct string_view bytes = message->bytes;
    struct protobuf_field field;
    int more;

    if (message->type != PROTOBUF_BYTES)
        return -EBADMSG;
    while ((more = protobuf_next(&bytes, &field)) > 0) {
        if (field.number != 1)
            continue;
        if (field.type != PROTOBUF_VARINT)
            return -EBADMSG;
        *ret_value = (uint32_t)field.value;
    }
    return more;
}

static int decode_store_info(struct string_view bytes, struct set_store_info *info)
{
    struct protobuf_field field;
    bool has_store = false;
    bool has_source = false;
    int more;
    int error = 0;

    while (error == 0 && (more = protobuf_next(&bytes, &field)) != 0) {
        if (more < 0)
            return more;
        if (field.number == 2)
            error = decode_store_field(&field, &info->store, &has_store);
        if (field.number == 5) {
            has_source = true;
            error = decode_number_message(&field, &info->source);
        }
        if (field.number == 6)
            error = decode_number_message(&field, &info->crate_version);
    }
    if (error == 0 && !(has_store && has_source))
        error = -EBADMSG;
    return error;
}

int set_store_info_decode(struct string_view bytes, struct set_store_info *ret_info)
{
    struct protobuf_field field;
    struct set_store_info info = {0};
    bool has_id = false;
    bool has_info = false;
    int more;

    while ((more = protobuf_next(&bytes, &field)) > 0) {
        int error = 0;

        if (field.number != 1 && field.number != 2)
            continue;
        if (field.type != PROTOBUF_BYTES)
            return -EBADMSG;
        *(field.number == 1 ? &has_id : &has_info) = true;
        error = field.number == 1 ? decode_tuid(field.bytes, &info.row_id)
                                  : decode_store_info(field.bytes, &info);
        if (error != 0)
            return error;
    }
    if (more != 0 || !has_id || !has_info)
        return -EBADMSG;
    *ret_info = info;
    return 0;
}

/* --- ArrowMsg --------------------------------------------------------------------------------- */

#define ENCODING_ARROW_IPC 1

int arrow_msg_put_head(struct buffer *out, const struct arrow_msg *msg)
{
    size_t start = out->size;
    int error = message_put_store_id(out, 1, &msg->store);

    if (error == 0)
        error = protobuf_put_varint(out, 2, msg->compression);
    if (error == 0)
        error = protobuf_put_varint(out, 3, msg->uncompressed_size);
    if (error == 0)
        error = protobuf_put_varint(out, 4, ENCODING_ARROW_IPC);
    return finish(out, start, error);
}

int arrow_msg_put_tail(struct buffer *out, const struct arrow_msg *msg)
{
    size_t start = out->size;
    int error = put_tuid(out, 6, msg->chunk_id);

    if (error == 0)
        error = protobuf_put_varint(out, 7, msg->is_static);
    return finish(out, start, error);
}

int arrow_msg_encode(const struct arrow_msg *msg, struct buffer *out)
{
    size_t start = out->size;
    int error = arrow_msg_put_head(out, msg);

    if (error == 0)
        error = protobuf_put_bytes(out, ARROW_MSG_PAYLOAD, msg->payload);
    if (error == 0)
        error = arrow_msg_put_tail(out, msg);
    return finish(out, start, error);
}

struct arrow_msg_seen {
    bool store, payload;
    uint64_t encoding;
};

static int set_arrow_msg_field(struct arrow_msg *msg, const struct protobuf_field *field,
                               struct arrow_msg_seen *seen)
{
    static const enum protobuf_wire_type types[] = {
        [1] = PROTOBUF_BYTES, [2] = PROTOBUF_VARINT, [3] = PROTOBUF_VARINT, [4] = PROTOBUF_VARINT,
        [5] = PROTOBUF_BYTES, [6] = PROTOBUF_BYTES,  [7] = PROTOBUF_VARINT,
    };

    if (field->number >= sizeof(types) / sizeof(types[0]))
        return 0;
    if (field->type != types[field->number])
        return -EBADMSG;
    switch (field->number) {
    case 1:
        return decode_store_field(field, &msg->store, &seen->store);
    case 2:
        msg->compression = field->value > UINT32_MAX ? UINT32_MAX : (uint32_t)field->value;
        return 0;
    case 3:
        msg->uncompressed_size = field->value;
        return 0;
    case 4:
        seen->encoding = field->value;
        return 0;
    case ARROW_MSG_PAYLOAD:
        msg->payload = field->bytes;
        seen->payload = true;
        return 0;
    case 6:
        return decode_tuid(field->bytes, &msg->chunk_id);
    default:
        msg->is_static = field->value != 0;
        return 0;
    }
}

int arrow_msg_decode(struct string_view bytes, struct arrow_msg *ret_msg)
{
    struct protobuf_field field;
    struct arrow_msg msg = {.compression = ARROW_PLAIN};
    struct arrow_msg_seen seen = {0};
    int more;

    while ((more = protobuf_next(&bytes, &field)) > 0) {
        int error = set_arrow_msg_field(&msg, &field, &seen);

        if (error != 0)
            return error;
    }
    if (more != 0 || !seen.store || !seen.payload || seen.encoding != ENCODING_ARROW_IPC)
        return -EBADMSG;
    if (msg.compression == 0)
        msg.compression = ARROW_PLAIN;
    *ret_msg = msg;
    return 0;
}

/* --- BlueprintActivationCommand --------------------------------------------------------------- */

/* As the official SDK writes it: what is false is left out. */
int blueprint_activation_encode(const struct blueprint_activation *command, struct buffer *out)
{
    size_t start = out->size;
    int error = message_put_store_id(out, 1, &command->store);

    if (error == 0 && command->make_active)
        error = protobuf_put_varint(out, 2, 1);
    if (error == 0 && command->make_default)
        error = protobuf_put_varint(out, 3, 1);
    return finish(out, start, error);
}

int blueprint_activation_decode(struct string_view bytes, struct blueprint_activation *ret_command)
{
    struct protobuf_field field;
    struct blueprint_activation command = {0};
    bool has_store = false;
    int more;

    while ((more = protobuf_next(&bytes, &field)) > 0) {
        int error = 0;

        if (field.number == 1)
            error = decode_store_field(&field, &command.store, &has_store);
        if (field.number == 2 || field.number == 3) {
            *(field.number == 2 ? &command.make_active : &command.make_default) = field.value != 0;
            error = field.type == PROTOBUF_VARINT ? 0 : -EBADMSG;
        }
        if (error != 0)
            return error;
    }
    if (more != 0 || !has_store)
        return -EBADMSG;
    *ret_command = command;
    return 0;
}
