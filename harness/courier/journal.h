/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The courier's memory across its own death: SESSION/journal, a mapped file.
 *
 * It says which file is the outbox, up to where outbox and event log hold what is committed, and,
 * while a commit is under way, the read positions that belong to it. A commit is one store
 * (IDLE -> COMMITTING): before it nothing has happened, after it everything is done, if need be by
 * the courier that comes next. So rows leave the spools and arrive in the recording in one step.
 *
 *     1. bytes are appended to outbox and event log, beyond the committed offsets
 *     2. journal_prepare: entries and new offsets
 *     3. journal_commit: COMMITTING, with release
 *     4. the caller stores the read positions into the spools
 *     5. journal_finish: the new offsets become the committed ones, IDLE
 *
 * Death before 3: the next courier cuts both files back. Death after 3: it does 4 and 5 again.
 * Owned by the one courier that holds the session's lock.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define JOURNAL_NAME        "journal" /* in the session directory */
#define JOURNAL_MAX_ENTRIES 4096u     /* read positions of one commit */

/* The first record of a block that is not in the recording. */
struct journal_entry {
    uint64_t family;
    uint32_t block;
    uint32_t position;
};

enum journal_phase {
    JOURNAL_OPEN = 1,     /* the outbox `part` takes rows */
    JOURNAL_PLACED = 2,   /* `output` is whole; its first `outbox_size` bytes, decompressed if it is
                             compressed, are rows */
    JOURNAL_CLEANING = 3, /* all is delivered: what is left of the session can go */
};

/* Which file is meant, whatever it is called by now. */
struct journal_file_id {
    uint64_t device;
    uint64_t inode;
    uint64_t size;     /* of the placed one: another size or time says that somebody changed it */
    uint64_t mtime_ns; /* of the placed one */
};

struct journal_page; /* as it lies in the file */

struct journal {
    struct journal_page *page;
    int session; /* the caller's descriptor of the session directory */
};

/* What identifies the recording; paths are absolute and shorter than PATH_MAX. */
struct journal_target {
    const char *output; /* the final recording */
    const char *part;   /* the outbox */
};

/*
 * Makes the journal of a session that has none (or replaces the one there is), in phase OPEN with
 * nothing committed. Its room is taken now, so that no later store can fail. The descriptor
 * `session` must stay open as long as the journal. Returns 0, -ENAMETOOLONG, -ENOSPC, and others of
 * open(2).
 */
__attribute__((warn_unused_result)) int journal_create(struct journal *journal, int session,
                                                       const struct journal_target *target);

/*
 * Opens the journal of a session. Returns 0; -ENOENT: there is none; -EBADMSG: damaged;
 * -EPROTONOSUPPORT: another version; and others of open(2).
 */
__attribute__((warn_unused_result)) int journal_open(struct journal *journal, int session);

/* Unmaps; the file stays. A journal of zeros is allowed. */
void journal_close(struct journal *journal);

/* Removes the file, and a new one that nobody lived to put into its place. */
void journal_remove(int session);

const char *journal_output(const struct journal *journal);
const char *journal_part(const struct journal *journal);
enum journal_phase journal_phase(const struct journal *journal);
struct journal_file_id journal_file_id(const struct journal *journal);   /* the outbox */
struct journal_file_id journal_placed_id(const struct journal *journal); /* PLACED: the output */
uint64_t journal_outbox_size(const struct journal *journal);             /* bytes committed */
uint64_t journal_events_size(const struct journal *journal); /* likewise of the event log */

/* Notes, for every courier to come, that command lines stay out of the recording; and tells so. */
void journal_hide_args(struct journal *journal);
bool journal_hides_args(const struct journal *journal);

/* Tells which file that is. */
struct journal_file_id journal_identify(const struct stat *status);

/* Notes which file the outbox is. Before a name leads to it, or a restart would not know it. */
void journal_set_file(struct journal *journal, const struct stat *status);

/* PLACED: notes that there is no outbox beside the output any more. */
void journal_forget_file(struct journal *journal);

/* Notes that the output is in its place and which file it is, the outbox or one that was made of
 * it; or that everything is done. */
void journal_set_placed(struct journal *journal, const struct stat *status);
void journal_set_cleaning(struct journal *journal);

/*
 * Back to OPEN because more rows have come, in one step (a new file takes the journal's place): the
 * outbox `part` is a new file, whose first outbox_size bytes are committed; the events stay. Errors
 * as journal_create; on error nothing has changed.
 */
__attribute__((warn_unused_result)) int journal_reopen(struct journal *journal,
                                                       const struct journal_target *target,
                                                       const struct stat *status,
                                                       uint64_t outbox_size);

/* The steps of a commit, in this order. n_entries: at most JOURNAL_MAX_ENTRIES; copied. */
void journal_prepare(struct journal *journal, const struct journal_entry *entries, size_t n_entries,
                     uint64_t outbox_size, uint64_t events_size);
void journal_commit(struct journal *journal);
void journal_finish(struct journal *journal);

/*
 * Tells whether a commit was not finished, and gives its entries: to be stored into the spools
 * (those that are gone had been read to their end) before journal_finish.
 */
bool journal_unfinished(const struct journal *journal, const struct journal_entry **ret_entries,
                        size_t *ret_n_entries);
