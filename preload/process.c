/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the life of this process to the spool: start, end, children's ends.
 *
 * Owns all state of the shim. `shim` is written by the constructor and read-only after it, but for
 * two serials, which are compared with the spool's: a forked child inherits them as its parent's,
 * so they need no repair. `fork_in_progress` is thread-local and restored by the bracket.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/process.h"

#include "preload/real.h"
#include "sdk/spool/setting.h"
#include "sdk/spool/spool.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_FLUSH_TIMEOUT_MS 2000u

enum phase {
    PHASE_NEW,
    PHASE_STARTING,
    PHASE_COVERED,
    PHASE_INERT,
};

static struct {
    _Atomic int phase;
    bool waits_at_end;
    uint32_t flush_timeout_ms;
    const char *loader;
    _Atomic uint64_t announced; /* serial of the process whose START is in the spool */
    _Atomic uint64_t exiting;   /* serial of the process that has called exit() */
    struct env_start env;
} shim;

/* What the atfork handlers must know about the wrapper that called fork, if one did. */
static _Thread_local struct {
    uint32_t depth; /* wrappers that are nested in this thread: the outermost one speaks */
    uint32_t made_by;
    uint32_t parent_pid;
    uint64_t time_ns; /* of the call, as the parent read it: tells which child was born first */
    bool told_end;    /* in_parent has told the end of a process that calls daemon() */
    struct caller caller;
} fork_in_progress __attribute__((tls_model("initial-exec")));

/* --- Records --------------------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Appends a record of up to three pieces, padded to 8 bytes; an absent piece has size 0. */
static bool append_at(uint64_t time_ns, enum record_kind kind, const struct env_part pieces[3])
{
    size_t size = pieces[0].size + pieces[1].size + pieces[2].size;
    struct spool_cursor cursor;

    if (lastword_spool_v1.begin(&cursor, (uint16_t)kind, time_ns, (size + 7) & ~(size_t)7) < 0)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (pieces[i].size)
            spool_put(&cursor, pieces[i].at, pieces[i].size);
    }
    spool_put_padding(&cursor, size);
    return lastword_spool_v1.end(&cursor) == 0;
}

static bool append(enum record_kind kind, const struct env_part pieces[3])
{
    return append_at(now_ns(), kind, pieces);
}

static uint32_t own_pid(void)
{
    return (uint32_t)syscall(SYS_getpid); /* getpid() may be somebody's who tells another number */
}

static void append_start(uint64_t time_ns, enum process_made_by made_by, uint32_t parent_pid,
                         struct env_part path, struct env_part args, uint32_t flags)
{
    struct record_process_start start = {
        .pid = own_pid(),
        .parent_pid = parent_pid,
        .made_by = made_by,
        .flags = flags,
        .executable_size = (uint16_t)path.size,
        .args_size = (uint32_t)args.size,
    };

    append_at(time_ns, RECORD_PROCESS_START,
              (struct env_part[3]){{(char *)&start, sizeof(start)}, path, args});
}

/*
 * Makes this process the one that `announced` names. Returns true for the one caller who then has
 * to append its START. 0 is no process: the spool could not be opened.
 */
static bool claim_announcement(void)
{
    uint64_t serial = lastword_spool_v1.serial();
    uint64_t last = atomic_load(&shim.announced);

    return serial && last != serial &&
           atomic_compare_exchange_strong(&shim.announced, &last, serial);
}

static void announce(uint64_t time_ns, enum process_made_by made_by, uint32_t parent_pid)
{
    if (claim_announcement())
        append_start(time_ns, made_by, parent_pid, (struct env_part){0}, (struct env_part){0}, 0);
}

/* In the child of a wrapper's fork. */
static void announce_fork(void)
{
    announce(fork_in_progress.time_ns, fork_in_progress.made_by, fork_in_progress.parent_pid);
}

/*
 * Whether the process on record is this one. A child that was made behind our back, by a raw system
 * call, is noticed here and told now.
 */
static bool on_record(void)
{
    if (lastword_spool_v1.serial() == 0 || lastword_spool_v1.owner_pid() != own_pid())
        return false;
    announce(now_ns(), MADE_BY__FORK, (uint32_t)getppid());
    return true;
}

bool process_ending(enum process_end_kind kind, int status, const struct caller *caller,
                    const char *text)
{
    struct record_process_end end = {.kind = kind, .status = status};
    int found = errno;
    bool told = false;

    if (on_record()) {
        if (caller) {
            end.pc = caller->pc;
            end.sp = caller->sp;
            end.fp = caller->fp;
            end.stack_size = (uint32_t)caller_stack_size(caller->sp, RECORD_MAX_STACK);
        }
        end.text_size = text ? (uint32_t)strnlen(text, PATH_MAX) : 0;
        if (kind == END_EXIT)
            shim.exiting = lastword_spool_v1.serial();
        told = append(RECORD_PROCESS_END, (struct env_part[3]){{(char *)&end, sizeof(end)},
                                                               {text, end.text_size},
                                                               {(char *)end.sp, end.stack_size}});
    }
    errno = found;
    return told;
}

void process_ending_cancelled(void)
{
    int found = errno;

    append(RECORD_PROCESS_END_CANCELLED, (struct env_part[3]){{0}});
    errno = found;
}

void process_child_ended(pid_t pid, int wait_status)
{
    struct record_child_ended ended = {.pid = (uint32_t)pid, .wait_status = wait_status};
    int found = errno;

    if ((WIFEXITED(wait_status) || WIFSIGNALED(wait_status)) && on_record())
        append(RECORD_CHILD_ENDED, (struct env_part[3]){{(char *)&ended, sizeof(ended)}});
    errno = found;
}

void process_wait_stored(void)
{
    int found = errno;

    if (shim.waits_at_end && lastword_spool_v1.owner_pid() == own_pid())
        (void)!lastword_spool_v1.wait_stored(shim.flush_timeout_ms);
    errno = found;
}

bool process_exit_seen(void)
{
    return shim.exiting && shim.exiting == lastword_spool_v1.serial();
}

/* --- Fork ------------------------------------------------------------------------------------ */

void process_before_fork(struct fork_bracket *bracket, enum process_made_by made_by,
                         const struct caller *caller)
{
    int found = errno;
    sigset_t all;

    bracket->covered = process_covered();
    if (!bracket->covered)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &bracket->mask);
    on_record(); /* a child must not tell the start that its parent has not told yet */
    bracket->serial = lastword_spool_v1.serial();
    if (fork_in_progress.depth++ == 0) {
        fork_in_progress.made_by = made_by;
        fork_in_progress.parent_pid = own_pid();
        fork_in_progress.time_ns = now_ns();
        fork_in_progress.told_end = false;
        fork_in_progress.caller = *caller;
    }
    errno = found;
}

void process_after_fork(const struct fork_bracket *bracket)
{
    int found = errno;

    if (!bracket->covered)
        return;
    if (lastword_spool_v1.serial() != bracket->serial)
        announce_fork();
    else if (fork_in_progress.told_end)
        process_ending_cancelled();
    fork_in_progress.depth--;
    pthread_sigmask(SIG_SETMASK, &bracket->mask, NULL);
    errno = found;
}

/*
 * pthread_atfork sees what no wrapper sees: forkpty, and the fork inside daemon(). In the child it
 * comes before the handlers of libraries that were initialised after us.
 */
static void in_child(void)
{
    int found = errno;

    if (fork_in_progress.depth)
        announce_fork();
    else
        announce(now_ns(), MADE_BY_FORK, (uint32_t)getppid());
    errno = found;
}

/*
 * The process that called daemon() leaves by an inner _exit right after its fork. The handler runs
 * after a failed fork too: then daemon() returns here, and the end is taken back.
 */
static void in_parent(void)
{
    if (fork_in_progress.depth && fork_in_progress.made_by == MADE_BY_DAEMON)
        fork_in_progress.told_end = process_ending(END_DAEMON, 0, &fork_in_progress.caller, NULL);
}

/* --- Start ----------------------------------------------------------------------------------- */

static struct env_part executable(char buffer[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", buffer, PATH_MAX);
    const char *started;

    if (size > 0)
        return (struct env_part){buffer, (size_t)size};
    started = (const char *)getauxval(AT_EXECFN); /* no /proc here: the path that exec was given */
    return (struct env_part){started, started ? strnlen(started, PATH_MAX) : 0};
}

/* Copies the arguments, each with its NUL; sets *ret_cut where they do not all fit. */
static struct env_part arguments(char *const *argv, char buffer[RECORD_MAX_ARGS], bool *ret_cut)
{
    size_t used = 0;

    *ret_cut = false;
    for (; argv && *argv && !*ret_cut; argv++) {
        size_t size = strlen(*argv) + 1;

        *ret_cut = size > RECORD_MAX_ARGS - used;
        size = *ret_cut ? RECORD_MAX_ARGS - used : size;
        memcpy(buffer + used, *argv, size);
        used += size;
    }
    if (*ret_cut && used)
        buffer[used - 1] = '\0';
    return (struct env_part){buffer, used};
}

static void announce_image(char *const *argv)
{
    char path[PATH_MAX], args[RECORD_MAX_ARGS];
    struct env_part list;
    bool cut;

    if (!claim_announcement())
        return;
    list = arguments(argv, args, &cut);
    append_start(now_ns(), MADE_BY_EXEC, (uint32_t)getppid(), executable(path), list,
                 cut ? START_ARGS_CUT : 0);
}

/* Path of the object that `address` lies in, as the dynamic loader names it; "" if it is unknown.
 */
static const char *object_path(const void *address)
{
    Dl_info info;

    return dladdr(address, &info) && info.dli_fname ? info.dli_fname : "";
}

static void read_settings(void)
{
    const char *wait = env_value(environ, "LASTWORD_WAIT");

    shim.waits_at_end = wait && *wait && strcmp(wait, "0") != 0;
    shim.flush_timeout_ms =
        setting_duration_ms(env_value(environ, "LASTWORD_FLUSH_TIMEOUT"), DEFAULT_FLUSH_TIMEOUT_MS);
}

/* Everything that looks up, locks or allocates happens here, once. */
static bool start(char *const *argv)
{
    const char *session = env_value(environ, "LASTWORD_SESSION");

    if (!real_resolve() || !session || !*session || env_disabled(environ) ||
        !env_start_init(&shim.env, environ, object_path(&shim)))
        return false;
    shim.loader = object_path((const void *)_r_debug.r_ldbase);
    read_settings();
    if (pthread_atfork(NULL, in_parent, in_child) != 0)
        return false;
    announce_image(argv);
    return true;
}

static void start_once(char *const *argv)
{
    int idle = PHASE_NEW;

    if (atomic_compare_exchange_strong(&shim.phase, &idle, PHASE_STARTING)) {
        int found = errno;

        atomic_store(&shim.phase, start(argv) ? PHASE_COVERED : PHASE_INERT);
        errno = found;
    }
}

__attribute__((constructor)) static void construct(int argc, char **argv)
{
    (void)argc;
    start_once(argv);
}

bool process_covered(void)
{
    if (__builtin_expect(atomic_load_explicit(&shim.phase, memory_order_acquire) == PHASE_NEW, 0))
        start_once(NULL);
    return atomic_load_explicit(&shim.phase, memory_order_acquire) == PHASE_COVERED;
}

const struct env_start *process_env_start(void)
{
    return &shim.env;
}

const char *process_loader(void)
{
    return shim.loader;
}
