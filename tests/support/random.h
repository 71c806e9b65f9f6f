/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Numbers for tests that damage their input: the same for the same seed, everywhere. */
#pragma once

#include <stdint.h>

/* The next number of a sequence; `state` is its seed, never 0. Xorshift64. */
static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Makes seeds of 1, 2, 3 ... that have nothing in common. */
static inline uint64_t random_seed(uint64_t number)
{
    return number * UINT64_C(0x9e3779b97f4a7c15);
}
