/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A recording that stands compressed in its place: m.rrd.zst. While it is written it is plain.
 */
#pragma once

#include "harness/wire/zstd_copy.h"

#include <stdbool.h>
#include <sys/stat.h>

/* Tells whether a file of that name is to be compressed: it ends in ".zst". */
bool packed_file_is_meant(const char *path);

/*
 * Compresses all of the file `plain` into `path`: whole or not at all, and on the disk. Until then
 * the copy is called `temporary`, a name on the same file system that is the caller's alone; what
 * stands there is removed first, and may be `plain` itself. An older `path` is replaced. progress
 * may be NULL. *ret_status: of the new file, set on success.
 * Errors: as zstd_copy; of open(2), fsync(2), rename(2). `path` is as it was then.
 */
__attribute__((warn_unused_result)) int packed_file_make(int plain, const char *temporary,
                                                         const char *path,
                                                         const struct zstd_progress *progress,
                                                         struct stat *ret_status);
