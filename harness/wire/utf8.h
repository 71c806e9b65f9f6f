/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * UTF-8 checked and mended: Rerun's readers refuse a whole chunk for one bad text, and programs log
 * any bytes. Thread-safe, no state.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/string_view.h"

#include <stdbool.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xfffdu

/*
 * Takes one code point off the front of `text`, which must not be empty. A sequence that is not
 * UTF-8 (also overlong, surrogate, above U+10FFFF) gives UTF8_REPLACEMENT and false, and is taken
 * off as far as it could have been the beginning of one ("maximal subpart" of the Unicode standard,
 * as Rust's from_utf8_lossy does).
 */
bool utf8_next(struct string_view *text, uint32_t *ret_code_point);

/* Tells whether all of `text` is UTF-8. Made fast for ASCII. */
bool utf8_is_valid(struct string_view text);

/* Appends one code point (a valid one). Returns 0, -ENOMEM or -E2BIG. */
__attribute__((warn_unused_result)) int utf8_append(struct buffer *out, uint32_t code_point);

/* Appends `text` with each bad sequence replaced by U+FFFD. Returns 0, -ENOMEM or -E2BIG; `out` is
 * as before then. */
__attribute__((warn_unused_result)) int utf8_append_lossy(struct buffer *out,
                                                          struct string_view text);
