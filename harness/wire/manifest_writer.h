/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the index of a store: the schema of its recording, and a table with a row for each chunk.
 */
#pragma once

#include "harness/wire/manifest.h"

/*
 * Appends the manifest to `out`, as a field of the message RrdFooter. Returns 0; -E2BIG when it
 * would go above the limit of `out` (found out before memory is used); -ENOTSUP when two columns of
 * the table would have one name (names differ in characters that it does not keep apart; `error`,
 * may be NULL, tells which); -ENOMEM. `out` is as before on error. Thread-safe.
 */
__attribute__((warn_unused_result)) int manifest_write(const struct manifest *manifest,
                                                       struct buffer *out, struct rrd_error *error);
