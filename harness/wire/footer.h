/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The index at the end of a recording: End frame with an RrdFooter, then the stream footer.
 *
 * Optional for most readers, wanted by `rerun rrd verify` and RrdReader.store(). A wrong one is
 * worse than none, so it is appended whole or not at all.
 */
#pragma once

#include "harness/wire/rrd_error.h"

#include <stdbool.h>

#define FOOTER_MAX_SIZE ((size_t)256 << 20) /* bytes */

/*
 * Reads the recording behind `fd` (open for reading and writing, a regular file) from its start and
 * appends the index. `name` is for errors. A file without any chunk gets none, and neither does one
 * that has one already: both return 0. The file's position is not moved. Not safe while somebody
 * else writes the file. Returns 0, or a negative errno with the file as long as it was: -EBADMSG:
 * damaged, or cut inside a frame (truncate it to its last whole frame first); -ENOTSUP: no index
 * can tell its timelines and components apart (two of one name but for characters that it does not
 * keep, or a timeline of two types), or it has chunks that are not read; the recording is good
 * without one; -EINVAL: it is compressed; -E2BIG: the index would take more than FOOTER_MAX_SIZE;
 * -ENOSPC and others of pwrite(2); -ENOMEM.
 */
__attribute__((warn_unused_result)) int footer_append(int fd, const char *name,
                                                      struct rrd_error *error);

/* Tells of an error of footer_append whether there can be no index, whoever tries: -ENOTSUP,
 * -E2BIG. The recording is whole without one. */
bool footer_is_impossible(int error);
