/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads and writes durations. Strict on purpose: what is not understood is refused, never guessed,
 * because a wrong time-out kills a program. No state.
 */
#include "harness/duration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t factor_ms;
};

/* Smallest first. */
static const struct unit units[] = {
    {"ms", 1},
    {"s", 1000},
    {"m", 60000},
    {"h", 3600000},
};
#define N_UNITS (sizeof(units) / sizeof(units[0]))

int duration_parse(const char *text, int64_t *ret_ms)
{
    int64_t number = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (*at - '0');
        if (number > DURATION_MAX_MS) {
            return -ERANGE;
        }
    }
    if (at == text) {
        return -EINVAL;
    }
    for (size_t i = 0; i < N_UNITS; i++) {
        if (strcmp(at, units[i].name) == 0) {
            if (number > DURATION_MAX_MS / units[i].factor_ms) {
                return -ERANGE;
            }
            *ret_ms = number * units[i].factor_ms;
            return 0;
        }
    }
    return -EINVAL;
}

const char *duration_format(int64_t duration_ms, char *buffer, size_t size)
{
    size_t i = duration_ms == 0 ? 1 : N_UNITS - 1;

    while (duration_ms % units[i].factor_ms != 0) {
        i--;
    }
    snprintf(buffer, size, "%lld%s", (long long)(duration_ms / units[i].factor_ms), units[i].name);
    return buffer;
}
