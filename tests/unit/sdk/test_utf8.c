/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* UTF-8: every sequence of up to four bytes against the definition of the encoding. */
#include "sdk/utf8.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Writes the one encoding of a code point; returns its size. Source: RFC 3629. */
static size_t encode(uint32_t point, uint8_t bytes[4])
{
    if (point < 0x80)
        return bytes[0] = (uint8_t)point, 1;
    if (point < 0x800) {
        bytes[0] = (uint8_t)(0xc0 | point >> 6);
        bytes[1] = (uint8_t)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        bytes[0] = (uint8_t)(0xe0 | point >> 12);
        bytes[1] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
        bytes[2] = (uint8_t)(0x80 | (point & 0x3f));
        return 3;
    }
    bytes[0] = (uint8_t)(0xf0 | point >> 18);
    bytes[1] = (uint8_t)(0x80 | (point >> 12 & 0x3f));
    bytes[2] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
    bytes[3] = (uint8_t)(0x80 | (point & 0x3f));
    return 4;
}

static bool is_valid(const void *bytes, size_t size)
{
    return utf8_valid_prefix(bytes, size) == size;
}

Test(utf8, every_code_point_but_nul_and_surrogates_passes)
{
    uint8_t bytes[4];

    for (uint32_t point = 1; point <= 0x10ffff; point++) {
        size_t size = encode(point, bytes);
        bool is_surrogate = point >= 0xd800 && point <= 0xdfff;

        cr_assert(is_valid(bytes, size) == !is_surrogate, "U+%04X", point);
    }
}

/* One character, and not several. */
static bool is_character(const uint8_t *bytes, size_t size)
{
    return is_valid(bytes, size) && utf8_valid_prefix((const char *)bytes, size - 1) == 0;
}

/* How many sequences of that size are one character. */
static uint32_t count_characters(size_t size)
{
    uint32_t n = 0;

    for (uint32_t value = 0; value < UINT32_C(1) << (8 * size); value++) {
        uint8_t bytes[3];

        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
        n += is_character(bytes, size);
    }
    return n;
}

/* Of those with four bytes: the last one only at the edges of what may stand there. */
static uint32_t count_long_characters(void)
{
    static const uint8_t last[] = {0x7f, 0x80, 0xbf, 0xc0};
    uint32_t n = 0;

    for (uint32_t value = 0; value < UINT32_C(1) << 26; value++) {
        const uint8_t bytes[] = {(uint8_t)(value >> 18), (uint8_t)(value >> 10),
                                 (uint8_t)(value >> 2), last[value & 3]};

        n += is_character(bytes, sizeof(bytes));
    }
    return n;
}

Test(utf8, nothing_else_passes)
{
    cr_assert_eq(count_characters(1), 0x7f);
    cr_assert_eq(count_characters(2), 0x800 - 0x80);
    cr_assert_eq(count_characters(3), 0x10000 - 0x800 - 0x800);
    cr_assert_eq(count_long_characters(), 0x100000 / 64 * 2);
}

Test(utf8, the_first_bad_byte_is_found_wherever_it_stands)
{
    char text[64];

    for (size_t at = 0; at < sizeof(text); at++) {
        for (size_t size = at + 1; size <= sizeof(text); size++) {
            memset(text, 'a', sizeof(text));
            text[at] = '\0';
            cr_assert_eq(utf8_valid_prefix(text, size), at);
            text[at] = (char)0xff;
            cr_assert_eq(utf8_valid_prefix(text, size), at);
        }
    }
}

Test(utf8, a_cut_character_is_bad_where_it_begins)
{
    cr_assert_eq(utf8_valid_prefix("abc\xe2\x82\xac", 6), 6);
    cr_assert_eq(utf8_valid_prefix("abc\xe2\x82\xac", 5), 3);
    cr_assert_eq(utf8_valid_prefix("abc\xe2\x82\xac", 4), 3);
    cr_assert_eq(utf8_valid_prefix("", 0), 0);
}
