/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A record batch out of an Arrow IPC stream, checked in full, read with nanoarrow.
 *
 * Not thread-safe.
 */
#pragma once

#include "harness/wire/ipc_stream.h"
#include "harness/wire/rrd_error.h"

#include <nanoarrow/nanoarrow_ipc.h>

struct arrow_batch {
    struct ArrowSchema schema; /* of the last stream; a struct with the columns as children */
    const struct ArrowArrayView *view; /* likewise; points into the stream's memory */
    struct ArrowIpcDecoder decoder;
};

/* Returns 0 or -ENOMEM. On error there is nothing to free. */
__attribute__((warn_unused_result)) int arrow_batch_init(struct arrow_batch *batch);
void arrow_batch_done(struct arrow_batch *batch);

/*
 * Reads schema and first record batch of the stream (Rerun uses no further ones); the memory of the
 * stream must stay for as long as the batch is used. Afterwards all lengths fit the buffers,
 * offsets rise, and every type is one that enum datatype_kind has. Returns 0; -EBADMSG damaged;
 * -ENOTSUP a type or compression that is not read; -ENOMEM. `error` may be NULL.
 */
__attribute__((warn_unused_result)) int
arrow_batch_decode(struct arrow_batch *batch, struct ipc_stream *stream, struct rrd_error *error);
