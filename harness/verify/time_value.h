/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Values on timelines as people write them. How it is written says of what kind the timeline is:
 *
 *     42, -1                                 a sequence
 *     0.5s, 20ms, 10us, -3ns                 a duration
 *     2026-01-31T12:00:00.25Z, ...+02:00     a timestamp, as in RFC 3339; years 1678 to 2261
 *
 * Thread-safe.
 */
#pragma once

#include "harness/wire/chunk_encoder.h"

#include <stdint.h>

/* Reads one of the forms above; durations and timestamps become nanoseconds. Returns 0; -EINVAL: of
 * no such form, finer than a nanosecond, or beyond 64 bits. */
__attribute__((warn_unused_result)) int time_value_parse(const char *text, enum time_type *ret_type,
                                                         int64_t *ret_value);

#define TIME_VALUE_TEXT_SIZE 48

/* Writes a value so that time_value_parse reads it. */
void time_value_format(enum time_type type, int64_t value, char text[static TIME_VALUE_TEXT_SIZE]);

/* For messages: what can be written. */
#define TIME_VALUE_FORMS "42, 0.5s (ns, us, ms, s) or 2026-01-31T12:00:00Z"
