/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How long something took, as text. Thread-safe, no state, the same in every locale. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ELAPSED_SIZE 32 /* bytes that hold any of these texts */

/*
 * Writes a measured duration of 0 or more microseconds for people, rounded to what matters: "12
 * ms", "3.2 s", "2 min 05 s", "1 h 02 min". Returns `buffer`.
 */
const char *elapsed_format(int64_t duration_us, char buffer[static ELAPSED_SIZE]);

/* The same in seconds with three digits after a point: "3.200". */
const char *elapsed_format_seconds(int64_t duration_us, char buffer[static ELAPSED_SIZE]);
