/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Framing of either age, at any alignment, with sizes that lie. */
#include "harness/wire/ipc_stream.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The flatbuffer of a message: type 3, bodyLength 16 (slots 1 and 3). 40 bytes. */
static const uint8_t message[] = {
    20, 0, 0, 0, 12, 0, 20, 0, 0, 0, 4, 0, 0,  0, 12, 0, 0, 0, 0, 0,
    16, 0, 0, 0, 3,  0, 0,  0, 0, 0, 0, 0, 16, 0, 0,  0, 0, 0, 0, 0,
};

struct stream_memory {
    _Alignas(8) uint8_t bytes[512];
    size_t size;
};

static void put(struct stream_memory *memory, const void *bytes, size_t n)
{
    memcpy(memory->bytes + memory->size, bytes, n);
    memory->size += n;
}

static void put_u32(struct stream_memory *memory, uint32_t value)
{
    put(memory, &value, sizeof(value));
}

static void put_message(struct stream_memory *memory, bool has_continuation, const char *body)
{
    if (has_continuation)
        put_u32(memory, UINT32_MAX);
    put_u32(memory, sizeof(message));
    put(memory, message, sizeof(message));
    put(memory, body, 16);
}

static struct ipc_stream open_stream(struct stream_memory *memory)
{
    return (struct ipc_stream){memory->bytes, IPC_STREAM_ROOM, memory->size};
}

static void expect_message(struct ipc_stream *stream, const char *body)
{
    struct ipc_message read;

    cr_assert_eq(ipc_stream_next(stream, &read), 1);
    cr_assert_eq(read.type, IPC_RECORD_BATCH);
    cr_assert_eq(read.flatbuffer.size, sizeof(message));
    cr_assert_eq((uintptr_t)read.flatbuffer.bytes % 8, 0);
    cr_assert_eq(memcmp(read.flatbuffer.bytes, message, sizeof(message)), 0);
    cr_assert_eq(read.bytes + read.size, read.body);
    cr_assert_eq(read.body_size, 16);
    cr_assert_eq(memcmp(read.body, body, 16), 0);
}

Test(ipc_stream, splits_messages_of_either_age)
{
    for (int ages = 0; ages < 8; ages++) {
        struct stream_memory memory = {.size = IPC_STREAM_ROOM};
        struct ipc_stream stream;
        struct ipc_message none;

        put_message(&memory, ages & 1, "first body......");
        put_message(&memory, ages & 2, "second body.....");
        put_message(&memory, ages & 4, "third body......");
        put_u32(&memory, UINT32_MAX);
        put_u32(&memory, 0);
        stream = open_stream(&memory);
        expect_message(&stream, "first body......");
        expect_message(&stream, "second body.....");
        expect_message(&stream, "third body......");
        cr_assert_eq(ipc_stream_next(&stream, &none), 0);
    }
}

Test(ipc_stream, needs_no_mark_at_the_end)
{
    struct stream_memory memory = {.size = IPC_STREAM_ROOM};
    struct ipc_stream stream;
    struct ipc_message none;

    put_message(&memory, true, "the only body...");
    stream = open_stream(&memory);
    expect_message(&stream, "the only body...");
    cr_assert_eq(ipc_stream_next(&stream, &none), 0);
}

Test(ipc_stream, refuses_every_cut)
{
    struct stream_memory memory = {.size = IPC_STREAM_ROOM};

    put_message(&memory, true, "body............");
    for (size_t size = IPC_STREAM_ROOM + 1; size < memory.size; size++) {
        struct stream_memory cut = memory;
        struct ipc_stream stream = {cut.bytes, IPC_STREAM_ROOM, size};
        struct ipc_message read;

        cr_assert_eq(ipc_stream_next(&stream, &read), -EBADMSG, "%zu bytes", size);
    }
}

Test(ipc_stream, refuses_sizes_that_lie)
{
    static const uint32_t sizes[] = {UINT32_MAX, INT32_MAX, 0x80000000, sizeof(message) + 17};
    static const uint64_t body_sizes[] = {17, INT64_MAX, UINT64_MAX, UINT64_MAX - 40};

    for (size_t i = 0; i < 4; i++) {
        struct stream_memory memory = {.size = IPC_STREAM_ROOM};
        struct ipc_stream stream;
        struct ipc_message read;

        put_message(&memory, true, "body............");
        memcpy(memory.bytes + IPC_STREAM_ROOM + 4, &sizes[i], 4);
        stream = open_stream(&memory);
        cr_assert_eq(ipc_stream_next(&stream, &read), -EBADMSG, "size %zu", i);
        memcpy(memory.bytes + IPC_STREAM_ROOM + 4, &(uint32_t){sizeof(message)}, 4);
        memcpy(memory.bytes + IPC_STREAM_ROOM + 8 + 32, &body_sizes[i], 8);
        stream = open_stream(&memory);
        cr_assert_eq(ipc_stream_next(&stream, &read), -EBADMSG, "body size %zu", i);
    }
}
