/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Durations are rounded into the unit that they have after rounding. */
#include "harness/scenario/report/elapsed.h"

#include <criterion/criterion.h>

static void expect(int64_t duration_us, const char *for_people, const char *seconds)
{
    char buffer[ELAPSED_SIZE];
    cr_expect_str_eq(elapsed_format(duration_us, buffer), for_people, "%s", buffer);
    cr_expect_str_eq(elapsed_format_seconds(duration_us, buffer), seconds, "%s", buffer);
}

Test(elapsed, units)
{
    expect(0, "0 ms", "0.000");
    expect(499, "0 ms", "0.000");
    expect(500, "1 ms", "0.001");
    expect(999499, "999 ms", "0.999");
    expect(999500, "1.0 s", "1.000");
    expect(3249999, "3.2 s", "3.250");
    expect(59949999, "59.9 s", "59.950");
    expect(59950000, "1 min 00 s", "59.950");
    expect(125000000, "2 min 05 s", "125.000");
    expect(3599499999, "59 min 59 s", "3599.500");
    expect(3599500000, "1 h 00 min", "3599.500");
    expect(3720000000, "1 h 02 min", "3720.000");
    expect(INT64_MAX, "2562047788 h 01 min", "9223372036854.776");
}
