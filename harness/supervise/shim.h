/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds the shim, liblastword-preload.so, that the dynamic linker puts into the program.
 */
#pragma once

#include <limits.h>
#include <stddef.h>

#define SHIM_LINK_NAME ".liblastword-preload.so" /* in the session directory; see below */

/*
 * Writes the shim's absolute path to ret_path. Looked for, in this order: $LASTWORD_SHIM, then from
 * the folder of this executable ../preload (the build tree) and the library folder of the
 * installation. Errors: -ENOENT, and error_text (error_size bytes) says where it was looked for and
 * what to do; -ENAMETOOLONG.
 */
__attribute__((warn_unused_result)) int shim_find(char ret_path[PATH_MAX], char *error_text,
                                                  size_t error_size);

/*
 * LD_PRELOAD has no way to quote: blanks and colons separate, $ begins a token. A path with one of
 * these is replaced in `path` by a symbolic link to it in the session directory, which
 * shim_remove_link takes away. Errors: of symlink; -ENAMETOOLONG; -EINVAL when the path of the
 * session has such a character too.
 */
__attribute__((warn_unused_result)) int shim_make_loadable(const char *session,
                                                           char path[PATH_MAX]);

/*
 * Writes the absolute path of the SDK, liblastword.so, to ret_path: that of $LASTWORD_SDK, else
 * from the folder of this executable ../sdk (the build tree) and the library folder of the
 * installation; "" where there is none, or in a place that LD_PRELOAD cannot name: then programs
 * linked with librerun_c.so keep that.
 */
void shim_find_sdk(char ret_path[PATH_MAX]);

/* Removes the link, if there is one, so that the session directory can be removed. */
void shim_remove_link(const char *session);
