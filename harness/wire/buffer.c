/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Growing arrays of bytes. The one place of the wire code that asks for memory by size, so that a
 * limit holds wherever a size may come from outside. State: the caller's struct.
 */
#include "harness/wire/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *buffer, size_t limit_bytes)
{
    *buffer = (struct buffer){.limit = limit_bytes};
}

void buffer_done(struct buffer *buffer)
{
    if (buffer == NULL)
        return;
    free(buffer->data);
    buffer_init(buffer, buffer->limit);
}

static size_t next_capacity(const struct buffer *buffer, size_t wanted)
{
    size_t doubled = buffer->capacity < SIZE_MAX / 2 ? buffer->capacity * 2 : SIZE_MAX;
    size_t capacity = wanted > doubled ? wanted : doubled;

    if (capacity < 64)
        capacity = 64;
    return capacity < buffer->limit ? capacity : buffer->limit;
}

static int grow(struct buffer *buffer, size_t wanted)
{
    size_t capacity = next_capacity(buffer, wanted);
    uint8_t *data = realloc(buffer->data, capacity);

    if (data == NULL)
        return -ENOMEM;
    buffer->data = data;
    buffer->capacity = capacity;
    return 0;
}

int buffer_reserve(struct buffer *buffer, size_t extra)
{
    if (extra <= buffer->capacity - buffer->size)
        return 0;
    if (buffer->limit < buffer->size || extra > buffer->limit - buffer->size)
        return -E2BIG;
    return grow(buffer, buffer->size + extra);
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t n)
{
    int error = buffer_reserve(buffer, n);

    if (error != 0 || n == 0)
        return error;
    memcpy(buffer->data + buffer->size, bytes, n);
    buffer->size += n;
    return 0;
}

int buffer_append_zeros(struct buffer *buffer, size_t n)
{
    int error = buffer_reserve(buffer, n);

    if (error != 0 || n == 0)
        return error;
    memset(buffer->data + buffer->size, 0, n);
    buffer->size += n;
    return 0;
}

int buffer_align(struct buffer *buffer, size_t alignment)
{
    return buffer_append_zeros(buffer, -buffer->size & (alignment - 1));
}

void buffer_truncate(struct buffer *buffer, size_t size)
{
    buffer->size = size;
}
