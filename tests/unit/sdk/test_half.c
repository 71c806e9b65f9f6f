/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Half-precision numbers: each one, what lies between two, and what lies outside. */
#include "sdk/include/rerun.h"

#include <criterion/criterion.h>
#include <math.h>

/* The value of a finite half. Source: IEEE 754-2008, 3.4. */
static double value_of(uint16_t half)
{
    int exponent = half >> 10 & 31;
    int fraction = half & 1023;
    double value = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);

    return half & 0x8000 ? -value : value;
}

Test(half, every_finite_half_is_itself)
{
    for (uint32_t half = 0; half < 0x10000; half++) {
        if ((half >> 10 & 31) != 31)
            cr_assert_eq(rr_f16_from_f32((float)value_of((uint16_t)half)), half);
    }
}

Test(half, the_middle_goes_to_the_even_one_and_its_neighbours_to_the_nearest)
{
    for (uint16_t low = 0; low < 0x7bff; low++) {
        uint16_t high = (uint16_t)(low + 1);
        float middle = (float)((value_of(low) + value_of(high)) / 2);

        cr_assert_eq(rr_f16_from_f32(middle), low & 1 ? high : low);
        cr_assert_eq(rr_f16_from_f32(nextafterf(middle, 0)), low);
        cr_assert_eq(rr_f16_from_f32(nextafterf(middle, INFINITY)), high);
        cr_assert_eq(rr_f16_from_f32(-nextafterf(middle, INFINITY)), high | 0x8000);
    }
}

Test(half, what_is_too_large_is_infinite)
{
    cr_assert_eq(rr_f16_from_f32(65504), 0x7bff);
    cr_assert_eq(rr_f16_from_f32(nextafterf(65520, 0)), 0x7bff);
    cr_assert_eq(rr_f16_from_f32(65520), 0x7c00);
    cr_assert_eq(rr_f16_from_f32(3e38f), 0x7c00);
    cr_assert_eq(rr_f16_from_f32(-INFINITY), 0xfc00);
}

Test(half, nan_stays_nan)
{
    uint16_t half = rr_f16_from_f32(NAN);

    cr_assert((half & 0x7c00) == 0x7c00 && (half & 0x03ff) != 0);
}
