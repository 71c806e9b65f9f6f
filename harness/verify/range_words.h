/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ranges as their author writes them, of whatever can be compared: "at least A", "at most B",
 * "A to B", or "A" alone for A to A. What A and B are is the caller's to read.
 */
#pragma once

#define RANGE_MAX_WORD 63 /* bytes of a bound */

struct range_words {
    char low[RANGE_MAX_WORD + 1], high[RANGE_MAX_WORD + 1]; /* "": no bound */
};

/* Returns 0; -EINVAL: a bound is missing, too long, or has blanks around it. Thread-safe. */
__attribute__((warn_unused_result)) int range_words_parse(const char *text,
                                                          struct range_words *ret_words);

/* For messages: the forms besides a single value. */
#define RANGE_FORMS "'at least A', 'at most B' or 'A to B'"
