/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Counts are not written out: a count of a billion takes as much memory as a count of one. */
#include "harness/verify/expected_sequence.h"

#include "harness/verify/process_programs.h"

#include <errno.h>
#include <stdlib.h>

#define MAX_OPTIONAL 64 /* slots of one entry for rows that may be there; beyond, one for all */

static uint64_t count_optional(const struct expected_row *entry)
{
    uint64_t n = entry->max_count - entry->min_count;
    return n <= MAX_OPTIONAL ? n : 1;
}

/* Slots that take one row each are counted from both sides. */
static void add_entry(struct expected_sequence *sequence, const struct expected_row *entry)
{
    if (!expected_sequence_has_ranges(sequence)) {
        sequence->n_first_required += entry->min_count;
    }
    sequence->n_last_required =
        entry->min_count < entry->max_count ? 0 : sequence->n_last_required + entry->min_count;
    sequence->n_slots += entry->min_count + count_optional(entry);
    sequence->ends[sequence->n_entries] = sequence->n_slots;
    sequence->entries[sequence->n_entries++] = entry;
}

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
            add_entry(sequence, entry);
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

bool expected_sequence_has_ranges(const struct expected_sequence *sequence)
{
    return sequence->n_first_required < sequence->n_slots;
}

/* The first entry that ends behind i. */
size_t expected_sequence_entry(const struct expected_sequence *sequence, uint64_t i)
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
    return sequence->entries[expected_sequence_entry(sequence, i)];
}

/* The first slot of an entry that need not be filled. */
static uint64_t first_optional(const struct expected_sequence *sequence, size_t entry)
{
    return sequence->ends[entry] - count_optional(sequence->entries[entry]);
}

enum alignment_need expected_sequence_need(const struct expected_sequence *sequence, uint64_t i)
{
    size_t number = expected_sequence_entry(sequence, i);
    const struct expected_row *entry = sequence->entries[number];
    if (i < first_optional(sequence, number)) {
        return ALIGNMENT_REQUIRED;
    }
    return entry->max_count - entry->min_count <= MAX_OPTIONAL ? ALIGNMENT_OPTIONAL
                                                               : ALIGNMENT_REPEATABLE;
}

uint64_t expected_sequence_left(const struct expected_sequence *sequence, uint64_t i)
{
    size_t entry = expected_sequence_entry(sequence, i);
    uint64_t optional = first_optional(sequence, entry);
    return i < optional ? optional - i : sequence->ends[entry] - i;
}
