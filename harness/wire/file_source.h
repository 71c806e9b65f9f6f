/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The bytes of a file or a pipe, in order, after a look at the first ones.
 *
 * Not thread-safe; several sources may read one file that can seek. A file that still grows has the
 * size that it had when opened; what comes later can be read nevertheless.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FILE_SOURCE_HEAD_SIZE 4u /* bytes */

struct file_source {
    int fd;           /* the caller's */
    bool is_seekable; /* pread(2), and the descriptor's position is not moved; else read(2) */
    uint64_t size;    /* bytes when opened; UINT64_MAX: not known, as it cannot seek */
    uint64_t offset;  /* of the next byte */
    uint8_t head[FILE_SOURCE_HEAD_SIZE]; /* the first bytes, which are read again from here */
    size_t n_head;                       /* fewer only if the file has fewer */
};

/*
 * Takes the descriptor, which must stay open as long as the source, and reads the head: from the
 * start of a file, from where it is of what cannot seek. Nothing has to be given back.
 * Errors (negative errno): -EISDIR; of fstat(2) and read(2).
 */
__attribute__((warn_unused_result)) int file_source_open(struct file_source *source, int fd);

/*
 * Reads at most `size` bytes, at least one. Returns how many; 0 at the end; or the negative errno
 * of read(2).
 */
__attribute__((warn_unused_result)) ssize_t file_source_read(struct file_source *source,
                                                             void *bytes, size_t size);
