/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What all exec functions and posix_spawn share: the new program keeps what the shim and the SDK
 * need, whatever environment it is given; a failed exec takes its end record back.
 *
 * Runs in vfork children too, on the stack and in the memory of their parents: so nothing here is
 * left changed when an exec succeeds but `left`, which the parent clears up.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/exec_call.h"

#include "preload/ending.h"
#include "preload/env.h"
#include "preload/process.h"
#include "preload/target.h"
#include "sdk/spool/raw_syscall.h"
#include "sdk/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_ON_STACK 4096u /* an environment that is larger than this gets a mapping */

/* What a call works with: on the stack, but for handlers of signals that have a small one. */
struct scratch {
    char target[PATH_MAX];
    struct env_plan plan;
};

struct mapping {
    void *memory;
    size_t size;
};

struct mappings {
    struct mapping scratch;
    struct mapping environment;
};

/*
 * Mappings that the vfork child of this thread made, and left behind in its parent's memory when
 * its exec succeeded. The thread's next exec or spawn unmaps them.
 */
static _Thread_local struct mappings left __attribute__((tls_model("initial-exec")));

/* Maps `size` bytes; on failure the new program is started with the environment as it is. */
static struct mapping map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? (struct mapping){0} : (struct mapping){memory, size};
}

static void unmap(const struct mappings *mappings)
{
    if (mappings->scratch.memory)
        munmap(mappings->scratch.memory, mappings->scratch.size);
    if (mappings->environment.memory)
        munmap(mappings->environment.memory, mappings->environment.size);
    left = (struct mappings){0};
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
 * Whether the new program's loader can open our library: a process that has become another user may
 * not reach it, and the loader would say so on stderr.
 */
static bool shim_is_readable(void)
{
    return RAW_SYSCALL(SYS_geteuid) == shim.user ||
           RAW_SYSCALL(SYS_faccessat2, AT_FDCWD, shim.env->shim, R_OK, AT_EACCESS) != -EACCES;
}

/*
 * Plans the new environment. The file is looked at by the call's own path and descriptor: the path
 * that find_target gave is its place only for a search. Returns why the program will not be
 * covered.
 */
static enum uncovered_reason plan_environment(const struct exec_call *call, const char *target,
                                              struct env_plan *plan)
{
    struct env_recording recording;
    bool has_recording = own_recording(&recording);
    const char *path = call->searches ? target : call->path;
    struct target seen = target_look(call->dir_fd, path, call->flags, shim.loader, shim.has_sdk);

    if (seen.preloads && !shim_is_readable())
        seen = (struct target){.reason = UNCOVERED_ACCESS};
    env_plan(plan, shim.env, call->envp, has_recording ? &recording : NULL, seen.preloads,
             seen.needs_rerun_c);
    if (env_disabled(call->envp))
        return UNCOVERED_DISABLED;
    return env_other_session(shim.env, call->envp) ? UNCOVERED_SESSION : seen.reason;
}

/* posix_spawn of a program that will not be covered: only afterwards its pid is known. */
static int spawn_uncovered(const struct exec_call *call, const struct process_forecast *forecast,
                           char *const *envp)
{
    struct process_forecast told = *forecast;
    struct exec_call own = *call;
    pid_t pid;
    int result;

    if (!own.pid)
        own.pid = &pid;
    told.time_ns = process_now_ns();
    result = call->perform(&own, envp);
    told.pid = (uint32_t)*own.pid;
    if (result == 0)
        process_uncovered(&told);
    return result;
}

/* What can be seen to fail is not the end: then nothing is flushed. */
static void flush_before(const struct exec_call *call, const char *target, char *const *envp)
{
    const struct ending ending = {.act = ENDING_EXEC, .call = call, .envp = envp};

    if (shim.flushes &&
        target_may_run(call->dir_fd, call->searches ? target : call->path, call->flags))
        ending_flush(&ending);
}

/*
 * Makes the call with `envp`; between its two records if it replaces this process, or tells of a
 * vfork child that becomes a program without us.
 */
static int perform(const struct exec_call *call, struct process_forecast *forecast,
                   char *const *envp, const struct mappings *mappings)
{
    bool told;
    int result;

    if (!call->replaces && forecast->reason != UNCOVERED_NOT)
        return spawn_uncovered(call, forecast, envp);
    if (call->replaces && ending_is_flushing())
        ending_carry_out();
    told = call->replaces && process_ending(END_EXEC, 0, &call->caller, forecast->path);
    if (forecast->reason != UNCOVERED_NOT) {
        forecast->pid = process_pid();
        forecast->time_ns = process_now_ns();
        process_uncovered(forecast);
    }
    if (told) {
        flush_before(call, forecast->path, envp);
        process_wait_stored();
    } else if (call->replaces) {
        left = *mappings;
    }
    result = call->perform(call, envp);
    if (told)
        process_ending_cancelled();
    if (call->replaces && forecast->reason != UNCOVERED_NOT)
        process_uncovered(&(struct process_forecast){.pid = forecast->pid, .path = ""});
    return result;
}

/* Plans and makes the call. An environment of more than `max_on_stack` bytes gets a mapping. */
static int run_with(const struct exec_call *call, struct scratch *scratch, size_t max_on_stack,
                    struct mappings *mappings)
{
    struct process_forecast forecast = {.path = scratch->target};
    void *memory = NULL;
    size_t size;
    int found = errno;

    find_target(call, scratch->target);
    forecast.reason = plan_environment(call, scratch->target, &scratch->plan);
    size = scratch->plan.size_bytes;
    if (size > max_on_stack)
        memory = (mappings->environment = map(size)).memory;
    else if (size)
        memory = __builtin_alloca(size);
    errno = found;
    return perform(call, &forecast, memory ? env_compose(&scratch->plan, memory) : call->envp,
                   mappings);
}

__attribute__((noinline)) static int run_on_stack(const struct exec_call *call,
                                                  struct mappings *mappings)
{
    struct scratch scratch;

    return run_with(call, &scratch, MAX_ON_STACK, mappings);
}

/* A crash handler execs a debugger from a stack that may have 8 KiB, half of it the kernel's. */
__attribute__((noinline)) static int run_off_stack(const struct exec_call *call,
                                                   struct mappings *mappings)
{
    int found = errno;

    mappings->scratch = map(sizeof(struct scratch));
    errno = found;
    return mappings->scratch.memory ? run_with(call, mappings->scratch.memory, 0, mappings)
                                    : call->perform(call, call->envp);
}

static bool on_signal_stack(void)
{
    stack_t stack = {0};

    return RAW_SYSCALL(SYS_sigaltstack, NULL, &stack) == 0 && (stack.ss_flags & SS_ONSTACK);
}

int exec_call_run(const struct exec_call *call)
{
    struct mappings mappings = {0};
    int found = errno, result;

    if (!process_covered() || !call->path)
        return call->perform(call, call->envp);
    unmap(&left);
    errno = found;
    result = on_signal_stack() ? run_off_stack(call, &mappings) : run_on_stack(call, &mappings);
    found = errno;
    unmap(&mappings);
    errno = found;
    return result;
}
