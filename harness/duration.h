/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Durations as people write them on a command line or in a scenario: 500ms, 10s, 2m, 1h.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DURATION_MAX_MS (365LL * 24 * 3600 * 1000)

/*
 * Reads a whole number and its unit, without a sign, a fraction or blanks: "500ms", "10s", "2m",
 * "1h". The unit must be there, since a bare number is read as seconds by some and as milliseconds
 * by others. Thread-safe. Errors: -EINVAL not of this form; -ERANGE longer than a year.
 */
__attribute__((warn_unused_result)) int duration_parse(const char *text, int64_t *ret_ms);

/*
 * Writes a duration of 0 or more milliseconds in the largest unit that needs no fraction: 120000
 * gives "2m". Returns `buffer`, always terminated; 24 bytes hold any duration.
 */
const char *duration_format(int64_t duration_ms, char *buffer, size_t size);
