/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Recording ids: form of what is made, bounds of what is taken. */
#include "harness/supervise/recording_id.h"

#include <criterion/criterion.h>
#include <string.h>

Test(recording_id, is_a_random_uuid)
{
    char one[RECORDING_ID_SIZE];
    char two[RECORDING_ID_SIZE];

    cr_assert_eq(recording_id_generate(one), 0);
    cr_assert_eq(recording_id_generate(two), 0);
    cr_expect_str_neq(one, two);
    cr_expect_eq(strncmp(one, "rec_", 4), 0);
    cr_expect_eq(strlen(one), 36);
    cr_expect_eq(strspn(one + 4, "0123456789abcdef"), 32);
    cr_expect_eq(one[4 + 12], '4');
    cr_expect_not_null(strchr("89ab", one[4 + 16]));
    cr_expect(recording_id_is_valid(one));
}

Test(recording_id, bounds)
{
    char longest[RECORDING_ID_SIZE + 1];

    memset(longest, 'x', sizeof(longest));
    longest[RECORDING_ID_SIZE - 1] = '\0';
    cr_expect(recording_id_is_valid(longest));
    longest[RECORDING_ID_SIZE - 1] = 'x';
    longest[RECORDING_ID_SIZE] = '\0';
    cr_expect_not(recording_id_is_valid(longest));
    cr_expect_not(recording_id_is_valid(""));
    cr_expect_not(recording_id_is_valid("a\tb"));
    cr_expect_not(recording_id_is_valid("a\x7f"));
    cr_expect(recording_id_is_valid("Aufnahme \xc3\xa4 1"));
}
