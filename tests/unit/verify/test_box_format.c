/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Six ways to write one box are one box, and tolerance means what it says. */
#include "harness/verify/box_format.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Left 20, top 25, 30 wide, 40 high. */
static const struct box box = {{35, 45}, {15, 20}};

static const struct {
    const char *key;
    double numbers[4];
} written[BOX_N_FORMATS] = {
    [BOX_XYWH] = {"box_xywh", {20, 25, 30, 40}},
    [BOX_YXHW] = {"box_yxhw", {25, 20, 40, 30}},
    [BOX_XYXY] = {"box_xyxy", {20, 25, 50, 65}},
    [BOX_YXYX] = {"box_yxyx", {25, 20, 65, 50}},
    [BOX_XCYCWH] = {"box_xcycwh", {35, 45, 30, 40}},
    [BOX_XCYCW2H2] = {"box_xcycw2h2", {35, 45, 15, 20}},
};

Test(box_format, each_format_expresses_and_matches)
{
    for (enum box_format format = BOX_XYWH; format < BOX_N_FORMATS; format++) {
        double numbers[4];
        cr_assert_str_eq(box_format_key(format), written[format].key);
        box_express(&box, format, numbers);
        for (size_t i = 0; i < 4; i++) {
            cr_assert(numbers[i] == written[format].numbers[i], "%s, number %zu: %g",
                      written[format].key, i, numbers[i]);
        }
        cr_assert(box_matches(&box, format, numbers, 0));
    }
}

Test(box_format, each_number_counts_in_each_format)
{
    for (enum box_format format = BOX_XYWH; format < BOX_N_FORMATS; format++) {
        for (size_t i = 0; i < 4; i++) {
            double numbers[4];
            memcpy(numbers, written[format].numbers, sizeof numbers);
            numbers[i] += 0.01;
            cr_assert_not(box_matches(&box, format, numbers, 0.009));
            cr_assert(box_matches(&box, format, numbers, 0.011));
        }
    }
}

Test(box_format, what_floats_cannot_hold_is_forgiven)
{
    /* 0.1 and 1234567.3 are no floats. */
    const struct box odd = {{(float)(0.1 + 1234567.3 / 2), 0}, {(float)(1234567.3 / 2), 0}};
    const double numbers[4] = {0.1, 0, 1234567.3, 0};
    cr_assert(box_matches(&odd, BOX_XYWH, numbers, 0));
    const double other[4] = {2.1, 0, 1234567.3, 0};
    cr_assert_not(box_matches(&odd, BOX_XYWH, other, 0));
}

Test(box_format, not_a_number_and_infinity_match_nothing)
{
    const struct box bad[] = {{{NAN, 0}, {1, 1}}, {{INFINITY, 0}, {1, 1}}, {{0, 0}, {INFINITY, 1}}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_not(box_matches(&bad[i], BOX_XYWH, (double[4]){0, 0, 0, 0}, 1e300));
    }
}
