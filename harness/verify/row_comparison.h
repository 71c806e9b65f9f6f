/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compares one row with what is expected of it.
 * Not thread-safe: a comparison holds scratch memory.
 */
#pragma once

#include "harness/verify/expectation.h"
#include "harness/verify/recorded_row.h"

/* What can differ; a bit each. */
enum row_field {
    FIELD_ENTITY = 1,
    FIELD_TEXT = 2,
    FIELD_LEVEL = 4,
    FIELD_COLOR = 8,
    FIELD_BOXES = 16,
    FIELD_LABELS = 32,
    FIELD_RECORDING = 64,
    FIELD_APPLICATION = 128,
    FIELD_TIMES = 256,
    FIELD_STATIC = 512,
    FIELD_LAST = FIELD_STATIC,
};

struct row_comparison {
    const struct expectation *expectation;
    bool has_shared_names;            /* the expectation has some */
    struct pattern_subject *subjects; /* room for all patterns of any entry */
};

/* Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int row_comparison_init(struct row_comparison *comparison,
                                                            const struct expectation *expectation);
void row_comparison_done(struct row_comparison *comparison);

/*
 * Returns the fields that differ; 0: the row is as expected, and names that several entries share
 * have got their meaning in `bindings`. There {pid} is to be bound where it is known.
 */
unsigned row_comparison_run(struct row_comparison *comparison, const struct expected_row *expected,
                            const struct recorded_row *row, struct bindings *bindings);

#define ROW_NOTE_SIZE 160

/*
 * Says which name has another meaning than the row gives it: "{pid} is 42 here, not 17". Empty when
 * the row would not fit whatever the names meant.
 */
void row_comparison_explain(struct row_comparison *comparison, const struct expected_row *expected,
                            const struct recorded_row *row, const struct bindings *bindings,
                            char note[static ROW_NOTE_SIZE]);
