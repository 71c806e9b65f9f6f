/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What programs logged is shown, and can do nothing to the terminal. */
#include "harness/verify/terminal.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void expect_quoted(bool has_unicode, struct string_view text, const char *expected)
{
    char *shown = NULL;
    size_t size = 0;
    struct terminal terminal = {open_memstream(&shown, &size), false, has_unicode, 80};
    cr_assert(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    terminal_quote(&terminal, text, 20);
    fclose(terminal.out);
    cr_assert_str_eq(shown, expected);
    free(shown);
}

Test(terminal, texts_are_quoted)
{
    expect_quoted(true, string_view_of("plain"), "\"plain\"");
    expect_quoted(true, string_view_of(""), "\"\"");
    expect_quoted(true, string_view_of("a \"b\" \\n"), "\"a \\\"b\\\" \\\\n\"");
    expect_quoted(true, string_view_of("\n\t\r\x1b[31m\x7f"), "\"\\n\\t\\r\\x1b[31m\\x7f\"");
    expect_quoted(true, (struct string_view){"a\0b", 3}, "\"a\\x00b\"");
    expect_quoted(true, string_view_of("\xc3\xa4\xe2\x82\xac"), "\"\xc3\xa4\xe2\x82\xac\"");
    expect_quoted(false, string_view_of("\xc3\xa4\xe2\x82\xac"), "\"\\u{e4}\\u{20ac}\"");
    expect_quoted(true, string_view_of("a\xff\xc3"), "\"a\\xff\\xc3\"");
    /* C1 controls, and what turns the direction of the text around. */
    expect_quoted(true, string_view_of("\xc2\x9b\xe2\x80\xae"), "\"\\u{9b}\\u{202e}\"");
    expect_quoted(true, string_view_of("123456789012345678901234"),
                  "\"12345678901234567890... (24 bytes)\"");
}

Test(terminal, columns_are_those_of_the_screen)
{
    struct terminal terminal = {stdout, false, true, 80};
    cr_assert(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    cr_assert_eq(terminal_columns(&terminal, string_view_of("abc")), 3);
    cr_assert_eq(terminal_columns(&terminal, string_view_of("\xc3\xa4")), 1);
    cr_assert_eq(terminal_columns(&terminal, string_view_of("\xe6\xbc\xa2")), 2);
    cr_assert_eq(terminal_columns(&terminal, string_view_of("a\xcc\x81")), 1);
    cr_assert_eq(terminal_columns(&terminal, string_view_of("\n")), 2);
}

/* A file is no terminal: no colours, whatever the environment says. */
Test(terminal, a_file_gets_no_colours_and_a_width)
{
    FILE *file = tmpfile();
    struct terminal terminal;
    char text[64] = "";
    setlocale(LC_CTYPE, "C");
    setenv("COLUMNS", "132", 1);
    terminal_probe(&terminal, file);
    cr_assert(!terminal.has_color && !terminal.has_unicode);
    cr_assert_eq(terminal.width, 132);
    setenv("COLUMNS", "5", 1);
    terminal_probe(&terminal, file);
    cr_assert_eq(terminal.width, 40);
    setenv("COLUMNS", "many", 1);
    terminal_probe(&terminal, file);
    cr_assert_eq(terminal.width, 80);
    terminal_color(&terminal, HUE_RED);
    fputs("x", file);
    terminal_plain(&terminal);
    rewind(file);
    cr_assert(fgets(text, sizeof text, file) != NULL);
    cr_assert_str_eq(text, "x");
    setlocale(LC_CTYPE, "C.UTF-8");
    terminal_probe(&terminal, file);
    cr_assert(terminal.has_unicode);
    fclose(file);
}

Test(terminal, colours_are_written_where_there_are_some)
{
    char *shown = NULL;
    size_t size = 0;
    struct terminal terminal = {open_memstream(&shown, &size), true, true, 80};
    terminal_color(&terminal, HUE_RED);
    terminal_plain(&terminal);
    terminal_color(&terminal, HUE_NONE);
    fclose(terminal.out);
    cr_assert_str_eq(shown, "\x1b[31m\x1b[0m");
    free(shown);
    cr_assert_eq(terminal_hue_of(0), terminal_hue_of(5));
    cr_assert_neq(terminal_hue_of(0), terminal_hue_of(1));
}
