/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compressed copies: read back by ours and by libzstd alone, frame by frame. */
#include "harness/wire/buffer.h"
#include "harness/wire/byte_source.h"
#include "harness/wire/zstd_copy.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

static struct buffer read_bytes(int fd)
{
    struct byte_source source;
    struct buffer out;
    ssize_t n = 1;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(byte_source_open(&source, fd), 0);
    while (n > 0) {
        cr_assert_eq(buffer_reserve(&out, 65536), 0);
        n = byte_source_read(&source, out.data + out.size, 65536);
        cr_assert_geq(n, 0);
        out.size += (size_t)n;
    }
    cr_assert(!byte_source_is_cut(&source));
    byte_source_done(&source);
    return out;
}

static int file_of(const void *bytes, size_t size)
{
    int fd = memfd_create("recording", MFD_CLOEXEC);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    return fd;
}

static int compress(int fd, int level)
{
    int to = memfd_create("compressed", MFD_CLOEXEC);

    cr_assert_geq(to, 0);
    cr_assert_eq(zstd_copy(fd, to, level, NULL), 0);
    return to;
}

/* The file as it is, without looking into it. */
static struct buffer load(int fd)
{
    struct buffer bytes;
    off_t size = lseek(fd, 0, SEEK_END);

    buffer_init(&bytes, BUFFER_NO_LIMIT);
    cr_assert_eq(buffer_reserve(&bytes, (size_t)size + 1), 0);
    cr_assert_eq(pread(fd, bytes.data, (size_t)size, 0), size);
    bytes.size = (size_t)size;
    return bytes;
}

static void check_round_trip(const char *path, int level)
{
    int plain = open(path, O_RDONLY | O_CLOEXEC);
    int compressed = compress(plain, level);
    struct buffer before = load(plain);
    struct buffer after = read_bytes(compressed);
    struct buffer file = load(compressed);

    cr_assert_lt(file.size, before.size, "%s", path);
    cr_assert_eq(before.size, after.size, "%s", path);
    cr_assert_eq(memcmp(before.data, after.data, after.size), 0, "%s", path);
    buffer_done(&before);
    buffer_done(&after);
    buffer_done(&file);
    close(plain);
    close(compressed);
}

Test(zstd_copy, golden_recordings_come_back_as_they_were)
{
    glob_t found;

    cr_assert_eq(glob(GOLDEN_DIR "/*.rrd", 0, NULL, &found), 0);
    cr_assert_geq(found.gl_pathc, 14);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        check_round_trip(found.gl_pathv[i], ZSTD_COPY_DEFAULT_LEVEL);
        check_round_trip(found.gl_pathv[i], 19);
    }
    globfree(&found);
}

/* A frame for each MiB, each with its size and a checksum. */
Test(zstd_copy, a_large_file_becomes_many_frames)
{
    size_t size = 3 * ZSTD_COPY_FRAME_SIZE + 17;
    uint8_t *bytes = malloc(size);
    struct buffer file;
    size_t n_frames = 0;
    size_t end = 0;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * i >> 11);
    file = load(compress(file_of(bytes, size), ZSTD_COPY_DEFAULT_LEVEL));
    for (size_t at = 0; at < file.size; n_frames++) {
        size_t n = ZSTD_findFrameCompressedSize(file.data + at, file.size - at);

        cr_assert_not(ZSTD_isError(n));
        cr_assert(file.data[at + 4] & 4, "no checksum");
        cr_assert_eq(ZSTD_getFrameContentSize(file.data + at, n),
                     n_frames < 3 ? ZSTD_COPY_FRAME_SIZE : 17);
        at += n;
        end = at;
    }
    cr_assert_eq(n_frames, 4);
    cr_assert_eq(end, file.size);
    buffer_done(&file);
    free(bytes);
}

Test(zstd_copy, edges_and_an_empty_file)
{
    static const size_t sizes[] = {0, 1, ZSTD_COPY_FRAME_SIZE, 2 * ZSTD_COPY_FRAME_SIZE};
    uint8_t *bytes = calloc(2, ZSTD_COPY_FRAME_SIZE);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        int compressed = compress(file_of(bytes, sizes[i]), ZSTD_COPY_DEFAULT_LEVEL);
        struct buffer file = load(compressed);
        struct buffer after = read_bytes(compressed);

        cr_assert(zstd_source_is_magic(file.data, file.size));
        cr_assert_eq(after.size, sizes[i]);
        buffer_done(&after);
        buffer_done(&file);
        close(compressed);
    }
    free(bytes);
}

static void note(void *context, uint64_t bytes)
{
    uint64_t *last = context;

    cr_assert_gt(bytes, *last);
    *last = bytes;
}

Test(zstd_copy, tells_how_far_it_is)
{
    uint8_t *bytes = calloc(2, ZSTD_COPY_FRAME_SIZE);
    uint64_t last = 0;
    const struct zstd_progress progress = {note, &last};
    int to = memfd_create("compressed", MFD_CLOEXEC);

    cr_assert_eq(zstd_copy(file_of(bytes, ZSTD_COPY_FRAME_SIZE + 5), to, 1, &progress), 0);
    cr_assert_eq(last, ZSTD_COPY_FRAME_SIZE + 5);
    free(bytes);
    close(to);
}

Test(zstd_copy, a_full_disk_and_a_file_that_cannot_be_read)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    int plain = file_of("abc", 3);

    cr_assert_eq(zstd_copy(plain, full, 1, NULL), -ENOSPC);
    cr_assert_eq(zstd_copy(full, plain, 1, NULL), -EBADF);
    close(full);
    close(plain);
}
