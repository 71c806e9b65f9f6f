/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Walks the frames of a recording (.rrd), one after the other. A file that is compressed by zstd
 * (.rrd.zst) is decompressed on the way; all offsets are those of the decompressed bytes then.
 *
 * Memory is bounded by the largest frame, and a frame is only read into memory once its size was
 * found to lie inside the file, if that says how large it is. An index at the end of the file (End
 * frame, stream footer) is skipped, never used. Not thread-safe; several readers may read one file.
 * A file that still grows reads as it was when opened.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/byte_source.h"
#include "harness/wire/rrd_error.h"
#include "harness/wire/rrd_writer.h"

/* How the walk ended, once rrd_reader_next has returned 0. */
enum rrd_ending {
    RRD_ENDING_NONE = 0, /* not there yet, or an error was returned */
    RRD_COMPLETE,        /* at the end of a frame; with or without an index */
    RRD_CUT, /* inside a frame, be it Rerun's or zstd's: what a crash leaves. Rows before cut_offset
                are whole */
};

struct rrd_frame {
    enum rrd_kind kind;         /* SET_STORE_INFO, ARROW_MSG or BLUEPRINT_ACTIVATION */
    uint64_t offset;            /* of the frame's header in the recording */
    struct string_view payload; /* the protobuf, good until the next call */
};

struct rrd_reader {
    struct byte_source source;
    int own_fd;       /* -1: the caller's */
    char *name;       /* for errors */
    uint64_t offset;  /* of the next frame */
    uint32_t version; /* of the stream header, as RRD_VERSION */
    enum rrd_ending ending;
    uint64_t cut_offset;    /* RRD_CUT: where the last whole frame ends: truncate here to mend the
                               file,    if it is not compressed */
    bool has_index;         /* an End frame was seen */
    struct buffer window;   /* bytes read ahead; the next frame is inside */
    uint64_t window_offset; /* of window.data[0] in the recording */
};

#define RRD_MAX_FRAME_SIZE ((size_t)2 << 30) /* bytes of one payload */

/*
 * Opens a recording and checks its stream header. `-` is not special.
 * Errors (negative errno): of open(2); -EISDIR; -EBADMSG: not a recording, too short, or of a
 * version that is not understood, or damaged compression; -E2BIG: compressed with a window above
 * 128 MiB; -ENOMEM. `error` (may be NULL) says more. On error there is nothing to close.
 */
__attribute__((warn_unused_result)) int rrd_reader_open(struct rrd_reader *reader, const char *path,
                                                        struct rrd_error *error);

/*
 * The same for an open descriptor, which stays the caller's and whose position is not moved if it
 * can seek; reading begins at its start then. `name` is for errors and is copied.
 */
__attribute__((warn_unused_result)) int
rrd_reader_open_fd(struct rrd_reader *reader, int fd, const char *name, struct rrd_error *error);

/*
 * The same for a recording in memory, which must outlive the reader and is not decompressed. `name`
 * is for errors and is copied.
 */
__attribute__((warn_unused_result)) int rrd_reader_open_memory(struct rrd_reader *reader,
                                                               struct string_view bytes,
                                                               const char *name,
                                                               struct rrd_error *error);

/*
 * Reads the next frame. Returns 1 and fills `ret_frame`; 0 at the end (see reader->ending); or a
 * negative errno: -EBADMSG damaged (a frame of no known kind, data after the end, or damaged
 * compression), -E2BIG a frame above RRD_MAX_FRAME_SIZE or a window above 128 MiB, -EIO and others
 * of read(2), -ENOMEM. `error` may be NULL. After 0 or an error the next call gives the same again.
 */
__attribute__((warn_unused_result)) int
rrd_reader_next(struct rrd_reader *reader, struct rrd_frame *ret_frame, struct rrd_error *error);

/*
 * Passes over what lies before `offset`, where a frame begins that the caller knows of. Does
 * nothing where that is not ahead, or the recording has to be read from the start: see
 * byte_source_skip_to.
 */
void rrd_reader_skip_to(struct rrd_reader *reader, uint64_t offset);

/* Frees memory, closes what rrd_reader_open opened. NULL, and a reader that never opened, are
 * allowed. */
void rrd_reader_done(struct rrd_reader *reader);
