/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The encoding of protobuf messages: tags, varints, lengths. message.h has the messages.
 *
 * Thread-safe. What puts returns 0, -ENOMEM or -E2BIG, with the buffer as before on error.
 * Source: protobuf.dev, "Encoding".
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/string_view.h"

#include <stdint.h>

enum protobuf_wire_type {
    PROTOBUF_VARINT = 0,
    PROTOBUF_FIXED64 = 1,
    PROTOBUF_BYTES = 2,
    PROTOBUF_FIXED32 = 5,
};

#define PROTOBUF_MAX_VARINT 10 /* bytes */

/* One field as it was read. */
struct protobuf_field {
    uint32_t number;
    enum protobuf_wire_type type;
    uint64_t value;           /* VARINT, FIXED64, FIXED32 */
    struct string_view bytes; /* BYTES: a view of the input */
};

/*
 * Takes one field off the front of `rest`. Returns 1; 0 when nothing is left; -EBADMSG when what is
 * left is no field (groups, which proto3 does not have, are refused too).
 */
__attribute__((warn_unused_result)) int protobuf_next(struct string_view *rest,
                                                      struct protobuf_field *ret_field);

/* Writes a varint into `bytes` and returns its length, 1..PROTOBUF_MAX_VARINT. */
size_t protobuf_format_varint(uint64_t value, uint8_t bytes[static PROTOBUF_MAX_VARINT]);

/* Append one field. */
__attribute__((warn_unused_result)) int protobuf_put_varint(struct buffer *out, uint32_t number,
                                                            uint64_t value);
__attribute__((warn_unused_result)) int protobuf_put_fixed64(struct buffer *out, uint32_t number,
                                                             uint64_t value);
__attribute__((warn_unused_result)) int protobuf_put_bytes(struct buffer *out, uint32_t number,
                                                           struct string_view bytes);

/*
 * A message inside a message: begin, append its fields, end. end moves the fields to make room for
 * their length. To give up, truncate the buffer to *ret_start.
 */
struct protobuf_nested {
    size_t start;   /* of the tag */
    size_t content; /* of the first field */
};
__attribute__((warn_unused_result)) int protobuf_begin(struct buffer *out, uint32_t number,
                                                       struct protobuf_nested *ret_nested);
__attribute__((warn_unused_result)) int protobuf_end(struct buffer *out,
                                                     struct protobuf_nested nested);
