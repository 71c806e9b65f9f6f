/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The constructor: finds out whether and how this image is covered, and tells its start. All that
 * looks up, locks or allocates happens here, once.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 * (dlsym, dladdr and pthread_atfork are the exceptions, and the reason why they are called here.)
 */
#include "preload/ending.h"
#include "preload/fork.h"
#include "preload/process.h"
#include "preload/provider.h"
#include "preload/real.h"
#include "sdk/spool/setting.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

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
    bool cut;
    struct env_part list = arguments(argv, args, &cut);

    process_announce_image(executable(path), list, cut ? START_ARGS_CUT : 0);
}

/* Path of the object that `address` lies in, as the dynamic loader names it; "" if it is unknown.
 */
static const char *object_path(const void *address)
{
    Dl_info info;

    return dladdr(address, &info) && info.dli_fname ? info.dli_fname : "";
}

/*
 * Our variables. Exec alone reads them. In .data, though all zero: that is mapped from the file in
 * any case, while a .bss of this size would be one more mapping to copy at each fork.
 */
static struct env_start environment __attribute__((section(".data")));

static const struct env_start *keep_environment(void)
{
    return env_start_init(&environment, environ, object_path(&shim)) ? &environment : NULL;
}

static bool is_set(const char *name)
{
    const char *value = env_value(environ, name);

    return value && *value && strcmp(value, "0") != 0;
}

/* Whether this is one of the strings that the kernel put behind the arguments: it may be written.
 */
static bool is_of_kernel(const char *entry, char *const *argv)
{
    const char *last = (const char *)getauxval(AT_EXECFN);

    return argv && entry > (const char *)argv && entry < last;
}

/*
 * Takes the SDK out of the LD_PRELOAD that the program sees and hands on: system() and popen() pass
 * it to shells, which have no use for it. Exec puts it back for programs that have.
 */
static void hide_sdk(char *entry, const char *path, char *const *argv)
{
    char *at = strstr(entry, path), *after;

    if (!is_of_kernel(entry, argv))
        return;
    after = at + strlen(path);
    if (*after)
        after++; /* the separator, else that before it */
    else if (at[-1] != '=')
        at--;
    memmove(at, after, strlen(after) + 1);
}

/*
 * A program that is linked with librerun_c.so has our SDK in front of it: says so if that is what
 * its calls reach.
 */
static void tell_sdk(char *const *argv)
{
    const char *path = env_value(environ, "LASTWORD_SDK");
    const char *preloads = env_value(environ, "LD_PRELOAD");
    const void *function;

    if (!shim.has_sdk || !path || !preloads || !strstr(preloads, path))
        return;
    function = dlsym(RTLD_DEFAULT, "rr_recording_stream_new");
    if (function && strcmp(object_path(function), path) == 0)
        process_note(NOTE_PROVIDER, "librerun_c");
    hide_sdk((char *)(uintptr_t)preloads - strlen("LD_PRELOAD="), path, argv);
}

/*
 * Valgrind complains on stderr of the system call that asks whether a page can be read, and
 * memcheck of any that reads what the program has not written: there no stack is looked at.
 */
static bool under_valgrind(void)
{
    const char *preloaded = env_value(environ, "LD_PRELOAD");

    return preloaded && strstr(preloaded, "/vgpreload_core");
}

static bool start(char *const *argv)
{
    const char *session = env_value(environ, "LASTWORD_SESSION");

    if (!real_resolve() || !session || !*session || env_disabled(environ))
        return false;
    shim.env = keep_environment();
    shim.loader = object_path((const void *)_r_debug.r_ldbase);
    shim.has_sdk = is_set("LASTWORD_SDK");
    shim.max_stack = under_valgrind() ? 0 : RECORD_MAX_STACK;
    shim.user = geteuid();
    shim.waits_at_end = is_set("LASTWORD_WAIT");
    shim.flush_timeout_ms =
        setting_duration_ms(env_value(environ, "LASTWORD_FLUSH_TIMEOUT"), SETTING_FLUSH_TIMEOUT_MS);
    if (!shim.env || !fork_watch())
        return false;
    announce_image(argv);
    tell_sdk(argv);
    if (provider_start() && !ending_start())
        provider_note("all", "no memory for the watchdog");
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

void start_early(void)
{
    start_once(NULL);
}

__attribute__((constructor)) static void construct(int argc, char **argv)
{
    (void)argc;
    start_once(argv);
}
