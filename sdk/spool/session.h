/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The session directory: where the spools of one run lie, and how programs and courier meet.
 *
 *     BASE/lastword-UID/          0700, ours, no symlink
 *         ID/                     one session, 0700
 *             PID-FAMILY.spool    one per exec'd image; hidden (.NAME) while it is being made
 *             NAME.side           a row too large for its spool
 *             (the courier's own files: harness/courier)
 *
 * BASE: $LASTWORD_DIR, else /dev/shm, else $XDG_RUNTIME_DIR, else $TMPDIR, else /tmp: the first
 * that can be written. libc only; nothing here allocates.
 */
#pragma once

#include <stddef.h>

#define SESSION_PATH_SIZE    256 /* with the terminating NUL */
#define SESSION_SPOOL_SUFFIX ".spool"
#define SESSION_SIDE_SUFFIX  ".side"

/*
 * Makes a new, empty session directory. `path` (SESSION_PATH_SIZE bytes) gets its absolute path.
 * Async-signal-safe, thread-safe.
 * Errors: -EACCES, -EROFS, -ENOSPC, -EPERM (somebody else's directory or symlink stands there), of
 * the last base tried.
 */
__attribute__((warn_unused_result)) int session_create(char *path);

/*
 * Opens a session directory that somebody names, after checking that it is a directory, not a
 * symlink, belongs to this user (or root is asking) and is closed to others. Returns a descriptor
 * (close-on-exec) or -ENOENT, -ENOTDIR, -ELOOP, -EPERM, -ENAMETOOLONG, -EINVAL (not absolute).
 */
__attribute__((warn_unused_result)) int session_open(const char *path);
/* Writes the directory that holds this user's sessions under `base` ("/dev/shm") to `path`. */
__attribute__((warn_unused_result)) int session_parent(const char *base, char *path);

/*
 * The bases in the order in which they are tried: calls `visit` with each that is set and exists
 * until it returns non-zero, and returns that. For `lastword sessions`.
 */
int session_bases(int (*visit)(const char *base, void *context), void *context);
