/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows of one process that are judged each by itself, before their order is: forbidden ones, and
 * others that a file lets pass. A part of match.
 */
#pragma once

#include "harness/verify/expected_sequence.h"
#include "harness/verify/match.h"

struct row_filter {
    struct match *match;
    struct row_comparison *comparison;
    const struct recorded_processes *table;
    size_t head; /* of the process */
    const struct expected_sequence *expected;
    const struct bindings *bindings; /* before the first row */
};

/*
 * Adds a finding for each forbidden row. Takes out of `rows` those that fit no entry and are
 * forbidden or allowed, and counts the allowed ones in match->n_others. `*n_rows` becomes their new
 * number. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int
row_filter_run(const struct row_filter *filter, const struct recorded_row **rows, size_t *n_rows);
