/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes that write into one spool, and their threads.
 */
#pragma once

#include "harness/courier/fragment_join.h"
#include "harness/courier/spool_map.h"

/* A process that writes, or wrote, into the spool. */
struct writer {
    uint64_t serial; /* in the family */
    uint32_t slot;
    uint32_t pid; /* in its pid namespace; 0 when its slot was never seen */
    uint32_t parent_pid;
    uint64_t parent_serial;
    uint64_t claimed_ns; /* CLOCK_BOOTTIME */

    /* The caller's. */
    bool is_dead;    /* set before a pass: nothing more will come from it */
    bool is_watched; /* its pid means that process here, too */
    void *owner;

    /* The reader's. */
    struct writer_thread *threads;
    uint32_t n_blocks;       /* that are not given back */
    uint64_t n_rows_counted; /* by itself, in the blocks that were given back */
    uint64_t n_rows_found;   /* in these */
    bool is_searched;        /* for blocks, since it was dead */
    bool has_left;
};

/* Why a record of a thread is not taken yet. Zeros: it was not looked at. */
struct writer_hold {
    uint64_t round;   /* in which it was met */
    uint64_t commits; /* how many there were when the rows before it had been read */
};

struct writer_thread {
    struct writer *writer;
    struct writer_thread *next;
    uint32_t tid;
    uint32_t n_blocks;
    uint64_t last_chain;     /* of its newest block */
    uint64_t last_time_ns;   /* the caller's */
    struct writer_hold hold; /* likewise */
    uint64_t held_in_pass;   /* number of the pass in which its later blocks must wait, */
    uint64_t stuck_in_pass;  /* and in which they are read while an earlier one cannot be */
    bool is_gone;
    struct fragment_join join; /* of the large record that it writes */
};

struct writer_list {
    struct writer **all;
    size_t n, capacity;
    struct writer **by_slot; /* n_slots; the one whose slot was seen last, or NULL */
    uint32_t n_slots;
    uint64_t next_serial; /* of the header, when slots were looked at last */
};

/* Makes the list of a spool. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int writer_list_init(struct writer_list *list,
                                                         const struct spool_map *map);
void writer_list_done(struct writer_list *list);

/*
 * Looks for processes that have turned up since the last call; `found` is called with each, once
 * it is in the list. Returns 0, -ENOMEM, -EFAULT (the header's page is missing), or what `found`
 * returned.
 */
__attribute__((warn_unused_result)) int
writer_list_update(struct writer_list *list, const struct spool_map *map,
                   int (*found)(void *context, struct writer *writer), void *context);

/*
 * Finds the writer with that serial, whose slot should be `slot` (any number). Returns NULL when
 * there is none: update first.
 */
struct writer *writer_list_find(const struct writer_list *list, uint32_t slot, uint64_t serial);

/* Adds a writer of which only a block is known. NULL: out of memory. */
struct writer *writer_list_add_unseen(struct writer_list *list, uint64_t serial);

/* Gives the writer's slot back to the processes to come, and frees it. */
void writer_list_remove(struct writer_list *list, const struct spool_map *map,
                        struct writer *writer);

/* Finds or makes a thread of the writer's. NULL: out of memory. */
struct writer_thread *writer_thread_get(struct writer *writer, uint32_t tid);

/* Frees a thread that has no block. */
void writer_thread_remove(struct writer_thread *thread);
