/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What comes out of zstd files, whole, joined, cut and damaged. */
#include "harness/wire/buffer.h"
#include "harness/wire/zstd_source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#define TEXT_SIZE ((size_t)300000) /* more than two blocks of zstd's */

static uint8_t text[TEXT_SIZE];

static void make_text(void)
{
    unsigned int seed = 11;

    for (size_t i = 0; i < TEXT_SIZE; i++)
        text[i] = (uint8_t)("abcdefgh"[rand_r(&seed) % 8]);
}

TestSuite(zstd_source, .init = make_text);

static void append_frame(struct buffer *out, const void *bytes, size_t size)
{
    ZSTD_CCtx *compressor = ZSTD_createCCtx();
    size_t n;

    cr_assert_eq(buffer_reserve(out, ZSTD_compressBound(size)), 0);
    cr_assert_not(ZSTD_isError(ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1)));
    n = ZSTD_compress2(compressor, out->data + out->size, out->capacity - out->size, bytes, size);
    cr_assert_not(ZSTD_isError(n));
    out->size += n;
    ZSTD_freeCCtx(compressor);
}

struct reading {
    ssize_t result; /* of the last read */
    size_t size;    /* bytes that came */
    bool is_right;  /* they are those of the text */
    bool is_cut;
};

/* Reads `piece` bytes at a time. */
static struct reading read_all(const void *bytes, size_t size, size_t piece)
{
    static uint8_t out[TEXT_SIZE + 1];
    struct reading reading = {.size = 0};
    struct zstd_source *source;
    struct file_source file;
    int fd = memfd_create("zstd", MFD_CLOEXEC);

    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    cr_assert_eq(file_source_open(&file, fd), 0);
    cr_assert_eq(zstd_source_create(&source), 0);
    do {
        size_t room = sizeof(out) - reading.size;

        cr_assert_gt(room, 0);
        reading.result =
            zstd_source_read(source, &file, out + reading.size, piece < room ? piece : room);
        reading.size += reading.result > 0 ? (size_t)reading.result : 0;
    } while (reading.result > 0);
    for (int i = 0; i < 20; i++)
        cr_assert_eq(zstd_source_read(source, &file, out, 1), reading.result, "not the same again");
    reading.is_right = memcmp(out, text, reading.size) == 0;
    reading.is_cut = reading.result == 0 && zstd_source_is_cut(source);
    cr_assert_eq(reading.result < 0, zstd_source_fault(source) != NULL);
    zstd_source_destroy(source);
    close(fd);
    return reading;
}

Test(zstd_source, frames_follow_each_other_whatever_the_size_of_a_read)
{
    static const uint8_t skippable[] = {0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
    static const size_t pieces[] = {1, 7, 4096, 131072, TEXT_SIZE};
    struct buffer file;

    buffer_init(&file, BUFFER_NO_LIMIT);
    cr_assert_eq(buffer_append(&file, skippable, sizeof(skippable)), 0);
    cr_assert(zstd_source_is_magic(file.data, 4));
    append_frame(&file, text, 100);
    append_frame(&file, text, 0);
    cr_assert_eq(buffer_append(&file, skippable, sizeof(skippable)), 0);
    append_frame(&file, text + 100, TEXT_SIZE - 100);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct reading reading = read_all(file.data, file.size, pieces[i]);

        cr_assert_eq(reading.result, 0);
        cr_assert_eq(reading.size, TEXT_SIZE);
        cr_assert(reading.is_right && !reading.is_cut);
    }
    buffer_done(&file);
}

Test(zstd_source, a_cut_gives_what_came_before_and_says_so)
{
    struct buffer file;
    size_t first;

    buffer_init(&file, BUFFER_NO_LIMIT);
    append_frame(&file, text, 1000);
    first = file.size;
    append_frame(&file, text + 1000, 1000);
    for (size_t size = 1; size < file.size; size++) {
        struct reading reading = read_all(file.data, size, 4096);

        cr_assert_eq(reading.result, 0, "at %zu", size);
        cr_assert(reading.is_right);
        cr_assert_geq(reading.size, size < first ? 0 : 1000);
        cr_assert_eq(reading.is_cut, size != first, "at %zu", size);
    }
    buffer_done(&file);
}

/* Blocks that are whole are given, though their frame is not. */
Test(zstd_source, a_large_frame_that_was_cut_is_not_lost)
{
    struct reading reading;
    struct buffer file;

    buffer_init(&file, BUFFER_NO_LIMIT);
    append_frame(&file, text, TEXT_SIZE);
    reading = read_all(file.data, file.size - 100, 4096);
    cr_assert_eq(reading.size, (size_t)2 * 131072);
    cr_assert(reading.is_right && reading.is_cut);
    buffer_done(&file);
}

Test(zstd_source, what_is_damaged_never_ends_well)
{
    struct buffer file;
    int n_errors = 0;

    buffer_init(&file, BUFFER_NO_LIMIT);
    append_frame(&file, text, 1000);
    append_frame(&file, text + 1000, 500);
    for (size_t i = 0; i < 8 * file.size; i++) {
        struct reading reading;

        file.data[i / 8] ^= (uint8_t)(1 << i % 8);
        reading = read_all(file.data, file.size, 4096);
        file.data[i / 8] ^= (uint8_t)(1 << i % 8);
        n_errors += reading.result == -EBADMSG || reading.result == -E2BIG;
        cr_assert(reading.result < 0 || reading.is_cut || reading.is_right, "bit %zu", i);
    }
    cr_assert_gt(n_errors, (int)(7 * file.size));
    buffer_done(&file);
}

Test(zstd_source, what_follows_that_is_not_zstd_is_an_error)
{
    struct reading reading;
    struct buffer file;

    buffer_init(&file, BUFFER_NO_LIMIT);
    append_frame(&file, text, 1000);
    cr_assert_eq(buffer_append(&file, "RRF2", 4), 0);
    cr_assert_eq(buffer_append_zeros(&file, 20), 0);
    reading = read_all(file.data, file.size, 4096);
    cr_assert_eq(reading.result, -EBADMSG);
    cr_assert(!zstd_source_is_magic((const uint8_t *)"RRF2", 4));
    cr_assert(!zstd_source_is_magic(file.data, 3));
    buffer_done(&file);
}
