/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The record batch of a chunk: header from a template, body from the rows.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/chunk_encoder.h"
#include "harness/wire/chunk_schema.h"
#include "harness/wire/ipc_template.h"

/*
 * Appends the encapsulated record batch message with its body to `out`, at a multiple of 8. `rows`
 * must have the columns of the schema, and at least one row. Returns 0, -ENOMEM or -E2BIG; `out` is
 * undefined behind its old size then. Thread-safe.
 */
__attribute__((warn_unused_result)) int record_batch_put(struct buffer *out,
                                                         const struct ipc_template *template,
                                                         const struct chunk_schema *schema,
                                                         const struct chunk_rows *rows);
