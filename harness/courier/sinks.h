/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The files that programs named by save: each gets the rows of the streams that lead to it.
 */
#pragma once

#include "harness/courier/recording_table.h"
#include "harness/wire/rrd_error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Writes all of them from the first `size` bytes of the finished recording `output`: chunks as they
 * are, with a footer, compressed if the name ends in .zst, replacing what stands there once the new
 * file is whole. A sink that is
 * `output` itself is left out: that holds all rows already. `id` names the session. Tries all, and
 * returns 0 or the first error; `error` names the file and the remedy then. Can be called again.
 */
__attribute__((warn_unused_result)) int sinks_write(const struct recording_table *recordings,
                                                    const char *output, uint64_t size,
                                                    const char *id, struct rrd_error *error);

/* How many there are to write. */
size_t sinks_count(const struct recording_table *recordings, const char *output);
