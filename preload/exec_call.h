/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One call of an exec function or of posix_spawn, on its way from the wrapper to the original. */
#pragma once

#include "preload/caller.h"

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

struct exec_call {
    struct caller caller;
    /* What would run, as execveat takes it; `searches`: `path` is looked for in PATH. */
    int dir_fd;
    const char *path;
    int flags;
    bool searches;
    bool replaces; /* this process: all but posix_spawn */
    char *const *argv;
    char *const *envp;
    int (*perform)(const struct exec_call *call, char *const *envp);
    /* posix_spawn's own */
    pid_t *pid;
    const posix_spawn_file_actions_t *actions;
    const posix_spawnattr_t *attributes;
};

/*
 * Makes the call with an environment in which the shim and the SDK find what they need, and tells
 * the end of this process before it, if it replaces it; takes that back if it returns. Where the
 * process is not covered the call is passed on as it is. Returns what `perform` returned, errno as
 * it left it. For vfork children too; allocates nothing from the heap.
 */
int exec_call_run(const struct exec_call *call);
