/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads one spool: what its writers have committed and the recording does not hold yet, each record
 * once, in order within a thread.
 *
 * Reading has two positions in a block: how far it was read, here, and how far that is committed,
 * in the spool. The caller commits what it got and says so; only then positions are stored and
 * blocks given back.
 *
 *     spool_reader_pass ... spool_reader_pass     records come to `record`
 *     spool_reader_dirty                          which positions go into the journal
 *     spool_reader_store                          they are in: store them into the spool
 *     spool_reader_committed                      the journal is done with them: free blocks
 */
#pragma once

#include "harness/courier/block_copy.h"
#include "harness/courier/journal.h"
#include "harness/courier/writer_list.h"
#include "sdk/record/record.h"

struct spool_reader;

/* A record, in private memory that is good until the callback returns. */
struct spool_reader_record {
    struct writer *writer;    /* NULL for definitions */
    uint64_t *last_time_ns;   /* the caller's, one for each thread, 0 at first; NULL likewise */
    struct writer_hold *hold; /* likewise */
    uint16_t kind;            /* never one of the fragments: those come joined */
    uint64_t time_ns;
    const void *payload; /* aligned to 8 */
    size_t size;
};

struct spool_reader_calls {
    void *context;

    /* A process has turned up. Returns 0 or a negative errno, which ends the pass. */
    int (*found)(void *context, struct writer *writer);

    /*
     * One record. Returns 0; 1: it was taken, and the pass should end; -EBUSY: it was not taken,
     * and its thread must wait for the next pass; or another negative errno: it was not taken, and
     * the pass ends. Definitions (RECORD_DEFINE_*) can come more than once.
     */
    int (*record)(void *context, const struct spool_reader_record *record);

    /* A row of this writer's cannot be read, or (n_rows 0) it is not known how many. */
    int (*damaged)(void *context, struct writer *writer, uint64_t n_rows, const char *what);

    /* A writer that is dead has no block any more, and everything is committed: it can go. Its
     * writer counted n_counted rows in the blocks that were freed, the reader n_found. */
    int (*left)(void *context, struct writer *writer, uint64_t n_counted, uint64_t n_found);
};

/*
 * Makes the reader of a spool. `map` must outlive it; `calls` is copied. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int spool_reader_create(const struct spool_map *map,
                                                            const struct spool_reader_calls *calls,
                                                            struct spool_reader **ret_reader);
void spool_reader_destroy(struct spool_reader *reader);

/*
 * Reads what there is. now_ns: CLOCK_MONOTONIC. all_dead: no process maps the spool. max_dirty:
 * ends when so many blocks wait to be committed (a journal has no more room). Returns the number of
 * records; -EAGAIN: stopped early, there is more: commit and call again; -EBADMSG: the file was
 * cut, nothing more can be read; -ENOMEM; or what a callback returned.
 */
__attribute__((warn_unused_result)) int
spool_reader_pass(struct spool_reader *reader, uint64_t now_ns, bool all_dead, size_t max_dirty);

/* Reads definitions alone, also in a pass, from `record`. Returns 0, or as spool_reader_pass. */
__attribute__((warn_unused_result)) int spool_reader_definitions(struct spool_reader *reader);

/* How many blocks have been read further than is committed. */
size_t spool_reader_n_dirty(const struct spool_reader *reader);

/* Fills in the entries of these, of which there are spool_reader_n_dirty. */
void spool_reader_dirty(const struct spool_reader *reader, struct journal_entry *entries);

/* Stores the read positions of what the journal has committed. Cannot fail. */
void spool_reader_store(struct spool_reader *reader);

/*
 * Says that what was read is committed: gives read blocks back, and wakes who waits for that or for
 * the positions. Returns 0 or what `left` returned.
 */
__attribute__((warn_unused_result)) int spool_reader_committed(struct spool_reader *reader);

/*
 * Gives the memory of up to n blocks that are free back to the file system; they are as if they had
 * never been used. Returns how many.
 */
size_t spool_reader_release_memory(struct spool_reader *reader, size_t n);

/* Recycles the slot of a writer that has left, and forgets it. */
void spool_reader_forget(struct spool_reader *reader, struct writer *writer);

/*
 * Looks for threads of living processes that are gone: nothing more comes into their blocks.
 * Costs a system call for each idle block: call it now and then.
 */
void spool_reader_check_threads(struct spool_reader *reader);

/* Tells whether all that was written is read and committed (which is final once all are dead). */
bool spool_reader_is_drained(const struct spool_reader *reader);

/* Calls `visit` with every writer. */
void spool_reader_visit(struct spool_reader *reader,
                        void (*visit)(void *context, struct writer *writer), void *context);

/* Rows that found no room, as the writers count them; and whether somebody waits for progress. */
uint64_t spool_reader_rows_refused(const struct spool_reader *reader);
bool spool_reader_has_waiters(const struct spool_reader *reader);

/* Tells the writers that a courier serves this spool, or (pid 0) that none does any more. */
void spool_reader_serve(struct spool_reader *reader, uint32_t courier_pid);
