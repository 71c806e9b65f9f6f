/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads durations and sizes out of the environment. No state, no allocation. */
#include "sdk/spool/setting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads a number with an optional unit; `fallback` when the text is anything else. */
static uint64_t read_number(const char *text, uint64_t fallback, uint64_t factor_without_unit,
                            uint64_t (*unit)(const char *))
{
    char *end;
    uint64_t value;
    uint64_t factor;
    int saved = errno;

    if (!text || *text < '0' || *text > '9')
        return fallback;
    value = strtoull(text, &end, 10);
    errno = saved;
    factor = *end ? unit(end) : factor_without_unit;
    if (!factor || value > UINT32_MAX * 1024ull / factor)
        return fallback;
    return value * factor;
}

static uint64_t duration_unit(const char *unit)
{
    if (!strcmp(unit, "ms"))
        return 1;
    if (!strcmp(unit, "s"))
        return 1000;
    return strcmp(unit, "m") ? 0 : 60000;
}

static uint64_t size_unit(const char *unit)
{
    if (!strcmp(unit, "K"))
        return 1u << 10;
    if (!strcmp(unit, "M"))
        return 1u << 20;
    return strcmp(unit, "G") ? 0 : 1u << 30;
}

uint32_t setting_duration_ms(const char *text, uint32_t fallback_ms)
{
    uint64_t value = read_number(text, fallback_ms, 1000, duration_unit);

    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

uint64_t setting_size(const char *text, uint64_t fallback)
{
    return read_number(text, fallback, 1, size_unit);
}
