/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which bytes are UTF-8, and what becomes of those that are not. */
#include "harness/wire/utf8.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static bool is_valid(const char *text)
{
    return utf8_is_valid(string_view_of(text));
}

Test(utf8, accepts_text)
{
    cr_assert(is_valid(""));
    cr_assert(is_valid("plain ascii, longer than a word of the machine"));
    cr_assert(is_valid("b\xc3\xa9"));
    cr_assert(is_valid("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
    cr_assert(is_valid("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
    cr_assert(utf8_is_valid((struct string_view){"a\0b", 3}));
}

Test(utf8, refuses_what_is_none)
{
    static const char *const bad[] = {
        "\x80",             /* continuation alone */
        "\xc0\x80",         /* overlong */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3(",
        "12345678\xc3",
        "1234567\37790",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_not(is_valid(bad[i]), "case %zu", i);
}

/* Every code point there is, encoded, is valid and read back; everything beyond is not. */
Test(utf8, encodes_and_decodes_every_code_point)
{
    struct buffer buffer;

    buffer_init(&buffer, 8);
    for (uint32_t code_point = 0; code_point < 0x110000; code_point++) {
        struct string_view text;
        uint32_t read;
        bool is_surrogate = code_point >= 0xd800 && code_point < 0xe000;

        buffer_truncate(&buffer, 0);
        cr_assert_eq(utf8_append(&buffer, code_point), 0);
        text = (struct string_view){(const char *)buffer.data, buffer.size};
        cr_assert_eq(utf8_is_valid(text), !is_surrogate, "U+%04X", code_point);
        cr_assert_eq(utf8_next(&text, &read), !is_surrogate);
        cr_assert_eq(read, is_surrogate ? UTF8_REPLACEMENT : code_point);
        cr_assert(is_surrogate || text.size == 0);
    }
    buffer_done(&buffer);
}

/* Expected values: Python's bytes.decode("utf-8", "replace"), which follows the same rule. */
Test(utf8, replaces_bad_sequences)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"plain", "plain"},
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xe2\x82", "\xef\xbf\xbd"},
        {"\xe2\x82(", "\xef\xbf\xbd("},
        {"\xf0\x9f\x98z", "\xef\xbf\xbdz"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"ok \xc3\xa9 \xc3", "ok \xc3\xa9 \xef\xbf\xbd"},
    };
    struct buffer buffer;

    buffer_init(&buffer, 64);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buffer_truncate(&buffer, 0);
        cr_assert_eq(utf8_append_lossy(&buffer, string_view_of(cases[i].text)), 0);
        cr_assert_eq(buffer.size, strlen(cases[i].expected), "case %zu", i);
        cr_assert_eq(memcmp(buffer.data, cases[i].expected, buffer.size), 0, "case %zu", i);
    }
    buffer_done(&buffer);
}

Test(utf8, leaves_the_buffer_alone_on_error)
{
    struct buffer buffer;

    buffer_init(&buffer, 5);
    cr_assert_eq(buffer_append(&buffer, "ab", 2), 0);
    cr_assert_eq(utf8_append_lossy(&buffer, string_view_of("\xff\xff")), -E2BIG);
    cr_assert_eq(buffer.size, 2);
    buffer_done(&buffer);
}
