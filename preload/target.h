/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which program an exec would start, whether our library can be loaded there, and if not why. A
 * glibc library kills a musl program at its start and makes a 32-bit one complain on stderr.
 * The harness looks at programs by it too.
 */
#pragma once

#include "sdk/record/record.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds `file` as execvp does: in the directories of `search_path` (NULL: "/bin:/usr/bin") unless
 * it has a slash. `ret_path` (PATH_MAX bytes) gets the first that is a regular file and may be
 * executed. Returns false, and `file` cut to fit in ret_path, if there is none: the real call knows
 * the right error. Async-signal-safe.
 */
bool target_find(const char *file, const char *search_path, char *ret_path);

/* What is known of a program before it runs. */
struct target {
    /* Why the shim will not be in it; UNCOVERED_NOT: it will, or nothing is known. */
    enum uncovered_reason reason;
    /* Whether our library may stand in its LD_PRELOAD: false where it would do harm. Static and
     * setuid programs ignore the variable, but hand it on. */
    bool preloads;
    bool needs_rerun_c; /* it is linked with librerun_c.so; never without `wants_needed` */
};

/*
 * Looks at the program at `path`, as execveat takes dir_fd, path and flags (AT_EMPTY_PATH,
 * AT_SYMLINK_NOFOLLOW). Reads the ELF header and the name of the dynamic loader; a script's
 * interpreter is looked at instead of the script, up to the kernel's own depth.
 *   loader        path of this process's dynamic loader, "" if unknown; only its file name counts
 *   wants_needed  whether needs_rerun_c is asked for, which takes two reads more
 * What cannot be read or told is preloaded. Async-signal-safe, opens and closes one descriptor at a
 * time, keeps errno.
 */
struct target target_look(int dir_fd, const char *path, int flags, const char *loader,
                          bool wants_needed);

/*
 * Whether an exec of this may succeed: false for what is not there, is no regular file, or may not
 * be executed. Async-signal-safe; keeps errno.
 */
bool target_may_run(int dir_fd, const char *path, int flags);
