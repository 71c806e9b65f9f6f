/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ids of recordings.
 */
#pragma once

#include <stdbool.h>

#define RECORDING_ID_SIZE 256 /* with the terminating NUL */

/*
 * Writes a fresh id, "rec_" and the 32 hex digits of a random UUID (RFC 9562, version 4), to
 * `ret_id` (RECORDING_ID_SIZE bytes). Thread-safe. Errors: of getrandom.
 */
__attribute__((warn_unused_result)) int recording_id_generate(char *ret_id);

/* Says whether a user may name a recording so: not empty, not too long, no control characters. */
bool recording_id_is_valid(const char *id);
