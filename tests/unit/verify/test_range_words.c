/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ranges are taken apart at their words, and half ones are refused. */
#include "harness/verify/range_words.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

Test(range_words, each_form)
{
    static const struct {
        const char *text, *low, *high;
    } forms[] = {
        {"3", "3", "3"},
        {"at least 3", "3", ""},
        {"at most 5s", "", "5s"},
        {"3 to 5", "3", "5"},
        {"-1 to 1", "-1", "1"},
        {"to", "to", "to"},
        {"at least", "at least", "at least"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct range_words words;
        cr_assert_eq(range_words_parse(forms[i].text, &words), 0, "%s", forms[i].text);
        cr_assert_str_eq(words.low, forms[i].low);
        cr_assert_str_eq(words.high, forms[i].high);
    }
}

Test(range_words, half_ones_are_refused)
{
    static const char *const wrong[] = {"",         " 3",    "3 ",    "at least ", "at least  3",
                                        "at most ", " to 3", "3 to ", "3  to 5",   "3 to  5"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct range_words words;
        cr_assert_eq(range_words_parse(wrong[i], &words), -EINVAL, "'%s'", wrong[i]);
    }
    char text[2 * RANGE_MAX_WORD];
    struct range_words words;
    snprintf(text, sizeof text, "at most %0*d", RANGE_MAX_WORD, 5);
    cr_assert_eq(range_words_parse(text, &words), 0);
    snprintf(text, sizeof text, "at most %0*d", RANGE_MAX_WORD + 1, 5);
    cr_assert_eq(range_words_parse(text, &words), -EINVAL);
}
