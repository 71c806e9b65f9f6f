/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The files that programs named: each gets the rows of the streams that lead to it, and the
 * blueprints that were sent on these, from whichever process they come. A file is always made anew
 * from the recording, so two that share one cannot lose each other's rows; what was written
 * is remembered, so that none is made twice of the same rows. That memory dies with the courier:
 * the next one writes all.
 */
#pragma once

#include "harness/courier/sink_file.h"

/* What was written. Zeros are an empty one. */
struct sinks {
    struct sink_written *all;
    size_t n, capacity;
};
void sinks_done(struct sinks *sinks);

/*
 * Writes all files: chunks as they are, with a footer, compressed if the name ends in .zst,
 * replacing what stands there once the new file is whole. One that is the recording itself is left
 * out, and so is one to which nothing was added since it was written: it may have been moved away.
 * Tries all, and returns 0 or the first error; `error` names the file and the remedy then. Can be
 * called again.
 */
__attribute__((warn_unused_result)) int
sinks_write(struct sinks *sinks, const struct sinks_source *source, struct rrd_error *error);

/* Writes the files of one stream. Otherwise as sinks_write. */
__attribute__((warn_unused_result)) int sinks_write_stream(struct sinks *sinks,
                                                           const struct sinks_source *source,
                                                           const struct stream *stream,
                                                           struct rrd_error *error);

/* Is there any file to be written but the recording at `output`? */
bool sinks_has_any(const struct recording_table *recordings, const char *output);
