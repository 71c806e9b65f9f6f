/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which program an exec would start, and whether our library can be loaded there. A glibc library
 * kills a musl program at its start and makes a 32-bit one complain on stderr.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds `file` as execvp does: in the directories of `search_path` (NULL: "/bin:/usr/bin") unless
 * it has a slash. `ret_path` (PATH_MAX bytes) gets the first that is a regular file and may be
 * executed. Returns false, and `file` cut to fit in ret_path, if there is none: the real call knows
 * the right error. Async-signal-safe.
 */
bool target_find(const char *file, const char *search_path, char *ret_path);

/*
 * Whether our library can be loaded into the program at `path`, as execveat takes dir_fd, path and
 * flags (AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW). Reads the ELF header and the name of the dynamic
 * loader; a script's interpreter is asked instead of the script, up to the kernel's own depth.
 *   loader   path of this process's dynamic loader, "" if unknown; only its file name counts
 * True also for what cannot be read or told, and for static and setuid programs: those ignore
 * LD_PRELOAD, but hand it on. Async-signal-safe, opens and closes one descriptor.
 */
bool target_preloads(int dir_fd, const char *path, int flags, const char *loader);
