/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is in a recording: its processes, and the rows of each in the order of their RowIds.
 *
 * Read in one pass over the file. Memory is bounded by what is to be compared: of each image only
 * the first n_rows_kept rows are kept, the rest is counted. Plain data after loading: thread-safe
 * as long as nobody changes it.
 */
#pragma once

#include "harness/verify/recorded_processes.h"
#include "harness/verify/recorded_uncovered.h"
#include "harness/verify/row_queue.h"
#include "harness/verify/string_pool.h"
#include "harness/wire/rrd_error.h"

#define RECORDING_MAX_BYTES ((size_t)1 << 30) /* that all kept rows and texts may take */

/* Entities below these are lastword's and Rerun's own; rows there count only when asked for. */
#define RECORDING_OWN_PREFIX        "/lastword"
#define RECORDING_PROPERTIES_PREFIX "/__properties"

struct recording_options {
    size_t n_rows_kept; /* per image, at least 1 */
    /* Tells whether rows of this entity below the two prefixes count. NULL: none do. */
    bool (*wants)(const void *context, struct string_view entity);
    const void *context;
};

struct recording {
    struct recorded_processes processes; /* arranged */
    struct recorded_uncovered_list uncovered;
    size_t n_queues;            /* as many as processes */
    struct row_queue *rows;     /* one for each image, by the index of processes; sorted */
    struct string_pool texts;   /* entities, recording ids and component names of the rows */
    uint64_t n_rows;            /* that count, kept or not */
    uint64_t n_repeated_chunks; /* left out, as viewers do: they know chunks by their ids */
    bool is_cut;                /* the file ends inside a frame; all before it was read */
    bool is_compressed;         /* by zstd: cut_offset is one of the decompressed bytes */
    uint64_t cut_offset;        /* where the last whole frame ends */
};

/*
 * Reads a recording. Returns 0, or with `error` filled: what rrd_reader_open, rrd_reader_next and
 * chunk_decoder_decode return; -EBADMSG also for a component of another type than Rerun's or
 * ours; -E2BIG above RECORDING_MAX_BYTES; -ENOMEM. On error there is nothing to free.
 */
__attribute__((warn_unused_result)) int recording_load(struct recording *recording,
                                                       const char *path,
                                                       const struct recording_options *options,
                                                       struct rrd_error *error);

/* Tells whether an entity lies below one of the two prefixes. */
bool recording_is_reserved(struct string_view entity);

/* Frees everything. NULL does nothing. */
void recording_done(struct recording *recording);
