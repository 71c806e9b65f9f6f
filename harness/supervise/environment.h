/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The environment of the program: the one that lastword was given, with a handful of variables
 * set. docs and man page list them; nothing else differs.
 */
#pragma once

#include <stdbool.h>

#define SHIM_FILE_NAME "liblastword-preload.so"

struct environment_settings {
    const char *shim;         /* path for LD_PRELOAD, without blank or colon; NULL: without it */
    const char *sdk;          /* likewise, for programs linked with librerun_c.so; NULL: none */
    bool needs_sdk;           /* the program itself is one */
    const char *session;      /* for LASTWORD_SESSION */
    const char *recording_id; /* for LASTWORD_RECORDING_ID */
    const char *flush;        /* for LASTWORD_FLUSH; NULL or "": it stays as it is */
};

#define ENVIRONMENT_N_OWN 6

/* Valid as long as the environment that it was made from. */
struct environment {
    char **entries; /* NULL-terminated, for exec; owned, as `own` is; the rest is borrowed */
    char *own[ENVIRONMENT_N_OWN];
};

/*
 * Takes over `base` (NULL-terminated, "NAME=value"), but for the variables that it sets itself and
 * puts last:
 *   LASTWORD_SESSION, LASTWORD_RECORDING_ID, and LASTWORD_FLUSH if it is asked for
 * and, with a shim,
 *   LD_PRELOAD             the shim, the SDK if the program needs it, then what was there but for
 *                          another shim of ours
 *   LASTWORD_SDK           the SDK, so that the shim can do the same for exec'd programs. Not set
 *                          where LD_PRELOAD names it already: then that is the user's own wish
 *   ASAN_OPTIONS           verify_asan_link_order=0 appended, unless it names that option: programs
 *                          built with gcc's ASan refuse a library that comes before its runtime
 * Errors: -ENOMEM.
 */
__attribute__((warn_unused_result)) int
environment_init(struct environment *environment, char *const *base,
                 const struct environment_settings *settings);
void environment_done(struct environment *environment);
