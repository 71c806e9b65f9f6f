/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Counts are not written out: a count of a billion takes as much memory as a count of one. */
#include "harness/verify/expected_sequence.h"

#include "harness/verify/process_programs.h"

#include <errno.h>
#include <stdlib.h>

int expected_sequence_init(struct expected_sequence *sequence,
                           const struct expectation *expectation,
                           const struct recorded_processes *table, size_t head)
{
    *sequence = (struct expected_sequence){
        .entries = calloc(expectation->n_rows + 1, sizeof *sequence->entries),
        .ends = calloc(expectation->n_rows + 1, sizeof *sequence->ends),
    };
    if (sequence->entries == NULL || sequence->ends == NULL) {
        expected_sequence_done(sequence);
        return -ENOMEM;
    }
    for (size_t i = 0; i < expectation->n_rows; i++) {
        const struct expected_row *entry = &expectation->rows[i];
        if (process_is_meant(table, head, &entry->selector)) {
            sequence->n_rows += entry->count;
            sequence->ends[sequence->n_entries] = sequence->n_rows;
            sequence->entries[sequence->n_entries++] = entry;
        }
    }
    return 0;
}

void expected_sequence_done(struct expected_sequence *sequence)
{
    free(sequence->entries);
    free(sequence->ends);
    *sequence = (struct expected_sequence){0};
}

/* The first entry that ends behind i. */
static size_t find_entry(const struct expected_sequence *sequence, uint64_t i)
{
    size_t low = 0, high = sequence->n_entries - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (i < sequence->ends[middle]) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

const struct expected_row *expected_sequence_at(const struct expected_sequence *sequence,
                                                uint64_t i)
{
    return sequence->entries[find_entry(sequence, i)];
}

uint64_t expected_sequence_left(const struct expected_sequence *sequence, uint64_t i)
{
    return sequence->ends[find_entry(sequence, i)] - i;
}
