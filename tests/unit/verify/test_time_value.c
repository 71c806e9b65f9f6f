/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Values on timelines are read exactly, and written as they can be read. */
#include "harness/verify/time_value.h"

#include <criterion/criterion.h>
#include <errno.h>

static const struct {
    const char *text, *written;
    enum time_type type;
    int64_t value;
} forms[] = {
    {"42", "42", TIME_SEQUENCE, 42},
    {"-1", "-1", TIME_SEQUENCE, -1},
    {"9223372036854775807", "9223372036854775807", TIME_SEQUENCE, INT64_MAX},
    {"-9223372036854775808", "-9223372036854775808", TIME_SEQUENCE, INT64_MIN},
    {"0s", "0s", TIME_DURATION, 0},
    {"0.5s", "500ms", TIME_DURATION, 500000000},
    {"0.1s", "100ms", TIME_DURATION, 100000000},
    {"1.000000001s", "1000000001ns", TIME_DURATION, 1000000001},
    {"1.50000000000s", "1500ms", TIME_DURATION, 1500000000},
    {"20ms", "20ms", TIME_DURATION, 20000000},
    {"1.5us", "1500ns", TIME_DURATION, 1500},
    {"-3ns", "-3ns", TIME_DURATION, -3},
    {"9223372036.854775807s", "9223372036854775807ns", TIME_DURATION, INT64_MAX},
    {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", TIME_TIMESTAMP, 0},
    {"2026-01-31T12:00:00.25+02:00", "2026-01-31T10:00:00.25Z", TIME_TIMESTAMP,
     1769853600250000000},
    {"1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z", TIME_TIMESTAMP, -1},
    {"2024-02-29T23:30:00-00:30", "2024-03-01T00:00:00Z", TIME_TIMESTAMP, 1709251200000000000},
};

Test(time_value, each_form_is_read_and_written)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        enum time_type type = 0;
        int64_t value = 0;
        char text[TIME_VALUE_TEXT_SIZE];
        cr_assert_eq(time_value_parse(forms[i].text, &type, &value), 0, "%s", forms[i].text);
        cr_assert_eq(type, forms[i].type, "%s", forms[i].text);
        cr_assert_eq(value, forms[i].value, "%s: %lld", forms[i].text, (long long)value);
        time_value_format(type, value, text);
        cr_assert_str_eq(text, forms[i].written);
        cr_assert_eq(time_value_parse(text, &type, &value), 0, "%s", text);
        cr_assert_eq(value, forms[i].value);
    }
}

Test(time_value, everything_else_is_refused)
{
    static const char *const wrong[] = {
        "",
        "-",
        "+1",
        " 1",
        "1.5",
        "0x1",
        "9223372036854775808",
        "s",
        ".5s",
        "1.s",
        "1.5.5s",
        "1 s",
        "1m",
        "--1s",
        "0.5ns",
        "0.0000000001s",
        "9223372036.854775808s",
        "9223372037s",
        "99999999999999999999s",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00:00z",
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-01-00T12:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00+0200",
        "2026-01-31T12:00:00+24:00",
        "2026-01-31T12:00:00*02:00",
        "2026-01-31T12:00:00+1:2:3",
        "2026-01-31T12:00:00Zx",
        "2263-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        enum time_type type;
        int64_t value;
        cr_assert_eq(time_value_parse(wrong[i], &type, &value), -EINVAL, "'%s'", wrong[i]);
    }
}

Test(time_value, the_ends_of_time_can_be_written)
{
    char text[TIME_VALUE_TEXT_SIZE];
    time_value_format(TIME_TIMESTAMP, INT64_MIN, text);
    cr_assert_str_eq(text, "1677-09-21T00:12:43.145224192Z");
    time_value_format(TIME_TIMESTAMP, INT64_MAX, text);
    cr_assert_str_eq(text, "2262-04-11T23:47:16.854775807Z");
    time_value_format(TIME_DURATION, INT64_MIN, text);
    cr_assert_str_eq(text, "-9223372036854775808ns");
}
