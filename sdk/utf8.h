/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The check that every text passes on its way into a row. Thread-safe, no state. */
#pragma once

#include <stddef.h>

/*
 * Returns how many bytes from the start of `text` are whole, valid UTF-8 characters other than NUL:
 * `size` when all is well, else the position of the first bad byte. Overlong forms, surrogates and
 * values above U+10FFFF are bad. Fast for ASCII. Source: the Unicode standard, table 3-7.
 */
size_t utf8_valid_prefix(const char *text, size_t size);
