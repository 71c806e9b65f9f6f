/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Splits an Arrow IPC stream into its messages, sizes first.
 *
 * Not thread-safe. Source: Arrow columnar format, "Encapsulated message format", with the framing
 * before 0.15 too.
 */
#pragma once

#include "harness/wire/flatbuffer.h"

/* Bytes that the stream's memory must have before the first message and behind the last. */
#define IPC_STREAM_ROOM 8

struct ipc_stream {
    uint8_t
        *bytes; /* 8-aligned, the room in front included; messages are moved in it to be aligned */
    size_t offset; /* of the next message; IPC_STREAM_ROOM at first */
    size_t size;   /* where the messages end */
};

/* Values of the flatbuffer's union MessageHeader. */
enum ipc_message_type {
    IPC_SCHEMA = 1,
    IPC_RECORD_BATCH = 3,
};

struct ipc_message {
    enum ipc_message_type type; /* or another number */
    const uint8_t *bytes;       /* with the prefix of 4 or 8 bytes */
    size_t size;                /* of prefix and flatbuffer */
    struct flatbuffer flatbuffer;
    const uint8_t *body; /* 8-aligned */
    size_t body_size;
};

/*
 * Takes the next message off the stream; the ones before are gone then. Returns 1; 0 at the end of
 * the stream, with or without the mark for it; -EBADMSG when a size does not fit.
 */
__attribute__((warn_unused_result)) int ipc_stream_next(struct ipc_stream *stream,
                                                        struct ipc_message *ret_message);
