/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What happens in the session directory, as inotify tells it.
 */
#pragma once

enum session_change {
    SESSION_SPOOL_NEW,    /* a spool got its name */
    SESSION_SPOOL_CLOSED, /* somebody closed it: maybe its last mapping is gone */
    SESSION_SPOOL_RUNG,   /* a writer rings: it waits for the courier */
    SESSION_MISSED,       /* changes were lost: look at everything (name is "") */
};

/* Watches the directory at `path`. Returns a descriptor (close-on-exec, non-blocking) or the
 * negative errno of inotify_init1(2), inotify_add_watch(2). */
__attribute__((warn_unused_result)) int session_watch_open(const char *path);

/*
 * Calls `change` with each change that has come. Returns 0, or the first non-zero that `change`
 * returned: the changes behind it are lost then.
 */
__attribute__((warn_unused_result)) int
session_watch_read(int watch,
                   int (*change)(void *context, enum session_change kind, const char *name),
                   void *context);
