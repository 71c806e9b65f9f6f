/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Text that can be written only when all cases are done. It lies in a file without a name, since a
 * thousand failures with a megabyte of details each are not for memory. Not thread-safe.
 */
#pragma once

#include <stdio.h>

/* Begin with zeros. */
struct held_text {
    FILE *file; /* NULL while nothing was held */
};

/* Returns where to write; made at the first call. NULL when that fails, with the cause in errno. */
FILE *held_text_open(struct held_text *held);

/* Appends what was written to `out`. Returns 0, or a negative errno when it could not all be kept
 * or read, -EIO where the cause is not known any more; errors of `out` are its own. */
__attribute__((warn_unused_result)) int held_text_copy(struct held_text *held, FILE *out);

/* Lets the text go. */
void held_text_done(struct held_text *held);
