/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the files of the courier share: courier.c (beginning, and the whole), courier_loop.c (what
 * wakes it), courier_round.c (reading and committing), courier_end.c (finishing), courier_notes.c
 * (what the report tells of processes).
 */
#pragma once

#include "harness/courier/courier.h"
#include "harness/courier/recorder.h"
#include "harness/courier/served_family.h"
#include "harness/courier/sinks.h"
#include "harness/courier/uncovered.h"

#include <limits.h>

struct courier {
    const struct courier_options *options;
    struct rrd_error *error;
    char id[NAME_MAX + 1]; /* of the session: the name of its directory */
    int watch;
    int control; /* -1: no supervisor, or none any more */
    int root;    /* pidfd of the program that `run` started; -1: unknown, or over */
    struct recorder recorder;
    struct sinks sinks;
    struct family_context shared;
    struct served_family **families;
    size_t n_families, capacity;
    bool only_delivers;  /* no program will come any more, nobody waits */
    bool must_finish;    /* now, whoever still lives */
    bool finishes_alone; /* as soon as nobody maps a spool, and the root is over */
    bool was_rung;
    bool is_stalled;           /* the outbox could not be written; the batch waits */
    uint64_t pending_since_ns; /* 0: nothing waits to be committed */
    uint64_t free_since_ns;    /* 0: somebody maps a spool, or the root lives */
    uint64_t next_check_ns;
    uint64_t next_word_ns; /* to the supervisor, of progress */
    int wait_ms;
};

/*
 * courier_round.c: starts to serve the spool `name`. `context` is the courier. A file that is no
 * spool of ours is left alone, and named in the report. 0, -ENOMEM.
 */
__attribute__((warn_unused_result)) int courier_add_family(void *context, const char *name);
struct served_family *courier_find_family(const struct courier *courier, const char *name);

/* Looks which spools nobody maps any more. */
void courier_check_use(struct courier *courier);

/* Is there anything that was read, or heard, and is not committed? */
bool courier_has_pending(const struct courier *courier);

/* Commits it. Returns 0, also when the disk is full and that may pass (is_stalled); -ENOMEM, or
 * from the file system. */
__attribute__((warn_unused_result)) int courier_commit(struct courier *courier);

/* One round: reads everything once, commits if it is time, lets go of what is finished. Returns 1
 * when there was anything to read, 0, or a negative errno. */
__attribute__((warn_unused_result)) int courier_go_round(struct courier *courier);

/* courier_loop.c: rounds until the session is to be finished. 0, or a negative errno. */
__attribute__((warn_unused_result)) int courier_serve(struct courier *courier);

/* Watches session and supervisor. 0, or a negative errno. */
__attribute__((warn_unused_result)) int courier_watch(struct courier *courier);

/* courier_end.c: reads what is there now. 0, or a negative errno. */
__attribute__((warn_unused_result)) int courier_read_rest(struct courier *courier);

/* Tells the supervisor, while finishing, that the recording has `bytes` now; not too often. */
void courier_tell_progress(struct courier *courier, uint64_t bytes);

/* Writes the files of one stream now: struct family_context.finish_stream. */
void courier_finish_stream(void *courier, const struct stream *stream);

/* courier_notes.c: counts notes and programs that were not covered in `report`, and tells the
 * supervisor of them. 0, -ENOMEM, or the negative errno of pread(2). */
__attribute__((warn_unused_result)) int courier_tell_notes(struct courier *courier,
                                                           const struct uncovered *uncovered,
                                                           size_t n_uncovered,
                                                           struct courier_message *report);

/* Everything from the processes' rows to the last trace. 0, or a negative errno. */
__attribute__((warn_unused_result)) int courier_end(struct courier *courier,
                                                    struct courier_message *report);
