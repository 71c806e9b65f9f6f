/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes measured durations. Whole numbers all the way: printf's %f would write a comma in some
 * locales. (harness/duration.h is for durations that people give, and those are exact.)
 */
#include "harness/scenario/report/elapsed.h"

#include <inttypes.h>
#include <stdio.h>

static int64_t rounded(int64_t duration_us, int64_t unit_us)
{
    int64_t whole = duration_us / unit_us;
    return whole + (duration_us % unit_us >= unit_us / 2 ? 1 : 0);
}

const char *elapsed_format(int64_t duration_us, char buffer[static ELAPSED_SIZE])
{
    int64_t ms = rounded(duration_us, 1000), tenths = rounded(duration_us, 100000);
    int64_t seconds = rounded(duration_us, 1000000), minutes = rounded(duration_us, 60000000);

    if (ms < 1000) {
        snprintf(buffer, ELAPSED_SIZE, "%" PRId64 " ms", ms);
    } else if (tenths < 600) {
        snprintf(buffer, ELAPSED_SIZE, "%" PRId64 ".%" PRId64 " s", tenths / 10, tenths % 10);
    } else if (seconds < 3600) {
        snprintf(buffer, ELAPSED_SIZE, "%" PRId64 " min %02" PRId64 " s", seconds / 60,
                 seconds % 60);
    } else {
        snprintf(buffer, ELAPSED_SIZE, "%" PRId64 " h %02" PRId64 " min", minutes / 60,
                 minutes % 60);
    }
    return buffer;
}

const char *elapsed_format_seconds(int64_t duration_us, char buffer[static ELAPSED_SIZE])
{
    int64_t ms = rounded(duration_us, 1000);
    snprintf(buffer, ELAPSED_SIZE, "%" PRId64 ".%03" PRId64, ms / 1000, ms % 1000);
    return buffer;
}
