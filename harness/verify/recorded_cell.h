/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One value of a chunk that tells of processes. Thread-safe, no state. */
#pragma once

#include "harness/wire/chunk_decoder.h"

#include <stdint.h>

/* The values of a component in a row; none where the chunk does not have it. */
struct chunk_values recorded_cell(const struct chunk *chunk, const char *component, size_t row);

/* Reads a number; leaves *ret_value where the row has none. Returns 0 or -EBADMSG. */
__attribute__((warn_unused_result)) int
recorded_cell_int(const struct chunk *chunk, const char *component, size_t row, int64_t *ret_value);

/*
 * Copies value `i` into *ret_text (from malloc, replaced). Returns 0, -EBADMSG: it is no text,
 * -ENOMEM.
 */
__attribute__((warn_unused_result)) int recorded_cell_copy(const struct chunk_values *values,
                                                           size_t i, char **ret_text);

/* The same for the first value of a component; "" where the row has none. */
__attribute__((warn_unused_result)) int
recorded_cell_text(const struct chunk *chunk, const char *component, size_t row, char **ret_text);

/* The time of a row on log_time, 0 without one. */
int64_t recorded_cell_time(const struct chunk *chunk, size_t row);
