/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The recording while it is being written: OUTPUT.part, beside the output, on its file system. It
 * is not compressed, whatever the output is to be.
 *
 * The journal knows the file by its inode, so a file of that name that somebody else made is never
 * touched. A new outbox gets its name only once the journal knows it: first it is called
 * OUTPUT.part.ID, ID being the session's, so that a courier that died in between finds it again.
 */
#pragma once

#include "harness/courier/journal.h"
#include "harness/wire/rrd_error.h"
#include "harness/wire/zstd_copy.h"

struct outbox {
    int file;      /* -1 while the output is placed and nothing more has come */
    uint64_t size; /* bytes committed */
};

/*
 * Makes or finds the outbox and the journal of a session, and cuts the outbox back to what is
 * committed. `id` names the session. output: absolute path of the recording, NULL for the one that
 * the journal knows. An outbox that was meant for another output moves: its rows are copied.
 * has_more: there are spools, so a recording that was whole already must be written on. Without it
 * the phase of the journal can be PLACED (only what comes after placing is left to be done) or
 * CLEANING (nothing is), and outbox->file is -1; else it is OPEN. On success both are the caller's
 * to close.
 *
 * Errors: -EINVAL: no output was given and the journal knows none; -EEXIST: OUTPUT.part belongs to
 * somebody else, or OUTPUT is not this session's recording any more; -ENOENT: the outbox has
 * vanished; -EBADMSG: it is shorter than what was committed, or the journal is damaged; others from
 * the file system. `error` names the file and the remedy.
 */
__attribute__((warn_unused_result)) int outbox_open(struct outbox *outbox, struct journal *journal,
                                                    int session, const char *id, const char *output,
                                                    bool has_more, struct rrd_error *error);

void outbox_close(struct outbox *outbox);

/*
 * Writes `size` bytes behind the committed ones; they count once the caller raises outbox->size.
 * Returns 0 or the negative errno of pwrite(2): then the same bytes may be tried again.
 */
__attribute__((warn_unused_result)) int outbox_write(const struct outbox *outbox, const void *bytes,
                                                     size_t size);

/* Cuts off everything that is not committed. Returns 0 or the negative errno of ftruncate(2). */
__attribute__((warn_unused_result)) int outbox_cut(const struct outbox *outbox);

/*
 * Makes the outbox, footer and all, the output: syncs it to the disk, renames it, and notes that in
 * the journal. An output whose name ends in .zst is made of the outbox by compressing it, and the
 * outbox goes then; `id` as for outbox_open, `progress` (may be NULL) hears of it. Returns 0; the
 * negative errno of fsync(2) or rename(2), or as packed_file_make: the outbox is as it was then.
 */
__attribute__((warn_unused_result)) int outbox_place(struct outbox *outbox, struct journal *journal,
                                                     const char *id,
                                                     const struct zstd_progress *progress);
