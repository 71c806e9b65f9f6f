/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the courier writes: rows into the outbox, events into their log, both in one step with the
 * read positions of the spools.
 *
 *     recorder_row, recorder_event ...      into memory
 *     recorder_write                        onto the files, not counting yet
 *     recorder_commit(entries)              counts, if the process dies now
 *     (the caller stores the read positions into the spools)
 *     recorder_finish_commit                done
 */
#pragma once

#include "harness/courier/chunk_table.h"
#include "harness/courier/event_log.h"
#include "harness/courier/journal.h"
#include "harness/courier/outbox.h"
#include "harness/courier/process_table.h"
#include "harness/courier/recording_table.h"

#define RECORDER_BATCH_SIZE ((size_t)32 << 20) /* bytes of records that wait at most */

struct recorder {
    int session; /* the caller's */
    struct journal journal;
    struct outbox outbox;
    struct event_log events;
    struct process_table processes;
    struct recording_table recordings;
    struct store *changed; /* those of which anything waits to be committed */
    struct chunk_table *chunks;
    struct chunk_workspace workspace;
    struct tuid_generator ids;
    struct buffer out;             /* frames for the outbox */
    bool has_pending;              /* anything that is not committed */
    uint64_t commits;              /* by this recorder, and 1 */
    bool events_failed;            /* it was the event log that could not be written */
    struct rrd_error first_damage; /* text is "" as long as nothing was found damaged */
};

/*
 * Opens outbox, journal and event log of a session, and learns from them what earlier couriers have
 * stored. `id` names the session; output and has_more: as outbox_open. redo_commit must have come
 * before. Returns 0, -ENOMEM, or as outbox_open. In the phase CLEANING only the journal is open.
 */
__attribute__((warn_unused_result)) int recorder_open(struct recorder *recorder, int session,
                                                      const char *id, const char *output,
                                                      bool has_more, struct rrd_error *error);
void recorder_close(struct recorder *recorder);

/* Adds an event and lets the process table know. Returns 0, -EBADMSG (payload too short for its
 * kind, or too long: not added), -ENOMEM, -E2BIG (too many wait: commit). */
__attribute__((warn_unused_result)) int recorder_event(struct recorder *recorder,
                                                       const struct event *event,
                                                       const void *payload, size_t size);

/* Appends what a recording must say of a store before its first row, unless it was said. 0,
 * -ENOMEM.
 */
__attribute__((warn_unused_result)) int recorder_announce(struct recorder *recorder,
                                                          struct store *store);

/* Takes in a definition of a recording. Returns 0, -EBADMSG, -ENOMEM, -E2BIG. */
__attribute__((warn_unused_result)) int recorder_define(struct recorder *recorder, uint64_t family,
                                                        uint64_t time_ns, const void *payload,
                                                        size_t size);

/*
 * Takes in the payload of a row. last_time_ns: of its thread; row ids never go back within one.
 * Returns 0; -ENOENT: a definition is missing; -EBADMSG: the row is damaged; -ENOMEM.
 */
__attribute__((warn_unused_result)) int recorder_row(struct recorder *recorder,
                                                     struct process *process,
                                                     const struct component_table *components,
                                                     uint64_t time_ns, uint64_t *last_time_ns,
                                                     const void *payload, size_t size);

/* Notes that `n_rows` rows of a process cannot be read, and why. Returns as recorder_event. */
__attribute__((warn_unused_result)) int recorder_damage(struct recorder *recorder,
                                                        const struct process *process,
                                                        uint64_t n_rows, const char *what);

/* Must a commit come before more is read? */
bool recorder_is_full(const struct recorder *recorder);

/*
 * Writes what waits behind the committed ends of the files. Returns 0, -ENOMEM, or the negative
 * errno of pwrite(2): then it can be called again.
 */
__attribute__((warn_unused_result)) int recorder_write(struct recorder *recorder);

/* After recorder_write. n_entries: at most JOURNAL_MAX_ENTRIES. */
void recorder_commit(struct recorder *recorder, const struct journal_entry *entries,
                     size_t n_entries);
void recorder_finish_commit(struct recorder *recorder);
