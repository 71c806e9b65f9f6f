/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names as programs give them, made into the form that Rerun stores.
 * All functions are thread-safe; what they append to `out` is valid UTF-8 (bad bytes become
 * U+FFFD).
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/string_view.h"

#define APPLICATION_ID_MAX 180 /* bytes */

/*
 * Appends the normal form of an entity path to `out`: "/a/b", "/" for the root, parts separated by
 * single slashes, no slash at the end, and escaped as Rerun prints them. `path` may lack the
 * leading slash, double slashes, hold raw spaces and other characters that should be escaped, and
 * broken escapes, which are taken literally: as Rerun reads them, nothing is refused. The order of
 * parts is kept; normalising a normal form changes nothing. Returns 0, -ENOMEM, or -E2BIG at the
 * limit of `out`. On error `out` is as before. Source: rerun 0.41, re_log_types,
 * EntityPath::parse_forgiving and EntityPathPart::escaped_string.
 */
__attribute__((warn_unused_result)) int entity_path_normalise(struct string_view path,
                                                              struct buffer *out);

/*
 * Appends the form of an application id that every Rerun receiver keeps: unchanged when it
 * has 1..180 bytes of [A-Za-z0-9_ :[]-]; else each other character becomes '-', it is cut to 176
 * characters, and the low 16 bits of the original's xxHash64 follow as 4 hex digits. An empty id
 * becomes "unknown_app_id" (readers refuse empty ones). Returns and errors as
 * entity_path_normalise.
 */
__attribute__((warn_unused_result)) int application_id_normalise(struct string_view id,
                                                                 struct buffer *out);
