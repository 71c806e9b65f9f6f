/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One file that programs named, made out of the recording: the chunks of all streams that lead to
 * it, as they are.
 */
#pragma once

#include "harness/courier/recording_table.h"
#include "harness/wire/buffer.h"
#include "harness/wire/rrd_error.h"

#include <stddef.h>
#include <stdint.h>

/* What files are made of. */
struct sinks_source {
    const struct recording_table *recordings;
    const char *path; /* of the recording */
    uint64_t size;    /* bytes of it, decompressed, that hold rows */
    uint64_t commits; /* rows that are not among them have changed_in at least this */
    const char *id;   /* of the session, for names beside the files */
    bool is_final;    /* to be synced to the disk */
};

struct sink_file {
    const struct sinks_source *source;
    const char *path;
    const struct stream **streams; /* that lead to it */
    size_t n_streams;
    int file;      /* while it is made, and so are the next two */
    uint64_t size; /* bytes written */
    struct buffer out;
};

/*
 * Finds the streams that name the file `path`, and what they were before they had any sink. Source
 * and path must outlive it. Returns 0 or -ENOMEM; sink_file_done in any case.
 */
__attribute__((warn_unused_result)) int
sink_file_init(struct sink_file *sink, const struct sinks_source *source, const char *path);
void sink_file_done(struct sink_file *sink);

/*
 * Makes the file, with a footer, compressed if its name ends in .zst, and replaces what stands
 * there once it is whole. Returns 0; -ENAMETOOLONG; as stored_rows_visit, packed_file_make; of
 * open(2), fsync(2), rename(2). What stands there is as it was then. `error` may be set, too.
 */
__attribute__((warn_unused_result)) int sink_file_make(struct sink_file *sink,
                                                       struct rrd_error *error);
