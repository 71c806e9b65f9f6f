/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The decompressed bytes of a zstd file, in order: frames one after the other, skippable ones (as
 * pzstd writes them) left out, checksums checked.
 *
 * Memory is bounded by ZSTD_SOURCE_MAX_WINDOW and some buffers of 128 KiB, whatever the file says.
 * Not thread-safe.
 */
#pragma once

#include "harness/wire/file_source.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ZSTD_SOURCE_MAX_WINDOW_LOG 27 /* 128 MiB, the most that zstd makes without --long */

struct zstd_source;

/* Tells whether that is how a zstd file begins; `size` bytes of it are there. */
bool zstd_source_is_magic(const uint8_t *head, size_t size);

/* Makes a source, the caller's to destroy. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int zstd_source_create(struct zstd_source **ret_source);

/* Frees it. NULL does nothing. */
void zstd_source_destroy(struct zstd_source *source);

/*
 * Reads at most `size` decompressed bytes, at least one, from `file`, the same at each call and
 * read by nobody else. Returns how many; 0 at the end (see zstd_source_is_cut); or a negative
 * errno: -EBADMSG damaged, or not zstd behind the last frame; -E2BIG a window above the maximum;
 * -ENOMEM; of read(2). After 0 or an error the next call gives the same again.
 *
 * Bytes are given before the checksum of their frame was read: an error means that those that were
 * given of its frame may be wrong.
 */
__attribute__((warn_unused_result)) ssize_t
zstd_source_read(struct zstd_source *source, struct file_source *file, void *bytes, size_t size);

/* Tells, after zstd_source_read returned 0, whether the file ends inside a zstd frame. What could
 * be decompressed of that frame was given; it was not checked by its checksum. */
bool zstd_source_is_cut(const struct zstd_source *source);

/* Why zstd_source_read returned -EBADMSG or -E2BIG, for a message; NULL for what strerror(3) says
 * as well. Static. */
const char *zstd_source_fault(const struct zstd_source *source);
