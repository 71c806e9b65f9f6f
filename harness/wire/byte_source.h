/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The bytes of a recording, in order, whether its file is compressed by zstd or not: how the file
 * begins tells, not its name. Or those of one that is in memory. Not thread-safe.
 */
#pragma once

#include "harness/wire/file_source.h"
#include "harness/wire/string_view.h"
#include "harness/wire/zstd_source.h"

struct byte_source {
    struct file_source file;
    struct zstd_source *zstd; /* NULL: the file's bytes are the recording's */
    bool is_memory;
    struct string_view memory; /* what is left of it */
    uint64_t memory_size;
};

/*
 * Takes the descriptor, which stays the caller's and must stay open. The position of one that can
 * seek is not moved. Errors: as file_source_open; -ENOMEM. On error there is nothing to give back.
 */
__attribute__((warn_unused_result)) int byte_source_open(struct byte_source *source, int fd);

/* Takes bytes in memory, which must outlive the source. Compressed ones are given as they are. */
void byte_source_open_memory(struct byte_source *source, struct string_view bytes);

/* Frees memory. A source of zeros is allowed. */
void byte_source_done(struct byte_source *source);

/*
 * Reads at most `size` bytes, at least one. Returns how many; 0 at the end; or a negative errno, as
 * file_source_read and zstd_source_read.
 */
__attribute__((warn_unused_result)) ssize_t byte_source_read(struct byte_source *source,
                                                             void *bytes, size_t size);

/*
 * Goes on at byte `offset`. Returns false, and changes nothing, where that cannot be: in pipes, in
 * memory, and in what is compressed.
 */
bool byte_source_skip_to(struct byte_source *source, uint64_t offset);

bool byte_source_is_compressed(const struct byte_source *source);

/* How many bytes there are to read; UINT64_MAX: known only at the end, as of pipes and of what is
 * compressed. */
uint64_t byte_source_size(const struct byte_source *source);

/* Tells, after byte_source_read returned 0, whether compressed data end inside a zstd frame. */
bool byte_source_is_cut(const struct byte_source *source);

/* Why byte_source_read failed, where it knows better than strerror(3); else NULL. Static. */
const char *byte_source_fault(const struct byte_source *source);
