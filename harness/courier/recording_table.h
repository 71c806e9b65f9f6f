/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The recordings of a session: stores, and the streams that lead to them.
 *
 * A stream is what a RECORD_DEFINE_RECORDING says: a store, and maybe sinks that a program named.
 * Streams of one store may come from any number of families. Nothing is ever removed, as files are
 * written at the end.
 */
#pragma once

#include "harness/wire/key_index.h"
#include "harness/wire/message.h"
#include "sdk/record/record.h"

struct stream;

/* A recording, or blueprint, of the session's. */
struct store {
    struct store_id id;    /* application id normalised; own memory */
    bool is_announced;     /* its SetStoreInfo is in the outbox, or on the way to it */
    bool has_properties;   /* likewise its start time */
    uint64_t first_offset; /* in the outbox, at a frame: nothing of it lies before; 0 not known */
    uint64_t end_offset;   /* nor behind this, of what is committed; 0 not known */
    bool is_changed;       /* since the last commit, and then in recorder.changed */
    struct store *next_changed;
    uint64_t changed_in; /* recorder.commits when one of both was written; 0: by another courier */
    struct stream **senders; /* of a blueprint: the streams on which it was sent */
    size_t n_senders, senders_capacity;
    struct store *next; /* with the same recording id */
};

struct stream {
    uint64_t family;
    uint32_t id;          /* in the family */
    uint32_t previous_id; /* the stream before its sink changed; 0 none */
    uint32_t flags;       /* RECORDING_* */
    uint64_t time_ns;     /* CLOCK_REALTIME */
    struct store *store;
    uint64_t
        changed_in;     /* recorder.commits when its last row was taken in; 0: by another courier */
    const char **files; /* absolute paths */
    const char **viewers; /* URLs, in no order, for a delivery that is still to be built */
    size_t n_files, n_viewers;
};

struct recording_table {
    struct store **stores; /* in the order in which they turned up */
    size_t n_stores, stores_capacity;
    struct key_index ids;  /* recording ids of stores */
    struct store **newest; /* with each of these */
    size_t newest_capacity;
    struct stream **streams; /* by family and id */
    size_t n_streams, streams_capacity;
};

void recording_table_init(struct recording_table *table);
void recording_table_done(struct recording_table *table);

/* Are these the same store? */
bool recording_table_same(const struct store_id *a, const struct store_id *b);

/* Finds a stream, or returns NULL. Streams and stores stay where they are as long as the table. */
struct stream *recording_table_find(const struct recording_table *table, uint64_t family,
                                    uint32_t id);

/*
 * Takes in the payload of a RECORD_DEFINE_RECORDING, which is copied. *ret_is_new (may be NULL)
 * tells whether the stream was unknown; a known one stays as it is. Returns 0; -EBADMSG: the
 * payload is damaged; -ENOMEM.
 */
__attribute__((warn_unused_result)) int recording_table_add(struct recording_table *table,
                                                            uint64_t family, const void *payload,
                                                            size_t size, bool *ret_is_new);

/* Finds the store with this id, or returns NULL. */
struct store *recording_table_find_store(const struct recording_table *table,
                                         const struct store_id *id);

/* Notes that a blueprint was sent on a stream, once. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int recording_table_send(struct store *blueprint,
                                                             struct stream *stream);

/* Tells whether it was. */
bool recording_table_was_sent(const struct store *blueprint, const struct stream *stream);

/*
 * Finds the store with this id, whose application id must be normalised, or adds it; the strings
 * are copied. NULL: out of memory.
 */
struct store *recording_table_store(struct recording_table *table, const struct store_id *id);
