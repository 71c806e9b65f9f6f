/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading, writing and copying at offsets, with short counts and interruptions taken care of. No
 * state.
 */
#include "harness/courier/file_copy.h"

#include "harness/wire/byte_source.h"

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

int file_copy(int from, int to, uint64_t size)
{
    struct byte_source source;
    uint8_t piece[PIECE_SIZE];
    uint64_t done = 0;
    int result = byte_source_open(&source, from);

    while (result == 0 && done < size) {
        uint64_t left = size - done;
        ssize_t n =
            byte_source_read(&source, piece, left < sizeof(piece) ? (size_t)left : sizeof(piece));

        if (n <= 0) {
            result = n < 0 ? (int)n : -ENODATA;
            break;
        }
        result = file_write_at(to, piece, (size_t)n, done);
        done += (uint64_t)n;
    }
    byte_source_done(&source);
    return result;
}
