/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The exec family and posix_spawn: the new program keeps what the shim and the SDK need, whatever
 * environment it is given; a failed exec takes its end record back.
 *
 * Runs in vfork children too, on the stack and in the memory of their parents: so nothing here is
 * left changed when an exec succeeds but `left`, which the parent clears up.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/process.h"
#include "preload/real.h"
#include "preload/target.h"
#include "sdk/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_ON_STACK 4096u /* an environment that is larger than this gets a mapping */

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
 * A mapping that the vfork child of this thread made for its environment, and left behind in its
 * parent's memory when its exec succeeded. The thread's next exec or spawn unmaps it.
 */
static _Thread_local struct mapping {
    void *memory;
    size_t size;
} left __attribute__((tls_model("initial-exec")));

/* Maps `size` bytes; on failure the new program is started with the environment as it is. */
static struct mapping map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? (struct mapping){0} : (struct mapping){memory, size};
}

static void unmap(struct mapping mapping)
{
    if (mapping.memory)
        munmap(mapping.memory, mapping.size);
    left = (struct mapping){0};
}

/* The recording that this process made global; false if it has none. */
static bool own_recording(struct env_recording *ret_recording)
{
    const struct record_recording *head = lastword_spool_v1.get_recording();

    if (!head)
        return false;
    ret_recording->application_id = (const char *)(head + 1);
    ret_recording->application_id_size = head->application_id_size;
    ret_recording->recording_id = ret_recording->application_id + head->application_id_size;
    ret_recording->recording_id_size = head->recording_id_size;
    return true;
}

/* Writes the path of an open descriptor, as /proc has it; "" if it is not known. */
static size_t path_of_descriptor(int fd, char path[PATH_MAX])
{
    char link[32] = "/proc/self/fd/";
    char digits[12];
    size_t n = 0, at = strlen(link);
    unsigned rest = (unsigned)fd;
    ssize_t size;

    do
        digits[n++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (n)
        link[at++] = digits[--n];
    link[at] = '\0';
    size = fd < 0 ? 0 : readlink(link, path, PATH_MAX - 1);
    path[size > 0 ? size : 0] = '\0';
    return size > 0 ? (size_t)size : 0;
}

/* Finds which file the call would run, for the record; for a search also for a look at it. */
static void find_target(const struct exec_call *call, char path[PATH_MAX])
{
    size_t size, name_size = strlen(call->path);

    if (call->dir_fd == AT_FDCWD || *call->path == '/') {
        (void)target_find(call->path, call->searches ? env_value(environ, "PATH") : "", path);
        return;
    }
    size = path_of_descriptor(call->dir_fd, path);
    if (!name_size || size + 1 + name_size >= PATH_MAX)
        return;
    path[size] = '/';
    memcpy(path + size + 1, call->path, name_size + 1);
}

/*
 * Plans the new environment. The file is looked at by the call's own path and descriptor: the path
 * that find_target gave is its place only for a search.
 */
static void plan_environment(const struct exec_call *call, const char *target,
                             struct env_plan *plan)
{
    struct env_recording recording;
    bool has_recording = own_recording(&recording);
    const char *path = call->searches ? target : call->path;
    bool preloads = target_preloads(call->dir_fd, path, call->flags, shim.loader);

    env_plan(plan, shim.env, call->envp, has_recording ? &recording : NULL, preloads);
}

/* Makes the call with `envp`; between its two records if it replaces this process. */
static int perform(const struct exec_call *call, const char *target, char *const *envp,
                   struct mapping mapping)
{
    bool told = call->replaces && process_ending(END_EXEC, 0, &call->caller, target);
    int result;

    if (told)
        process_wait_stored();
    else if (call->replaces)
        left = mapping;
    result = call->perform(call, envp);
    if (told)
        process_ending_cancelled();
    return result;
}

static int run(const struct exec_call *call)
{
    char target[PATH_MAX];
    struct env_plan plan;
    struct mapping mapping = {0};
    void *memory = NULL;
    int found = errno;
    int result;

    if (!process_covered() || !call->path)
        return call->perform(call, call->envp);
    unmap(left);
    find_target(call, target);
    plan_environment(call, target, &plan);
    if (plan.size_bytes > MAX_ON_STACK)
        memory = (mapping = map(plan.size_bytes)).memory;
    else if (plan.size_bytes)
        memory = __builtin_alloca(plan.size_bytes);
    errno = found;
    result = perform(call, target, memory ? env_compose(&plan, memory) : call->envp, mapping);
    found = errno;
    unmap(mapping);
    errno = found;
    return result;
}

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
    return run(&(struct exec_call){
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
    return run(&(struct exec_call){
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

/* Number of arguments of a list that a NULL ends, `first` among them. */
static size_t count_arguments(const char *first, va_list rest)
{
    size_t n = 0;

    for (const char *at = first; at; at = va_arg(rest, const char *))
        n++;
    return n;
}

/* Fills argv[0..n], the NULL included. */
static void collect_arguments(char **argv, size_t n, const char *first, va_list *rest)
{
    const char *at = first;

    for (size_t i = 0; i <= n; i++) {
        memcpy(&argv[i], &at, sizeof(at)); /* exec's argv is not const, but nobody writes to it */
        if (at)
            at = va_arg(*rest, const char *);
    }
}

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
    size_t n;

    va_start(rest, arg);
    n = count_arguments(arg, rest);
    va_end(rest);
    argv = __builtin_alloca((n + 1) * sizeof(*argv));
    va_start(rest, arg);
    collect_arguments(argv, n, arg, &rest);
    va_end(rest);
    return run_execve(caller, path, argv, environ);
}

HOOK int execlp(const char *file, const char *arg, ...)
{
    struct caller caller = CALLER();
    va_list rest;
    char **argv;
    size_t n;

    va_start(rest, arg);
    n = count_arguments(arg, rest);
    va_end(rest);
    argv = __builtin_alloca((n + 1) * sizeof(*argv));
    va_start(rest, arg);
    collect_arguments(argv, n, arg, &rest);
    va_end(rest);
    return run_execvpe(caller, file, argv, environ);
}

HOOK int execle(const char *path, const char *arg, ...)
{
    struct caller caller = CALLER();
    char *const *envp;
    va_list rest;
    char **argv;
    size_t n;

    va_start(rest, arg);
    n = count_arguments(arg, rest);
    va_end(rest);
    argv = __builtin_alloca((n + 1) * sizeof(*argv));
    va_start(rest, arg);
    collect_arguments(argv, n, arg, &rest);
    envp = va_arg(rest, char *const *);
    va_end(rest);
    return run_execve(caller, path, argv, envp);
}

HOOK int fexecve(int fd, char *const argv[], char *const envp[])
{
    return run(&(struct exec_call){
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
    return run(&(struct exec_call){
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
    return run(&(struct exec_call){
        .dir_fd = AT_FDCWD,
        .path = path,
        .argv = argv,
        .envp = envp,
        .perform = perform_spawn,
        .pid = pid,
        .actions = actions,
        .attributes = attributes,
    });
}

HOOK int posix_spawnp(pid_t *restrict pid, const char *restrict file,
                      const posix_spawn_file_actions_t *restrict actions,
                      const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
                      char *const envp[restrict])
{
    return run(&(struct exec_call){
        .dir_fd = AT_FDCWD,
        .path = file,
        .searches = true,
        .argv = argv,
        .envp = envp,
        .perform = perform_spawnp,
        .pid = pid,
        .actions = actions,
        .attributes = attributes,
    });
}
