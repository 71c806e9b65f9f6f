/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is expected of one process: the entries that cover it, in the order of the file, each as
 * often as its count says. Not thread-safe.
 */
#pragma once

#include "harness/verify/expectation.h"
#include "harness/verify/recorded_processes.h"

struct expected_sequence {
    size_t n_entries;
    const struct expected_row **entries;
    uint64_t *ends; /* for each entry, the number of rows up to it and with it */
    uint64_t n_rows;
};

/* For the process with that first image. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int
expected_sequence_init(struct expected_sequence *sequence, const struct expectation *expectation,
                       const struct recorded_processes *table, size_t head);
void expected_sequence_done(struct expected_sequence *sequence);

/* Returns the entry that expected row i (below n_rows) is of. */
const struct expected_row *expected_sequence_at(const struct expected_sequence *sequence,
                                                uint64_t i);

/* Returns how many expected rows, from i on, are of the same entry as i. */
uint64_t expected_sequence_left(const struct expected_sequence *sequence, uint64_t i);
