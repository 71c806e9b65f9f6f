/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The protobuf messages inside a recording, and on Rerun's gRPC connections.
 *
 * Encoders append to a buffer; on error it is as before. Decoders return views into the input,
 * which must outlive them; unknown fields are skipped, of a repeated field the last one counts.
 * Thread-safe. Encoders return 0, -ENOMEM or -E2BIG; decoders 0, or -EBADMSG when the bytes are not
 * that message or lack what Rerun's own readers insist on. Source: rerun.common.v1alpha1,
 * rerun.log_msg.v1alpha1 as of 0.41.0; docs/wire.md lists the fields.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/string_view.h"
#include "harness/wire/tuid.h"

#include <stdbool.h>
#include <stdint.h>

enum store_kind {
    STORE_RECORDING = 1,
    STORE_BLUEPRINT = 2,
};

struct store_id {
    enum store_kind kind;
    struct string_view recording_id; /* any text; what is not UTF-8 in it is mended when encoding */
    struct string_view application_id; /* normalised; empty in foreign messages that leave it out */
};

enum store_source {
    STORE_SOURCE_UNSPECIFIED = 0,
    STORE_SOURCE_C_SDK = 1,
    STORE_SOURCE_PYTHON_SDK = 2,
    STORE_SOURCE_RUST_SDK = 3,
    STORE_SOURCE_FILE = 4,
    STORE_SOURCE_VIEWER = 5,
    STORE_SOURCE_OTHER = 6,
};

struct set_store_info {
    struct tuid row_id;
    struct store_id store;
    uint32_t source; /* enum store_source; unknown values are kept */
    uint32_t
        crate_version; /* version bytes of the stream header as a little-endian number; 0 none */
};

enum arrow_compression {
    ARROW_PLAIN = 1, /* 0 on the wire means the same */
    ARROW_LZ4 = 2,   /* one raw LZ4 block */
};

struct arrow_msg {
    struct store_id store;
    struct tuid chunk_id; /* zeros when absent: the one in the Arrow metadata counts */
    uint32_t compression; /* enum arrow_compression; decoding leaves unknown values as they are */
    uint64_t uncompressed_size; /* bytes */
    struct string_view payload; /* Arrow IPC stream, maybe compressed */
    bool is_static;
};

struct blueprint_activation {
    struct store_id store;
    bool make_active, make_default;
};

__attribute__((warn_unused_result)) int store_id_encode(const struct store_id *id,
                                                        struct buffer *out);
__attribute__((warn_unused_result)) int store_id_decode(struct string_view bytes,
                                                        struct store_id *ret_id);

__attribute__((warn_unused_result)) int set_store_info_encode(const struct set_store_info *info,
                                                              struct buffer *out);
__attribute__((warn_unused_result)) int set_store_info_decode(struct string_view bytes,
                                                              struct set_store_info *ret_info);

/* Appends the whole message; chunk_encoder writes it piece by piece, without a copy of the payload.
 */
__attribute__((warn_unused_result)) int arrow_msg_encode(const struct arrow_msg *msg,
                                                         struct buffer *out);
__attribute__((warn_unused_result)) int arrow_msg_decode(struct string_view bytes,
                                                         struct arrow_msg *ret_msg);

__attribute__((warn_unused_result)) int
blueprint_activation_encode(const struct blueprint_activation *command, struct buffer *out);
__attribute__((warn_unused_result)) int
blueprint_activation_decode(struct string_view bytes, struct blueprint_activation *ret_command);

/*
 * The parts of an ArrowMsg, for a payload that is written in place: head (uncompressed_size must be
 * known), then the payload as field ARROW_MSG_PAYLOAD of type bytes, then tail.
 */
#define ARROW_MSG_PAYLOAD 5
__attribute__((warn_unused_result)) int arrow_msg_put_head(struct buffer *out,
                                                           const struct arrow_msg *msg);
__attribute__((warn_unused_result)) int arrow_msg_put_tail(struct buffer *out,
                                                           const struct arrow_msg *msg);

/* For messages that hold others: a StoreId, or a message whose only field is 1, bytes or text, as
 * field `number`. */
__attribute__((warn_unused_result)) int message_put_store_id(struct buffer *out, uint32_t number,
                                                             const struct store_id *id);
__attribute__((warn_unused_result)) int message_put_wrapped(struct buffer *out, uint32_t number,
                                                            struct string_view bytes);
__attribute__((warn_unused_result)) int message_decode_wrapped(struct string_view message,
                                                               struct string_view *ret_bytes);
