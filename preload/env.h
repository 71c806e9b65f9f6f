/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The environment of an exec'd program: what the shim and the SDK need stays in it, also when the
 * program passes an environment of its own or an empty one. In two steps, so that the caller finds
 * the memory: env_plan measures, env_compose writes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ENV_MAX_KEPT     16
#define ENV_STORAGE_SIZE 6144
#define ENV_MAX_EDITS    (ENV_MAX_KEPT + 4)
#define ENV_MAX_PARTS    10
#define ENV_APPENDED     ((size_t)-1)

/* Our variables as they stood when this image started; the program may overwrite the originals. */
struct env_start {
    const char *shim;               /* how LD_PRELOAD names our library */
    const char *kept[ENV_MAX_KEPT]; /* "LASTWORD_NAME=value" */
    size_t n_kept;
    size_t used; /* bytes of storage */
    char storage[ENV_STORAGE_SIZE];
};

/* The recording that the new program shall find: identifiers, not terminated. */
struct env_recording {
    const char *recording_id;
    const char *application_id;
    size_t recording_id_size;
    size_t application_id_size;
};

struct env_part {
    const char *at;
    size_t size;
};

/* One entry that differs from the program's array. */
struct env_edit {
    size_t index;   /* place in the program's array, or ENV_APPENDED */
    size_t n_parts; /* 0: the entry goes */
    struct env_part parts[ENV_MAX_PARTS];
};

struct env_plan {
    char *const *envp; /* the program's; may be NULL */
    size_t n_entries;
    size_t n_edits;
    size_t n_appended;
    size_t size_bytes; /* memory that env_compose needs; 0: the program's array will do as it is */
    struct env_edit edits[ENV_MAX_EDITS];
};

/* The value of `name` in an environment, or NULL. `envp` may be NULL. */
const char *env_value(char *const *envp, const char *name);

/* Whether LASTWORD_DISABLE stands in an environment with any value but "" and "0". */
bool env_disabled(char *const *envp);

/* Whether an environment has another LASTWORD_SESSION than this image was started with. */
bool env_other_session(const struct env_start *start, char *const *envp);

/*
 * Copies every LASTWORD_* entry of `envp` and the path `shim` into `start`. Returns false if they
 * have no room: then exec'd programs cannot be covered.
 */
bool env_start_init(struct env_start *start, char *const *envp, const char *shim);

/*
 * Plans the environment of a new program.
 *   envp       what the program passes; NULL is an empty one
 *   recording  the process's own recording, or NULL: then that of `start` goes on
 *   preloads   whether our library can be loaded there; if not, our entry is taken out
 *   needs_rerun_c  whether it is linked with librerun_c.so: then the SDK of LASTWORD_SDK is loaded
 *              before that, which nobody else gets
 * An entry of ours that `envp` has with another value is the program's wish and stays. Nothing at
 * all is touched when `envp` has LASTWORD_DISABLE or another session. The plan points into its
 * arguments. Async-signal-safe, allocates nothing.
 */
void env_plan(struct env_plan *plan, const struct env_start *start, char *const *envp,
              const struct env_recording *recording, bool preloads, bool needs_rerun_c);

/* Writes the new array and its new strings to `memory` (plan->size_bytes, aligned as a pointer). */
char **env_compose(const struct env_plan *plan, void *memory);
