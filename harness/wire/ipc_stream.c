/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The framing of Arrow IPC streams. State: the caller's struct.
 */
#include "harness/wire/ipc_stream.h"

#include "harness/wire/arrow_slots.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define CONTINUATION UINT32_MAX

static uint32_t load_u32(const uint8_t *bytes)
{
    uint32_t value;

    memcpy(&value, bytes, sizeof(value));
    return le32toh(value);
}

/* Sizes of the message at stream->offset: its prefix, and the flatbuffer behind. 0 bytes of the
 * latter: the end. */
static int read_prefix(const struct ipc_stream *stream, size_t *ret_prefix, size_t *ret_size)
{
    const uint8_t *bytes = stream->bytes + stream->offset;
    size_t left = stream->size - stream->offset;

    *ret_prefix = 4;
    *ret_size = 0;
    if (left == 0)
        return 0;
    if (left < 4)
        return -EBADMSG;
    *ret_size = load_u32(bytes);
    if (*ret_size == CONTINUATION) {
        if (left < 8)
            return -EBADMSG;
        *ret_prefix = 8;
        *ret_size = load_u32(bytes + 4);
    }
    return *ret_size <= left - *ret_prefix ? 0 : -EBADMSG;
}

/*
 * Moves the rest of the stream down by up to 7 bytes, so that its flatbuffer is aligned. What lies
 * before is done with; before the first message there is room.
 */
static void align(struct ipc_stream *stream, size_t prefix)
{
    size_t shift = (stream->offset + prefix) % 8;

    if (shift == 0)
        return;
    memmove(stream->bytes + stream->offset - shift, stream->bytes + stream->offset,
            stream->size - stream->offset);
    stream->offset -= shift;
    stream->size -= shift;
}

static uint8_t load_type(const struct flatbuffer *buffer)
{
    size_t at = flatbuffer_field(buffer, flatbuffer_root(buffer), MESSAGE_HEADER_TYPE);

    return flatbuffer_is_inside(buffer, at, 1) ? buffer->bytes[at] : 0;
}

static uint64_t load_body_size(const struct flatbuffer *buffer)
{
    size_t at = flatbuffer_field(buffer, flatbuffer_root(buffer), MESSAGE_BODY_LENGTH);
    uint64_t size = 0;

    if (flatbuffer_is_inside(buffer, at, sizeof(size)))
        memcpy(&size, buffer->bytes + at, sizeof(size));
    return le64toh(size);
}

int ipc_stream_next(struct ipc_stream *stream, struct ipc_message *ret_message)
{
    struct ipc_message message;
    size_t prefix, size;
    uint64_t body_size;
    int error = read_prefix(stream, &prefix, &size);

    if (error != 0 || size == 0)
        return error;
    align(stream, prefix);
    message.bytes = stream->bytes + stream->offset;
    message.size = prefix + size;
    message.flatbuffer = (struct flatbuffer){message.bytes + prefix, size};
    message.type = (enum ipc_message_type)load_type(&message.flatbuffer);
    stream->offset += message.size;
    body_size = load_body_size(&message.flatbuffer);
    if (body_size > stream->size - stream->offset || (body_size > 0 && size % 8 != 0))
        return -EBADMSG;
    message.body = stream->bytes + stream->offset;
    message.body_size = (size_t)body_size;
    stream->offset += message.body_size;
    *ret_message = message;
    return 1;
}
