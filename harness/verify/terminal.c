/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Knows terminals and nothing of what is shown. Rows of a recording can hold any bytes: none of
 * them may move a cursor or set a title.
 */
#include "harness/verify/terminal.h"

#include "harness/wire/utf8.h"

#include <bsd/stdlib.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define DEFAULT_WIDTH 80
#define MIN_WIDTH     40
#define MAX_WIDTH     1000

static size_t width_of(FILE *out)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS"), *fault = NULL;
    size_t width = DEFAULT_WIDTH;

    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        width = size.ws_col;
    } else if (columns != NULL) {
        long long number = strtonum(columns, 1, MAX_WIDTH, &fault);
        width = fault == NULL ? (size_t)number : DEFAULT_WIDTH;
    }
    return width < MIN_WIDTH ? MIN_WIDTH : width > MAX_WIDTH ? MAX_WIDTH : width;
}

void terminal_probe(struct terminal *terminal, FILE *out)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    terminal->out = out;
    terminal->has_color = isatty(fileno(out)) && (no_color == NULL || no_color[0] == '\0') &&
                          (term == NULL || strcmp(term, "dumb") != 0);
    terminal->has_unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    terminal->width = width_of(out);
}

void terminal_color(const struct terminal *terminal, enum hue hue)
{
    static const char *const codes[] = {
        [HUE_NONE] = "",     [HUE_RED] = "31",  [HUE_GREEN] = "32",
        [HUE_YELLOW] = "33", [HUE_BLUE] = "34", [HUE_MAGENTA] = "35",
        [HUE_CYAN] = "36",   [HUE_DIM] = "2",   [HUE_BOLD] = "1",
    };
    if (terminal->has_color && hue != HUE_NONE) {
        fprintf(terminal->out, "\x1b[%sm", codes[hue]);
    }
}

void terminal_plain(const struct terminal *terminal)
{
    if (terminal->has_color) {
        fputs("\x1b[0m", terminal->out);
    }
}

/* Red is left to what is wrong. */
enum hue terminal_hue_of(size_t number)
{
    static const enum hue hues[] = {HUE_CYAN, HUE_YELLOW, HUE_GREEN, HUE_MAGENTA, HUE_BLUE};
    return hues[number % (sizeof hues / sizeof hues[0])];
}

/* --- Text of unknown origin ------------------------------------------------------------------- */

/* Marks that turn the direction of the text behind them would show it other than it is. */
static bool is_invisible(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static size_t show_ascii(unsigned char c, char ret[static TERMINAL_CHARACTER_SIZE])
{
    const char *names = "\nn\tt\rr";
    for (const char *name = names; *name != '\0'; name += 2) {
        if (c == (unsigned char)*name) {
            return (size_t)snprintf(ret, TERMINAL_CHARACTER_SIZE, "\\%c", name[1]);
        }
    }
    return (size_t)snprintf(ret, TERMINAL_CHARACTER_SIZE, c < 0x20 || c == 0x7f ? "\\x%02x" : "%c",
                            c);
}

size_t terminal_next(const struct terminal *terminal, struct string_view *text,
                     char ret[static TERMINAL_CHARACTER_SIZE])
{
    struct string_view start = *text;
    uint32_t c = 0;
    if (!utf8_next(text, &c)) {
        /* One bad byte at a time. */
        *text = (struct string_view){start.data + 1, start.size - 1};
        return (size_t)snprintf(ret, TERMINAL_CHARACTER_SIZE, "\\x%02x",
                                (unsigned char)start.data[0]);
    }
    if (c < 0x80) {
        return show_ascii((unsigned char)c, ret);
    }
    int columns = terminal->has_unicode && !is_invisible(c) ? wcwidth((wchar_t)c) : -1;
    if (columns < 0) {
        return (size_t)snprintf(ret, TERMINAL_CHARACTER_SIZE, "\\u{%x}", c);
    }
    size_t size = start.size - text->size;
    memcpy(ret, start.data, size);
    ret[size] = '\0';
    return (size_t)columns;
}

size_t terminal_columns(const struct terminal *terminal, struct string_view text)
{
    char character[TERMINAL_CHARACTER_SIZE];
    size_t columns = 0;
    while (text.size > 0) {
        columns += terminal_next(terminal, &text, character);
    }
    return columns;
}

/* What of `text` may be shown; `is_quoted` is escaped further. */
static void print(const struct terminal *terminal, struct string_view text, size_t max_bytes,
                  bool is_quoted)
{
    char character[TERMINAL_CHARACTER_SIZE];
    size_t size = text.size;
    while (text.size > 0 && size - text.size < max_bytes) {
        if (is_quoted && (text.data[0] == '"' || text.data[0] == '\\')) {
            fputc('\\', terminal->out);
        }
        (void)terminal_next(terminal, &text, character);
        fputs(character, terminal->out);
    }
    if (text.size > 0) {
        fprintf(terminal->out, "... (%zu bytes)", size);
    }
}

void terminal_print(const struct terminal *terminal, struct string_view text, size_t max_bytes)
{
    print(terminal, text, max_bytes, false);
}

void terminal_quote(const struct terminal *terminal, struct string_view text, size_t max_bytes)
{
    fputc('"', terminal->out);
    print(terminal, text, max_bytes, true);
    fputc('"', terminal->out);
}
