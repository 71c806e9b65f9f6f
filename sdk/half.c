/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Half-precision numbers, IEEE 754 binary16. Pure. */
#include "sdk/include/rerun.h"

#include <string.h>

#define SIGN_BIT     0x80000000u
#define INFINITE_F32 0x7f800000u
#define INFINITE_F16 0x7c00u
#define QUIET_F16    0x7e00u
#define LEAST_NORMAL 0x38800000u /* 2^-14 */
#define HALF_OF_TINY 0x33000000u /* 2^-25: half the smallest number above 0 */

/* Drops the lowest n bits, 1..31, rounding to the nearest and ties to even. */
static uint32_t round_off(uint32_t bits, unsigned int n)
{
    uint32_t tie = UINT32_C(1) << (n - 1);
    uint32_t rest = bits & ((tie << 1) - 1);
    uint32_t kept = bits >> n;

    return kept + (rest > tie || (rest == tie && (kept & 1)));
}

uint16_t rr_f16_from_f32(float value)
{
    uint32_t bits;
    uint32_t sign;
    uint32_t half;

    memcpy(&bits, &value, sizeof(bits));
    sign = (bits & SIGN_BIT) >> 16;
    bits &= ~SIGN_BIT;
    if (bits > INFINITE_F32) {
        half = QUIET_F16;
    } else if (bits < HALF_OF_TINY) {
        half = 0;
    } else if (bits < LEAST_NORMAL) {
        /* A subnormal half counts units of 2^-24; 24 bits of significand are shifted down to it. */
        half = round_off((bits & 0x7fffff) | 0x800000, 126 - (bits >> 23));
    } else {
        /* The exponent's bias goes from 127 to 15; rounding may carry into it, up to infinity. */
        half = round_off(bits - ((127u - 15u) << 23), 13);
        half = half < INFINITE_F16 ? half : INFINITE_F16;
    }
    return (uint16_t)(sign | half);
}
