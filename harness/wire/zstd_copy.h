/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Makes a zstd file of a whole recording: m.rrd.zst of m.rrd, as `zstd -d` and zstd_source read it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ZSTD_COPY_DEFAULT_LEVEL 3
#define ZSTD_COPY_FRAME_SIZE    ((size_t)1 << 20) /* bytes, before compression */

/* Called now and then with the bytes that were compressed so far. */
struct zstd_progress {
    void (*tell)(void *context, uint64_t bytes); /* may be NULL */
    void *context;
};

/*
 * Compresses all bytes of the file `from`, whose position is not moved, and writes them to `to`
 * where that stands. Each ZSTD_COPY_FRAME_SIZE bytes become a frame of its own, with its size and a
 * checksum: a copy that was cut reads up to its last whole frame at least, and no reader needs more
 * memory than a frame. level: as zstd's, 1 to 19; others are taken for the nearest that libzstd
 * knows. Memory: some MiB, whatever the size of the file. progress may be NULL.
 *
 * Both descriptors stay the caller's. Not synced. Errors: of pread(2) and write(2), -ENOSPC among
 * them; -ENOMEM. What was written until then is left for the caller to remove.
 */
__attribute__((warn_unused_result)) int zstd_copy(int from, int to, int level,
                                                  const struct zstd_progress *progress);
