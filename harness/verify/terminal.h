/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an output can show, and the ways to write to it that respect that: colours, line-drawing
 * characters, and text of unknown origin that must not reach a terminal as it is.
 */
#pragma once

#include "harness/wire/string_view.h"

#include <stdint.h>
#include <stdio.h>

enum hue {
    HUE_NONE = 0,
    HUE_RED,
    HUE_GREEN,
    HUE_YELLOW,
    HUE_BLUE,
    HUE_MAGENTA,
    HUE_CYAN,
    HUE_DIM,
    HUE_BOLD,
};

struct terminal {
    FILE *out;
    bool has_color;
    bool has_unicode;
    size_t width; /* columns, at least 40 */
};

/*
 * Asks about an output: colour on a terminal that is not dumb unless NO_COLOR is set and not empty;
 * Unicode when the locale says UTF-8 (call setlocale(LC_CTYPE, "") before); the terminal's width,
 * else that of COLUMNS, else 80.
 */
void terminal_probe(struct terminal *terminal, FILE *out);

/* Begin and end a colour; both write nothing without colours. */
void terminal_color(const struct terminal *terminal, enum hue hue);
void terminal_plain(const struct terminal *terminal);

/* Returns a hue that tells things apart, by their number. */
enum hue terminal_hue_of(size_t number);

/*
 * Writes text in double quotes on one line: quotes, backslashes, control characters and what is no
 * UTF-8 escaped as in C (\n, \x1b); beyond max_bytes it is cut with "..." and its size. Characters
 * outside ASCII are escaped as \u{e4} where the terminal has no Unicode.
 */
void terminal_quote(const struct terminal *terminal, struct string_view text, size_t max_bytes);

/* The same without the quotes; quotes and backslashes are left as they are. */
void terminal_print(const struct terminal *terminal, struct string_view text, size_t max_bytes);

/*
 * Takes one character off the front of `text`, not empty, as terminal_print shows it. Returns its
 * columns on the screen and writes its bytes to `ret` (terminated).
 */
#define TERMINAL_CHARACTER_SIZE 16
size_t terminal_next(const struct terminal *terminal, struct string_view *text,
                     char ret[static TERMINAL_CHARACTER_SIZE]);

/* Returns the columns that terminal_print takes for a whole text. */
size_t terminal_columns(const struct terminal *terminal, struct string_view text);
