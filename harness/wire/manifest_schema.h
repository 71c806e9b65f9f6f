/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The schema of a whole recording, as the index of its store has it: row ids, all timelines, and
 * each component of each entity, in the order of their names.
 */
#pragma once

#include "harness/wire/manifest.h"

/*
 * Makes the schema. Returns 0, -ENOMEM, or -EINVAL for a name with a NUL inside. On error there is
 * nothing to release. Thread-safe. Source: rerun 0.41, re_sorbet, SchemaBuilder and
 * ComponentColumnDescriptor.
 */
__attribute__((warn_unused_result)) int manifest_schema_make(const struct manifest *manifest,
                                                             struct ArrowSchema *ret_schema);
