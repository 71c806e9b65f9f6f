/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The outer layer of a recording (.rrd): a stream header, then frames of {kind, size, payload}.
 *
 * Everything is appended to a buffer of the caller, who writes it where it belongs: a recording is
 * good for readers whenever it ends at the end of a frame. On error the buffer is as before.
 * Thread-safe. All return 0, -ENOMEM or -E2BIG. Source: wire.md of the docs, "RRD stream".
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/message.h"

enum rrd_kind {
    RRD_END = 0,
    RRD_SET_STORE_INFO = 1,
    RRD_ARROW_MSG = 2,
    RRD_BLUEPRINT_ACTIVATION = 3,
};

#define RRD_HEADER_SIZE        12 /* bytes of the stream header */
#define RRD_FRAME_HEADER_SIZE  16 /* bytes before the payload of a frame */
#define RRD_STREAM_FOOTER_SIZE 32 /* bytes after the End frame */

/* 0.41.0, as the stream header and StoreInfo want it. */
#define RRD_VERSION 0x00002900u

/* Appends the stream header; once, at the very start of a recording. */
__attribute__((warn_unused_result)) int rrd_append_stream_header(struct buffer *out);

/* Appends one frame with a copy of the payload. */
__attribute__((warn_unused_result)) int rrd_append_frame(struct buffer *out, enum rrd_kind kind,
                                                         const void *payload, size_t size);

/*
 * Appends the frame that announces a store. Every recording needs one for each store, before its
 * first chunk: strict readers refuse a file without. The application id must be normalised
 * (entity_path.h).
 */
__attribute__((warn_unused_result)) int
rrd_append_set_store_info(struct buffer *out, const struct set_store_info *info);

/*
 * For a payload that is written in place: begin appends the header and gives its position; the
 * caller appends the payload; end fills in the size. To give up, truncate the buffer to *ret_start.
 */
__attribute__((warn_unused_result)) int rrd_begin_frame(struct buffer *out, enum rrd_kind kind,
                                                        size_t *ret_start);
void rrd_end_frame(struct buffer *out, size_t start);
