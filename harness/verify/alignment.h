/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lays a sequence of found things beside a sequence of expected ones, so that as little as possible
 * has to be called missing, extra or different: the edit distance, as diff(1) has it for lines,
 * with expected things that may be absent or come again.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum alignment_step {
    ALIGNMENT_PAIR,    /* the next expected one with the next found one */
    ALIGNMENT_MISSING, /* the next expected one was not found */
    ALIGNMENT_EXTRA,   /* the next found one was not expected */
    ALIGNMENT_AGAIN,   /* the next found one with the expected one of the last step that had one */
};

enum alignment_need {
    ALIGNMENT_REQUIRED,   /* once */
    ALIGNMENT_OPTIONAL,   /* once, or not at all at no cost */
    ALIGNMENT_REPEATABLE, /* any number of times, or not at all at no cost */
};

/* Costs: of a pair that fits 0, of one that differs less than the two steps it stands for. */
#define ALIGNMENT_COST_SINGLE 4          /* of a missing or extra one */
#define ALIGNMENT_NO_PAIR     UINT32_MAX /* these two are never laid beside each other */

/* Compared cell by cell up to here, else one after the other. */
#define ALIGNMENT_MAX_CELLS ((size_t)1 << 20)

struct alignment {
    size_t n_expected, n_found;
    /* The cost of a pair. */
    uint32_t (*cost)(void *context, size_t expected, size_t found);
    /* NULL: all are required. */
    enum alignment_need (*need)(void *context, size_t expected);
    void *context;
};

/* Fills `steps` (room for n_expected + n_found) and returns how many there are, or -ENOMEM. */
__attribute__((warn_unused_result)) ptrdiff_t alignment_find(const struct alignment *alignment,
                                                             enum alignment_step *steps);
