/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Clocks in nanoseconds.
 */
#pragma once

#include <stdint.h>
#include <time.h>

/* Reads a clock. Thread-safe, async-signal-safe. */
static inline uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
