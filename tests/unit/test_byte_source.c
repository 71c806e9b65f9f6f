/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Files and pipes, plain and compressed: the same bytes, whatever the head was needed for. */
#include "harness/wire/byte_source.h"
#include "harness/wire/zstd_copy.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEXT "RRF2 and what follows"

static int file_of(const char *text)
{
    int fd = memfd_create("recording", MFD_CLOEXEC);

    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

/* A pipe that holds what the file does, and ends. */
static int pipe_of(int file)
{
    char bytes[256];
    ssize_t size = pread(file, bytes, sizeof(bytes), 0);
    int ends[2];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    cr_assert_eq(write(ends[1], bytes, (size_t)size), size);
    close(ends[1]);
    return ends[0];
}

static int compressed_of(int file)
{
    int to = memfd_create("compressed", MFD_CLOEXEC);

    cr_assert_eq(zstd_copy(file, to, ZSTD_COPY_DEFAULT_LEVEL, NULL), 0);
    return to;
}

/* Reads the source `piece` bytes at a time, and closes it. */
static void assert_gives(int fd, size_t piece, bool is_compressed, uint64_t size, const char *text)
{
    char bytes[128] = {0};
    struct byte_source source;
    size_t n_bytes = 0;
    ssize_t n;

    cr_assert_eq(byte_source_open(&source, fd), 0);
    cr_assert_eq(byte_source_is_compressed(&source), is_compressed);
    cr_assert_eq(byte_source_size(&source), size);
    while ((n = byte_source_read(&source, bytes + n_bytes, piece)) > 0)
        n_bytes += (size_t)n;
    cr_assert_eq(n, 0);
    cr_assert_str_eq(bytes, text);
    cr_assert_not(byte_source_is_cut(&source));
    cr_assert_null(byte_source_fault(&source));
    byte_source_done(&source);
    close(fd);
}

Test(byte_source, files_and_pipes)
{
    for (size_t piece = 1; piece < 30; piece += 3) {
        int compressed = compressed_of(file_of(TEXT));

        assert_gives(file_of(TEXT), piece, false, strlen(TEXT), TEXT);
        assert_gives(pipe_of(file_of(TEXT)), piece, false, UINT64_MAX, TEXT);
        assert_gives(pipe_of(compressed), piece, true, UINT64_MAX, TEXT);
        assert_gives(compressed, piece, true, UINT64_MAX, TEXT);
    }
}

Test(byte_source, short_ones)
{
    assert_gives(file_of(""), 8, false, 0, "");
    assert_gives(file_of("RR"), 8, false, 2, "RR");
    assert_gives(pipe_of(file_of("")), 8, false, UINT64_MAX, "");
    assert_gives(pipe_of(file_of("RRF")), 8, false, UINT64_MAX, "RRF");
}

/* The position of the descriptor is the caller's. */
Test(byte_source, starts_at_the_start_and_moves_nothing)
{
    int fd = file_of(TEXT);

    cr_assert_eq(lseek(fd, 7, SEEK_SET), 7);
    assert_gives(dup(fd), 128, false, strlen(TEXT), TEXT);
    cr_assert_eq(lseek(fd, 0, SEEK_CUR), 7);
    close(fd);
}

Test(byte_source, what_cannot_be_read)
{
    struct byte_source source;
    int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int closed = open("/dev/null", O_WRONLY | O_CLOEXEC);

    cr_assert_eq(byte_source_open(&source, folder), -EISDIR);
    cr_assert_eq(byte_source_open(&source, closed), -EBADF);
    cr_assert_eq(byte_source_open(&source, -1), -EBADF);
    close(folder);
    close(closed);
}

static void assert_memory_gives(struct string_view memory, size_t piece)
{
    struct byte_source source;
    char bytes[64] = {0};
    size_t n_bytes = 0;
    ssize_t n;

    byte_source_open_memory(&source, memory);
    cr_assert_eq(byte_source_size(&source), memory.size);
    while ((n = byte_source_read(&source, bytes + n_bytes, piece)) > 0)
        n_bytes += (size_t)n;
    cr_assert_eq(n, 0);
    cr_assert(string_view_equal((struct string_view){bytes, n_bytes}, memory));
    cr_assert_eq(byte_source_size(&source), memory.size, "as it was when opened");
    cr_assert_not(byte_source_is_compressed(&source));
    cr_assert_not(byte_source_is_cut(&source));
    byte_source_done(&source);
}

Test(byte_source, memory)
{
    for (size_t piece = 1; piece < 30; piece += 3)
        assert_memory_gives(string_view_of(TEXT), piece);
    assert_memory_gives((struct string_view){NULL, 0}, 8);
    assert_memory_gives(string_view_of("\x28\xb5\x2f\xfd and no more"), 64);
}
