/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rows must be on each timeline that is asked for, of that kind, and within the bounds. */
#include "harness/verify/expected_times.h"

#include <criterion/criterion.h>
#include <string.h>

static bool matches(const char *yaml, const struct recorded_row *row)
{
    struct yaml_document document;
    struct expected_times times;
    cr_assert_eq(yaml_document_parse(&document, "f", yaml, strlen(yaml)), 0, "%s", document.fault);
    cr_assert_eq(expected_times_read(&document, yaml_document_root(&document), &times), 0, "%s",
                 document.fault);
    bool result = expected_times_match(&times, row);
    expected_times_done(&times);
    yaml_document_done(&document);
    return result;
}

Test(expected_times, all_must_be_met)
{
    struct recorded_time times[] = {
        {string_view_of("frame"), TIME_SEQUENCE, 3},
        {string_view_of("sim"), TIME_DURATION, 3},
    };
    const struct recorded_row row = {.n_times = 2, .times = times};
    cr_assert(matches("{frame: 3}", &row));
    cr_assert(matches("{sim: 3ns, frame: 3}", &row));
    cr_assert(matches("{frame: 3 to 4}", &row));
    cr_assert(matches("{frame: 2 to 3}", &row));
    cr_assert(matches("{frame: at least 3, sim: at most 3ns}", &row));
    cr_assert_not(matches("{frame: 4}", &row));
    cr_assert_not(matches("{frame: at least 4}", &row));
    cr_assert_not(matches("{frame: at most 2}", &row));
    cr_assert_not(matches("{frame: 3, sim: 4ns}", &row));
    cr_assert_not(matches("{sim: 3}", &row), "a sequence is no duration");
    cr_assert_not(matches("{fram: 3}", &row));
}

Test(expected_times, a_static_row_is_at_no_time)
{
    const struct recorded_row row = {.n_times = 0};
    cr_assert_not(matches("{frame: at least -9223372036854775808}", &row));
    cr_assert(expected_times_match(&(struct expected_times){0}, &row), "nothing is asked");
}
