/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a recording says of itself: which stores it has, and how many rows of which process.
 */
#pragma once

#include "harness/courier/process_table.h"
#include "harness/courier/recording_table.h"
#include "harness/wire/chunk_decoder.h"
#include "harness/wire/rrd_reader.h"

#define STORED_PROPERTIES_PATH "/__properties"

/*
 * Walks the first `size` bytes of the recording at `path`: marks its stores as announced (and as
 * having properties), adds its rows to the processes' rows_stored. Returns 0; -EBADMSG: it is
 * damaged; -ENOMEM; and others of read(2). `error` names the file and the remedy.
 */
__attribute__((warn_unused_result)) int stored_rows_count(const char *path, uint64_t size,
                                                          struct process_table *processes,
                                                          struct recording_table *recordings,
                                                          struct rrd_error *error);

/*
 * Walks the recording at `path` from `start`, where a frame begins (0: from the first one), up to
 * `size`, and calls `visit` with each frame; chunk is NULL unless it is an ArrowMsg. A negative
 * return of `visit` ends the walk and is returned. What is compressed is walked from the first one
 * in any case. Otherwise as stored_rows_count.
 */
__attribute__((warn_unused_result)) int stored_rows_visit(
    const char *path, uint64_t start, uint64_t size,
    int (*visit)(void *context, const struct rrd_frame *frame, const struct chunk *chunk),
    void *context, struct rrd_error *error);

/* Tells of which process the rows of a chunk are; false when it does not say, or is one of a
 * blueprint, which somebody else has made. */
bool stored_rows_process(const struct chunk *chunk, uint64_t *ret_family, uint64_t *ret_serial);
