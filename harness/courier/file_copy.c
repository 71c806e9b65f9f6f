/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading, writing and copying at offsets, with short counts and interruptions taken care of. No
 * state.
 */
#include "harness/courier/file_copy.h"

#include <errno.h>
#include <unistd.h>

#define PIECE_SIZE 65536u

int file_write_at(int file, const void *bytes, size_t size, uint64_t offset)
{
    const uint8_t *next = bytes;

    while (size > 0) {
        ssize_t written = pwrite(file, next, size, (off_t)offset);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -ENOSPC;
        next += written;
        size -= (size_t)written;
        offset += (uint64_t)written;
    }
    return 0;
}

int file_read_at(int file, void *bytes, size_t size, uint64_t offset)
{
    uint8_t *next = bytes;

    while (size > 0) {
        ssize_t n_read = pread(file, next, size, (off_t)offset);

        if (n_read < 0 && errno == EINTR)
            continue;
        if (n_read <= 0)
            return n_read < 0 ? -errno : -ENODATA;
        next += n_read;
        size -= (size_t)n_read;
        offset += (uint64_t)n_read;
    }
    return 0;
}

int file_copy_range(int from, uint64_t from_offset, int to, uint64_t to_offset, uint64_t size)
{
    uint8_t piece[PIECE_SIZE];

    while (size > 0) {
        size_t part = size < PIECE_SIZE ? (size_t)size : PIECE_SIZE;
        int result = file_read_at(from, piece, part, from_offset);

        if (result == 0)
            result = file_write_at(to, piece, part, to_offset);
        if (result < 0)
            return result;
        from_offset += part;
        to_offset += part;
        size -= part;
    }
    return 0;
}

int file_copy(int from, int to, uint64_t size)
{
    return file_copy_range(from, 0, to, 0, size);
}
