/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * POSIX extended regular expressions that must fit a whole text, bounded in time and memory.
 *
 * A `.` and a bracket stand for one character of UTF-8, whatever the locale of the process says.
 * Matching fills a cache inside: of one expression, one thread at a time.
 */
#pragma once

#include "harness/wire/string_view.h"

#include <locale.h>
#include <regex.h>
#include <stdbool.h>

#define EXPRESSION_MAX_SIZE   256 /* bytes as written */
#define EXPRESSION_MAX_REPEAT 255 /* all upper bounds in braces together */

/* Longer texts do not fit, and after as many bytes the matcher's cache is thrown away. glibc 2.36
 * takes time in proportion to the square of this: half a second for "(.*a.{32})", the worst. */
#define EXPRESSION_MAX_TEXT 8192

#define EXPRESSION_FAULT_SIZE 160

struct expression {
    char *source; /* as written */
    regex_t compiled;
    size_t n_bytes; /* matched since it was compiled */
    locale_t utf8;  /* 0: the system has none, and the process's own is used */
};

/*
 * Compiles an expression. Returns 0; -EINVAL: `fault` says what is wrong (no expression, too long,
 * back-references, counted repetitions inside each other or of too much); -ENOMEM. On error there
 * is nothing to free.
 */
__attribute__((warn_unused_result)) int
expression_compile(struct expression *expression, const char *text,
                   char fault[static EXPRESSION_FAULT_SIZE]);

/* Frees everything. NULL, and one that is all zeros, do nothing. */
void expression_done(struct expression *expression);

/* Tells whether all of the text fits, which may hold any bytes; to `.` NUL is no character. */
bool expression_matches(struct expression *expression, struct string_view text);
