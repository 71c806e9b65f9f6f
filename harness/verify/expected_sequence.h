/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is expected of one process: the entries that cover it, in the order of the file, each as
 * often as its count says. Not thread-safe.
 *
 * A slot is a place for a row. An entry has as many as there must be rows of it, and behind these
 * one for each row that there may be besides. Where these would be very many, one slot stands for
 * all of them and takes any number of rows.
 */
#pragma once

#include "harness/verify/alignment.h"
#include "harness/verify/expectation.h"
#include "harness/verify/recorded_processes.h"

struct expected_sequence {
    size_t n_entries;
    const struct expected_row **entries;
    uint64_t *ends; /* for each entry, the number of slots up to it and with it */
    uint64_t n_slots;
    /* Slots at the beginning and at the end that each take one row, whatever lies between. */
    uint64_t n_first_required, n_last_required;
};

/* For the process with that first image. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int
expected_sequence_init(struct expected_sequence *sequence, const struct expectation *expectation,
                       const struct recorded_processes *table, size_t head);
void expected_sequence_done(struct expected_sequence *sequence);

/* Tells whether some entry's count is a range. */
bool expected_sequence_has_ranges(const struct expected_sequence *sequence);

/* Returns the number of the entry that slot i (below n_slots) is of. */
size_t expected_sequence_entry(const struct expected_sequence *sequence, uint64_t i);

/* Returns that entry. */
const struct expected_row *expected_sequence_at(const struct expected_sequence *sequence,
                                                uint64_t i);

/* Tells whether a row must, may, or rows may lie in slot i. */
enum alignment_need expected_sequence_need(const struct expected_sequence *sequence, uint64_t i);

/* Returns how many slots, from i on, are of the same entry and need as i. */
uint64_t expected_sequence_left(const struct expected_sequence *sequence, uint64_t i);
