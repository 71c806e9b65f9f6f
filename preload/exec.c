/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The wrappers of the exec family and of posix_spawn: each describes its call; exec_call.c makes
 * it. The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as
 * found.
 */
#include "preload/exec_call.h"
#include "preload/real.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

/* --- The calls behind ------------------------------------------------------------------------- */

static int perform_execve(const struct exec_call *call, char *const *envp)
{
    return real.execve ? real.execve(call->path, call->argv, envp) : real_missing();
}

static int perform_execvpe(const struct exec_call *call, char *const *envp)
{
    return real.execvpe ? real.execvpe(call->path, call->argv, envp) : real_missing();
}

static int perform_fexecve(const struct exec_call *call, char *const *envp)
{
    return real.fexecve ? real.fexecve(call->dir_fd, call->argv, envp) : real_missing();
}

static int perform_execveat(const struct exec_call *call, char *const *envp)
{
    return real.execveat ? real.execveat(call->dir_fd, call->path, call->argv, envp, call->flags)
                         : real_missing();
}

static int perform_spawn(const struct exec_call *call, char *const *envp)
{
    return real.posix_spawn ? real.posix_spawn(call->pid, call->path, call->actions,
                                               call->attributes, call->argv, envp)
                            : ENOSYS;
}

static int perform_spawnp(const struct exec_call *call, char *const *envp)
{
    return real.posix_spawnp ? real.posix_spawnp(call->pid, call->path, call->actions,
                                                 call->attributes, call->argv, envp)
                             : ENOSYS;
}

static int run_execve(struct caller caller, const char *path, char *const *argv, char *const *envp)
{
    return exec_call_run(&(struct exec_call){
        .caller = caller,
        .dir_fd = AT_FDCWD,
        .path = path,
        .replaces = true,
        .argv = argv,
        .envp = envp,
        .perform = perform_execve,
    });
}

static int run_execvpe(struct caller caller, const char *file, char *const *argv, char *const *envp)
{
    return exec_call_run(&(struct exec_call){
        .caller = caller,
        .dir_fd = AT_FDCWD,
        .path = file,
        .searches = true,
        .replaces = true,
        .argv = argv,
        .envp = envp,
        .perform = perform_execvpe,
    });
}

static int run_spawn(bool searches, pid_t *pid, const char *path,
                     const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                     char *const *argv, char *const *envp)
{
    return exec_call_run(&(struct exec_call){
        .dir_fd = AT_FDCWD,
        .path = path,
        .searches = searches,
        .argv = argv,
        .envp = envp,
        .perform = searches ? perform_spawnp : perform_spawn,
        .pid = pid,
        .actions = actions,
        .attributes = attributes,
    });
}

/* Number of arguments of a list that a NULL ends, `first` among them. */
static size_t count_arguments(const char *first, va_list rest)
{
    size_t n = 0;

    for (const char *at = first; at; at = va_arg(rest, const char *))
        n++;
    return n;
}

/* Copies such a list, its NULL included. */
static void copy_arguments(char **argv, const char *first, va_list *rest)
{
    const char *at = first;

    for (; at; at = va_arg(*rest, const char *))
        memcpy(argv++, &at, sizeof(at)); /* exec's argv is not const, but nobody writes to it */
    *argv = NULL;
}

/* Points `argv` to the list as an array in the wrapper's own frame; `rest` then stands behind it.
 */
#define COLLECT_ARGUMENTS(argv, first, rest)                                                       \
    va_start(rest, first);                                                                         \
    (argv) = __builtin_alloca((count_arguments(first, rest) + 1) * sizeof(*(argv)));               \
    va_end(rest);                                                                                  \
    va_start(rest, first);                                                                         \
    copy_arguments(argv, first, &(rest))

/* --- The wrappers ------------------------------------------------------------------------------
 */

HOOK int execve(const char *path, char *const argv[], char *const envp[])
{
    return run_execve(CALLER(), path, argv, envp);
}

HOOK int execv(const char *path, char *const argv[])
{
    return run_execve(CALLER(), path, argv, environ);
}

HOOK int execvp(const char *file, char *const argv[])
{
    return run_execvpe(CALLER(), file, argv, environ);
}

HOOK int execvpe(const char *file, char *const argv[], char *const envp[])
{
    return run_execvpe(CALLER(), file, argv, envp);
}

HOOK int execl(const char *path, const char *arg, ...)
{
    struct caller caller = CALLER();
    va_list rest;
    char **argv;

    COLLECT_ARGUMENTS(argv, arg, rest);
    va_end(rest);
    return run_execve(caller, path, argv, environ);
}

HOOK int execlp(const char *file, const char *arg, ...)
{
    struct caller caller = CALLER();
    va_list rest;
    char **argv;

    COLLECT_ARGUMENTS(argv, arg, rest);
    va_end(rest);
    return run_execvpe(caller, file, argv, environ);
}

HOOK int execle(const char *path, const char *arg, ...)
{
    struct caller caller = CALLER();
    char *const *envp;
    va_list rest;
    char **argv;

    COLLECT_ARGUMENTS(argv, arg, rest);
    envp = va_arg(rest, char *const *);
    va_end(rest);
    return run_execve(caller, path, argv, envp);
}

HOOK int fexecve(int fd, char *const argv[], char *const envp[])
{
    return exec_call_run(&(struct exec_call){
        .caller = CALLER(),
        .dir_fd = fd,
        .path = "",
        .flags = AT_EMPTY_PATH,
        .replaces = true,
        .argv = argv,
        .envp = envp,
        .perform = perform_fexecve,
    });
}

HOOK int execveat(int dir_fd, const char *path, char *const argv[], char *const envp[], int flags)
{
    return exec_call_run(&(struct exec_call){
        .caller = CALLER(),
        .dir_fd = dir_fd,
        .path = path,
        .flags = flags,
        .replaces = true,
        .argv = argv,
        .envp = envp,
        .perform = perform_execveat,
    });
}

HOOK int posix_spawn(pid_t *restrict pid, const char *restrict path,
                     const posix_spawn_file_actions_t *restrict actions,
                     const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
                     char *const envp[restrict])
{
    return run_spawn(false, pid, path, actions, attributes, argv, envp);
}

HOOK int posix_spawnp(pid_t *restrict pid, const char *restrict file,
                      const posix_spawn_file_actions_t *restrict actions,
                      const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
                      char *const envp[restrict])
{
    return run_spawn(true, pid, file, actions, attributes, argv, envp);
}
