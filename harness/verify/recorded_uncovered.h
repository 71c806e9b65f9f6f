/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The programs of a recording that the shim did not enter: the rows of UNCOVERED_ENTITY
 * (harness/process_schema.h). Not thread-safe while it grows.
 */
#pragma once

#include "harness/wire/chunk_decoder.h"

#include <stddef.h>
#include <stdint.h>

/* Texts are never NULL. */
struct recorded_uncovered {
    int64_t time_ns;
    int64_t pid;
    char *parent, *image_of; /* names of processes, "" not known */
    char *made_by, *executable, *reason;
    char *ended_by, *seen_by;
    int64_t status; /* -1 unknown */
};

struct recorded_uncovered_list {
    size_t n, capacity;
    struct recorded_uncovered *all; /* in the order of the recording */
    int64_t n_more;                 /* that are counted only */
};

/* Adds what row `row` of the entity's chunk says. Begin with zeros. Returns 0; -EBADMSG: a
 * component has another type than it should; -ENOMEM. */
__attribute__((warn_unused_result)) int
recorded_uncovered_read(struct recorded_uncovered_list *list, const struct chunk *chunk,
                        size_t row);

/* Frees everything. */
void recorded_uncovered_done(struct recorded_uncovered_list *list);
