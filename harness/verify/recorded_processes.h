/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes of a recording: what stands in their rows (harness/process_schema.h), and the tree
 * that follows from it.
 *
 * The recording names images: what one exec made. A process here is its first image; the later ones
 * hang on it in the order in which they came. Not thread-safe while it grows.
 */
#pragma once

#include "harness/verify/process_selector.h"
#include "harness/verify/string_pool.h"
#include "harness/wire/chunk_decoder.h"

#include <stdint.h>

#define NO_PROCESS SIZE_MAX

/* The values of one component. */
struct recorded_texts {
    size_t n;
    char **texts;
};

struct recorded_process {
    char *name; /* as in the recording; "" for rows that name no process */
    /* From the row of its beginning. Texts are NULL until it was seen. */
    bool has_begun;
    int64_t began_ns; /* 0 unknown */
    int64_t pid;      /* 0 unknown */
    int64_t parent_pid;
    char *parent, *image_of, *made_by, *executable;
    struct recorded_texts args;
    /* From the row of its end. */
    bool has_ended;
    int64_t ended_ns;
    char *ended_by, *seen_by, *target;
    int64_t status;                                                   /* -1 unknown */
    int64_t rows_logged, rows_stored;                                 /* -1 unknown */
    struct recorded_texts providers, not_covered, timed_out, viewers; /* its notes */
    /* Made by process_roles_arrange. */
    size_t head;            /* its first image: itself, unless an exec made it of another */
    size_t next_image;      /* what exec made of it, or NO_PROCESS */
    size_t parent_index;    /* head of the process that made it, or NO_PROCESS */
    enum process_role role; /* as its head's */
    unsigned birth;         /* among the processes of its role, from 1; 0 for later images */
    const char *program;    /* file name of its executable; "": not known; NULL: not arranged */
    unsigned program_birth; /* its process's among those that were this program, from 1 */
};

struct recorded_processes {
    struct string_pool names; /* number = index */
    size_t n, capacity;
    struct recorded_process *processes; /* in the order in which the recording names them */
    size_t *by_birth; /* n_heads first images: role, then birth. Made by process_roles_arrange */
    size_t n_heads;
};

void recorded_processes_init(struct recorded_processes *table);
void recorded_processes_done(struct recorded_processes *table);

/* Finds the image of that name, or adds one of which nothing is known yet. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int recorded_processes_find(struct recorded_processes *table,
                                                                struct string_view name,
                                                                size_t *ret_index);

/*
 * Takes what row `row` of a process's entity says. Returns 0; -EBADMSG: a component has another
 * type than it should; -ENOMEM.
 */
__attribute__((warn_unused_result)) int recorded_processes_read(struct recorded_processes *table,
                                                                size_t index,
                                                                const struct chunk *chunk,
                                                                size_t row);

/* Returns the last image of a process: that which tells how it ended. */
const struct recorded_process *recorded_processes_last_image(const struct recorded_processes *table,
                                                             size_t head);
