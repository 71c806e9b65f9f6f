/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Varints at their edges, fields back and forth, and no step outside the input. */
#include "harness/wire/protobuf.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct string_view view_of(const struct buffer *buffer)
{
    return (struct string_view){(const char *)buffer->data, buffer->size};
}

static int next_of(const char *bytes, size_t size, struct protobuf_field *field)
{
    struct string_view rest = {bytes, size};

    return protobuf_next(&rest, field);
}

Test(protobuf, varints_go_back_and_forth)
{
    static const uint64_t values[] = {0, 1, 127, 128, 300, UINT32_MAX, INT64_MAX, UINT64_MAX};
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct protobuf_field field;
        struct string_view rest;

        buffer_truncate(&out, 0);
        cr_assert_eq(protobuf_put_varint(&out, 3, values[i]), 0);
        rest = view_of(&out);
        cr_assert_eq(protobuf_next(&rest, &field), 1);
        cr_assert_eq(field.number, 3);
        cr_assert_eq(field.type, PROTOBUF_VARINT);
        cr_assert_eq(field.value, values[i]);
        cr_assert_eq(protobuf_next(&rest, &field), 0);
    }
    buffer_done(&out);
}

/* The bytes are the examples of protobuf's own page on the encoding. */
Test(protobuf, writes_the_documented_bytes)
{
    struct protobuf_nested nested;
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(protobuf_put_varint(&out, 1, 150), 0);
    cr_assert_eq(protobuf_put_bytes(&out, 2, string_view_of("testing")), 0);
    cr_assert_eq(protobuf_begin(&out, 3, &nested), 0);
    cr_assert_eq(protobuf_put_varint(&out, 1, 150), 0);
    cr_assert_eq(protobuf_end(&out, nested), 0);
    cr_assert_eq(out.size, 3 + 9 + 5);
    cr_assert_eq(memcmp(out.data, "\x08\x96\x01\x12\x07testing\x1a\x03\x08\x96\x01", out.size), 0);
    buffer_done(&out);
}

Test(protobuf, nested_messages_of_any_length)
{
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    for (size_t size = 0; size < 300; size++) {
        struct protobuf_nested nested;
        struct protobuf_field field;
        struct string_view rest;

        buffer_truncate(&out, 0);
        cr_assert_eq(protobuf_begin(&out, 9, &nested), 0);
        cr_assert_eq(buffer_append_zeros(&out, size), 0);
        cr_assert_eq(protobuf_end(&out, nested), 0);
        rest = view_of(&out);
        cr_assert_eq(protobuf_next(&rest, &field), 1);
        cr_assert_eq(field.bytes.size, size);
        cr_assert_eq(rest.size, 0);
    }
    buffer_done(&out);
}

Test(protobuf, fixed_numbers_are_little_endian)
{
    struct protobuf_field field;

    cr_assert_eq(next_of("\x09\x01\x00\x00\x00\x00\x00\x00\x80", 9, &field), 1);
    cr_assert_eq(field.value, 0x8000000000000001);
    cr_assert_eq(next_of("\x0d\x01\x02\x00\x00", 5, &field), 1);
    cr_assert_eq(field.value, 0x201);
}

Test(protobuf, refuses_what_is_no_field)
{
    struct protobuf_field field;

    cr_assert_eq(next_of("\x80", 1, &field), -EBADMSG, "cut tag");
    cr_assert_eq(next_of("\x08", 1, &field), -EBADMSG, "no value");
    cr_assert_eq(next_of("\x08\x80", 2, &field), -EBADMSG, "cut value");
    cr_assert_eq(next_of("\x00\x01", 2, &field), -EBADMSG, "field 0");
    cr_assert_eq(next_of("\x0b\x01", 2, &field), -EBADMSG, "group");
    cr_assert_eq(next_of("\x0f\x01", 2, &field), -EBADMSG, "wire type 7");
    cr_assert_eq(next_of("\x12\x02z", 3, &field), -EBADMSG, "cut bytes");
    cr_assert_eq(next_of("\x09zzzzzzz", 8, &field), -EBADMSG, "cut fixed64");
    cr_assert_eq(next_of("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, &field), -EBADMSG);
    cr_assert_eq(next_of("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11, &field), -EBADMSG);
}

Test(protobuf, leaves_the_buffer_alone_on_error)
{
    struct buffer out;

    buffer_init(&out, 8);
    cr_assert_eq(protobuf_put_bytes(&out, 1, string_view_of("123456")), 0);
    cr_assert_eq(protobuf_put_varint(&out, 1, 1), -E2BIG);
    cr_assert_eq(out.size, 8);
    buffer_truncate(&out, 2);
    cr_assert_eq(protobuf_put_bytes(&out, 1, string_view_of("12345")), -E2BIG);
    cr_assert_eq(out.size, 2);
    buffer_done(&out);
}
