/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Durations: what is read, what is refused, and that writing and reading agree. */
#include "harness/duration.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(duration, reads_number_and_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"0s", 0},
                 {"500ms", 500},
                 {"10s", 10000},
                 {"2m", 120000},
                 {"1h", 3600000},
                 {"007s", 7000},
                 {"8760h", DURATION_MAX_MS}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = -1;
        cr_expect_eq(duration_parse(cases[i].text, &ms), 0, "%s", cases[i].text);
        cr_expect_eq(ms, cases[i].ms, "%s gives %lld", cases[i].text, (long long)ms);
    }
}

Test(duration, refuses_what_could_mean_two_things)
{
    static const char *const texts[] = {"",    "10",   "s",     "10 s", " 10s", "10s ", "-1s",
                                        "+1s", "1.5s", "1e3ms", "10S",  "1d",   "1sec", "0x1s"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t ms = -1;
        cr_expect_eq(duration_parse(texts[i], &ms), -EINVAL, "'%s'", texts[i]);
        cr_expect_eq(ms, -1, "'%s' set the result", texts[i]);
    }
}

Test(duration, refuses_more_than_a_year)
{
    int64_t ms = -1;

    cr_expect_eq(duration_parse("8761h", &ms), -ERANGE);
    cr_expect_eq(duration_parse("99999999999999999999999999s", &ms), -ERANGE);
    cr_expect_eq(ms, -1);
}

Test(duration, writes_what_it_reads)
{
    static const char *const texts[] = {"0s", "1ms", "1500ms", "10s", "90s", "2m", "36h"};
    char buffer[24];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t ms;
        cr_assert_eq(duration_parse(texts[i], &ms), 0);
        cr_expect_str_eq(duration_format(ms, buffer, sizeof(buffer)), texts[i]);
    }
}
