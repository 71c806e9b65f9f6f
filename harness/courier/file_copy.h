/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whole writes and copies at given offsets; file positions are neither used nor moved.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Writes all of `size` bytes at `offset`. Returns 0 or the negative errno of pwrite(2). */
__attribute__((warn_unused_result)) int file_write_at(int file, const void *bytes, size_t size,
                                                      uint64_t offset);

/* Reads exactly `size` bytes at `offset`. Returns 0, -ENODATA when the file ends before, or the
 * negative errno of pread(2). */
__attribute__((warn_unused_result)) int file_read_at(int file, void *bytes, size_t size,
                                                     uint64_t offset);

/*
 * Copies the first `size` bytes of a recording, decompressed if it is compressed by zstd, to the
 * start of a file. Returns 0; -ENODATA when it ends before; of pread(2) and pwrite(2); as
 * zstd_source_read.
 */
__attribute__((warn_unused_result)) int file_copy(int from, int to, uint64_t size);
