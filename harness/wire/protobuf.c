/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Protobuf's encoding, the part of it that Rerun's messages use. No state.
 */
#include "harness/wire/protobuf.h"

#include <endian.h>
#include <errno.h>

static int take_varint(struct string_view *rest, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (size_t i = 0; i < rest->size && i < PROTOBUF_MAX_VARINT; i++) {
        uint64_t bits = (uint8_t)rest->data[i];

        if (i == PROTOBUF_MAX_VARINT - 1 && bits > 1)
            return -EBADMSG;
        value |= (bits & 0x7f) << (7 * i);
        if (bits < 0x80) {
            rest->data += i + 1;
            rest->size -= i + 1;
            *ret_value = value;
            return 0;
        }
    }
    return -EBADMSG;
}

static int take_bytes(struct string_view *rest, size_t size, struct string_view *ret_bytes)
{
    if (size > rest->size)
        return -EBADMSG;
    *ret_bytes = (struct string_view){rest->data, size};
    rest->data += size;
    rest->size -= size;
    return 0;
}

static int take_fixed(struct string_view *rest, size_t size, uint64_t *ret_value)
{
    struct string_view bytes;
    uint64_t value = 0;
    int error = take_bytes(rest, size, &bytes);

    if (error != 0)
        return error;
    memcpy(&value, bytes.data, size);
    *ret_value = le64toh(value);
    return 0;
}

static int take_value(struct string_view *rest, struct protobuf_field *field)
{
    int error;

    switch (field->type) {
    case PROTOBUF_VARINT:
        return take_varint(rest, &field->value);
    case PROTOBUF_FIXED64:
        return take_fixed(rest, sizeof(uint64_t), &field->value);
    case PROTOBUF_FIXED32:
        return take_fixed(rest, sizeof(uint32_t), &field->value);
    case PROTOBUF_BYTES:
        error = take_varint(rest, &field->value);
        return error != 0 ? error : take_bytes(rest, field->value, &field->bytes);
    default:
        return -EBADMSG;
    }
}

int protobuf_next(struct string_view *rest, struct protobuf_field *ret_field)
{
    uint64_t tag;
    int error;

    if (rest->size == 0)
        return 0;
    error = take_varint(rest, &tag);
    if (error != 0 || tag > UINT32_MAX || tag >> 3 == 0)
        return -EBADMSG;
    *ret_field = (struct protobuf_field){
        .number = (uint32_t)(tag >> 3),
        .type = (enum protobuf_wire_type)(tag & 7),
    };
    error = take_value(rest, ret_field);
    return error != 0 ? error : 1;
}

size_t protobuf_format_varint(uint64_t value, uint8_t bytes[static PROTOBUF_MAX_VARINT])
{
    size_t n = 0;

    while (value >= 0x80) {
        bytes[n++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[n++] = (uint8_t)value;
    return n;
}

/* Room for a tag, and a varint or fixed64 after it. */
#define MAX_HEAD (2 * PROTOBUF_MAX_VARINT)

static size_t format_tag(uint32_t number, enum protobuf_wire_type type, uint8_t bytes[MAX_HEAD])
{
    return protobuf_format_varint((uint64_t)number << 3 | type, bytes);
}

int protobuf_put_varint(struct buffer *out, uint32_t number, uint64_t value)
{
    uint8_t head[MAX_HEAD];
    size_t n = format_tag(number, PROTOBUF_VARINT, head);

    n += protobuf_format_varint(value, head + n);
    return buffer_append(out, head, n);
}

int protobuf_put_fixed64(struct buffer *out, uint32_t number, uint64_t value)
{
    uint8_t head[MAX_HEAD];
    size_t n = format_tag(number, PROTOBUF_FIXED64, head);

    value = htole64(value);
    memcpy(head + n, &value, sizeof(value));
    return buffer_append(out, head, n + sizeof(value));
}

int protobuf_put_bytes(struct buffer *out, uint32_t number, struct string_view bytes)
{
    uint8_t head[MAX_HEAD];
    size_t n = format_tag(number, PROTOBUF_BYTES, head);
    int error;

    n += protobuf_format_varint(bytes.size, head + n);
    if (bytes.size > SIZE_MAX - n)
        return -E2BIG;
    error = buffer_reserve(out, n + bytes.size);
    if (error != 0)
        return error;
    error = buffer_append(out, head, n);
    return error != 0 ? error : buffer_append(out, bytes.data, bytes.size);
}

int protobuf_begin(struct buffer *out, uint32_t number, struct protobuf_nested *ret_nested)
{
    uint8_t head[MAX_HEAD];
    size_t n = format_tag(number, PROTOBUF_BYTES, head);
    size_t start = out->size;
    int error = buffer_append(out, head, n);

    if (error != 0)
        return error;
    *ret_nested = (struct protobuf_nested){start, start + n};
    return 0;
}

int protobuf_end(struct buffer *out, struct protobuf_nested nested)
{
    uint8_t length[PROTOBUF_MAX_VARINT];
    size_t size = out->size - nested.content;
    size_t n = protobuf_format_varint(size, length);
    int error = buffer_append_zeros(out, n);

    if (error != 0)
        return error;
    memmove(out->data + nested.content + n, out->data + nested.content, size);
    memcpy(out->data + nested.content, length, n);
    return 0;
}
