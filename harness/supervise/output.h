/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the recording goes: checked before the program starts, so that a typing error does not
 * cost a run.
 */
#pragma once

#include <limits.h>
#include <stddef.h>

#define OUTPUT_PART_SUFFIX ".part" /* of the recording while it is written, beside the output */

struct output {
    char shown[PATH_MAX]; /* as the user would write it */
    char path[PATH_MAX];  /* absolute, symbolic links resolved */
};

/*
 * Decides on the output: `given` (-o), else lastword-PROG-PID.rrd in the working directory, with
 * the name of `program` without its folder and our own pid. Checks that its directory exists and
 * can be written, and that what stands there already is a regular file. Nothing is created. Errors:
 * -ENOENT, -ENOTDIR, -EACCES, -EROFS, -EISDIR, -EEXIST (something else than a file stands there),
 * -ENAMETOOLONG, -EINVAL; error_text (error_size bytes) names the path and the remedy.
 */
__attribute__((warn_unused_result)) int output_decide(struct output *ret_output, const char *given,
                                                      const char *program, char *error_text,
                                                      size_t error_size);
