/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whether the rows of a process can be given to its entries, in order and with no row left, when
 * the entries say ranges of counts. Taking as many rows as fit is not enough: the next entry may
 * need one of them. Not thread-safe.
 */
#pragma once

#include "harness/verify/pattern.h"

#include <stdbool.h>
#include <stdint.h>

/* Comparisons are tried up to this, and as many again for each row as the second says. */
#define ROW_ASSIGNMENT_MAX_TRIES     ((uint64_t)1 << 24)
#define ROW_ASSIGNMENT_TRIES_PER_ROW 8

struct row_assignment {
    size_t n_entries, n_rows;
    /* How many rows entry i takes, at least and at most (UINT64_MAX: any number). */
    uint64_t (*min)(const void *context, size_t entry);
    uint64_t (*max)(const void *context, size_t entry);
    /* Tells whether a row fits an entry. `bindings` get the meaning of names that are shared with
     * other rows; the less is bound, the more fits. */
    bool (*fits)(void *context, size_t entry, size_t row, struct bindings *bindings);
    void *context;
    const struct bindings *bindings; /* before the first row */
    bool has_shared_names;           /* else `fits` binds nothing */
};

/*
 * Returns 1: there is a way; 0: there is none; -E2BIG: none was found within the bounds; -ENOMEM.
 * Memory: in proportion to the entries and to the changes between fitting and not fitting.
 */
__attribute__((warn_unused_result)) int
row_assignment_exists(const struct row_assignment *assignment);
