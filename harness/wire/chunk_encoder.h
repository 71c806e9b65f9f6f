/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes chunks as ArrowMsg: an Arrow IPC stream of one record batch, maybe LZ4, in a protobuf.
 *
 * An encoder serves one series of chunks with the same store, entity, metadata, timelines and
 * columns. It makes the Arrow headers once, with nanoarrow, and then only fills in what changes
 * from chunk to chunk: ids, lengths and offsets. Workspaces hold the large memory and are shared by
 * all encoders of a thread. Neither is thread-safe.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/column.h"
#include "harness/wire/message.h"
#include "harness/wire/string_view.h"
#include "harness/wire/tuid.h"

/* Values as rr_time_type of the C interface. */
enum time_type {
    TIME_SEQUENCE = 1,  /* Int64 */
    TIME_DURATION = 2,  /* Duration(ns) */
    TIME_TIMESTAMP = 3, /* Timestamp(ns), UTC */
};

struct chunk_timeline {
    struct string_view name; /* not empty, no NUL; "log_time" for the wall clock of the log call */
    enum time_type type;
};

/* A key of the Arrow schema's metadata, beside Rerun's own ones: "lastword:process". */
struct chunk_metadata {
    struct string_view key, value;
};

/* What all chunks of a series share. */
struct chunk_series {
    struct store_id store;          /* application id normalised */
    struct string_view entity_path; /* normalised */
    const struct chunk_metadata *metadata;
    size_t n_metadata;
    const struct chunk_timeline *timelines; /* in any order; none: the chunks are static */
    size_t n_timelines;
    const struct column *columns; /* in any order; only descriptors and types are looked at */
    size_t n_columns;             /* at least 1 */
};

/* One chunk of the series. */
struct chunk_rows {
    struct tuid chunk_id;
    size_t n_rows;                /* at least 1 */
    const struct tuid *row_ids;   /* n_rows */
    const int64_t *const *times;  /* for each timeline of the series, in its order: n_rows values */
    const struct column *columns; /* as in the series, in its order, each with n_rows rows */
};

struct chunk_encoder;

/* Memory for one chunk at a time. */
struct chunk_workspace {
    struct buffer ipc; /* the IPC stream before compression */
    void *lz4_state;   /* made at the first use */
};

void chunk_workspace_init(struct chunk_workspace *workspace);
void chunk_workspace_done(struct chunk_workspace *workspace);

/*
 * Makes an encoder. Everything in `series` is copied; text that is not UTF-8 is mended. Columns are
 * sorted as the official SDK does: timelines by name, components by archetype, then name. Returns
 * 0; -EINVAL: no column, a bad timeline name or type; -EEXIST: two timelines or two components of
 * one name, or a metadata key twice (Rerun's own keys count); -EPROTO: a nanoarrow that writes
 * other headers than this was made for; -ENOMEM.
 */
__attribute__((warn_unused_result)) int chunk_encoder_create(const struct chunk_series *series,
                                                             struct chunk_encoder **ret_encoder);

void chunk_encoder_destroy(struct chunk_encoder *encoder);

/*
 * Appends one ArrowMsg (bare protobuf: frame it with rrd_begin_frame) to `out`. Whether row ids and
 * times are sorted is found out here, as readers trust that flag. Returns 0; -EINVAL: no rows, or a
 * column with another number of rows; -E2BIG: above the limit of `out` or 2 GiB uncompressed;
 * -ENOMEM. On error `out` is as before.
 */
__attribute__((warn_unused_result)) int chunk_encoder_encode(struct chunk_encoder *encoder,
                                                             const struct chunk_rows *rows,
                                                             enum arrow_compression compression,
                                                             struct chunk_workspace *workspace,
                                                             struct buffer *out);
