/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each function here tells one kind of facts. Numbers that are new in every run (process ids) are
 * told as what they are to this process.
 */
#include "tests/transparency/facts.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 4096
#define MAX_TEXT        (1u << 20)

extern char **environ;

/* Outside the heap, which is itself looked at. */
static struct {
    char bytes[MAX_TEXT];
    size_t size;
    const char *label;
} text;

static struct {
    int error_number;
    size_t heap_bytes;
} at_start;

void facts_at_start(void)
{
    at_start.error_number = errno;
    at_start.heap_bytes = mallinfo2().uordblks;
}

/* Appends one line. */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    va_list arguments;
    size_t space = sizeof(text.bytes) - text.size;
    int head = snprintf(text.bytes + text.size, space, "%s ", text.label), size;

    va_start(arguments, format);
    size = vsnprintf(text.bytes + text.size + head, space - (size_t)head, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)head + (size_t)size + 2 > space)
        _exit(98);
    text.size += (size_t)head + (size_t)size;
    text.bytes[text.size++] = '\n';
}

static void tell_descriptors(void)
{
    char path[64], target[4096];
    struct stat status;

    for (int fd = 0; fd < MAX_DESCRIPTORS; fd++) {
        int flags = fcntl(fd, F_GETFD);
        ssize_t size;

        if (flags < 0 || fstat(fd, &status) < 0)
            continue;
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        size = readlink(path, target, sizeof(target) - 1);
        target[size > 0 ? size : 0] = '\0';
        tell("descriptor %d: flags %d, mode %o, %lu:%lu, at %ld, %s, owner %d", fd, flags,
             fcntl(fd, F_GETFL), (unsigned long)status.st_dev, (unsigned long)status.st_ino,
             (long)lseek(fd, 0, SEEK_CUR), target, fcntl(fd, F_GETOWN));
    }
}

static void tell_signals(void)
{
    sigset_t blocked, pending;
    struct sigaction action;
    stack_t stack;

    sigprocmask(SIG_SETMASK, NULL, &blocked);
    sigpending(&pending);
    for (int number = 1; number < NSIG; number++) {
        if (sigaction(number, NULL, &action) < 0)
            continue;
        tell("signal %d: %s, flags %x%s%s", number,
             action.sa_handler == SIG_DFL   ? "default"
             : action.sa_handler == SIG_IGN ? "ignored"
                                            : "handled",
             (unsigned)action.sa_flags, sigismember(&blocked, number) ? ", blocked" : "",
             sigismember(&pending, number) ? ", pending" : "");
    }
    if (sigaltstack(NULL, &stack) == 0)
        tell("signal stack: flags %d, %zu bytes", stack.ss_flags, stack.ss_size);
}

static void tell_limits(void)
{
    struct rlimit limit;

    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        getrlimit((__rlimit_resource_t)resource, &limit);
        tell("limit %d: %lx %lx", resource, (unsigned long)limit.rlim_cur,
             (unsigned long)limit.rlim_max);
    }
}

/* The field with this number of /proc/self/stat (proc(5)), counted from 1; 0 if it cannot be read.
 */
static long stat_field(int wanted)
{
    char line[2048];
    FILE *file = fopen("/proc/self/stat", "re");
    char *at = file && fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;

    if (file)
        fclose(file);
    for (int field = 2; at && field < wanted; field++)
        at = strchr(at + 1, ' ');
    return at ? strtol(at, NULL, 10) : 0;
}

static void tell_family(void)
{
    pid_t pid = getpid(), group = getpgrp(), session = getsid(0);
    pid_t foreground = tcgetpgrp(0);

    tell("pid: %d", (int)pid);
    tell("parent: %d", (int)getppid());
    tell("leads its group: %s", group == pid ? "yes" : "no");
    tell("leads its session: %s", session == pid ? "yes" : "no");
    tell("group: %s", group == pid                  ? "its own"
                      : group == getpgid(getppid()) ? "its parent's"
                                                    : "other");
    tell("session: %s", session == pid                 ? "its own"
                        : session == getsid(getppid()) ? "its parent's"
                                                       : "other");
    tell("terminal: %lx, in the foreground: %s", (unsigned long)stat_field(7),
         foreground == group ? "yes" : "no");
}

/* What prctl can get, with the value at a pointer or as the result. */
static void tell_process_controls(void)
{
    int death_signal = 0, subreaper = 0;
    char name[16] = "";

    prctl(PR_GET_PDEATHSIG, &death_signal);
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    prctl(PR_GET_NAME, name);
    tell("death signal: %d", death_signal);
    tell("subreaper: %d", subreaper);
    tell("name: %s", name);
    tell("dumpable: %d", prctl(PR_GET_DUMPABLE));
    tell("timer slack: %d", prctl(PR_GET_TIMERSLACK));
    tell("keeps capabilities: %d", prctl(PR_GET_KEEPCAPS));
    tell("secure bits: %d", prctl(PR_GET_SECUREBITS));
    tell("no new privileges: %d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    tell("seccomp: %d", prctl(PR_GET_SECCOMP));
    tell("huge pages off: %d", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
}

static void tell_timers(void)
{
    static const char *const names[] = {"real", "virtual", "profiling"};
    struct itimerval timer;

    for (int which = 0; which < 3; which++) {
        getitimer((__itimer_which_t)which, &timer);
        tell("timer %s: %s, every %ld us", names[which],
             timer.it_value.tv_sec || timer.it_value.tv_usec ? "set" : "not set",
             (long)(timer.it_interval.tv_sec * 1000000 + timer.it_interval.tv_usec));
    }
}

static void tell_scheduling(void)
{
    struct sched_param parameters = {0};

    sched_getparam(0, &parameters);
    tell("nice: %d", getpriority(PRIO_PROCESS, 0));
    tell("scheduler: %d, priority %d", sched_getscheduler(0), parameters.sched_priority);
    tell("input and output priority: %ld", syscall(SYS_ioprio_get, 1, 0));
}

static void tell_place(void)
{
    char folder[4096];
    mode_t mask = umask(0);

    umask(mask);
    tell("file mode mask: %o", mask);
    tell("folder: %s", getcwd(folder, sizeof(folder)) ? folder : "none");
    tell("personality: %x", (unsigned)personality(0xffffffff));
    tell("secure: %lu", getauxval(AT_SECURE));
    tell("started as: %s", (const char *)getauxval(AT_EXECFN));
}

/* One line of a file of /proc, under its own name. */
static void tell_line(const char *path, const char *what)
{
    char line[4096];
    FILE *file = fopen(path, "re");

    if (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        tell("%s: %s", what, line);
    }
    if (file)
        fclose(file);
}

/* Ids, masks, rights, threads: as the kernel tells them. */
static void tell_status(void)
{
    static const char *const names[] = {
        "Uid:",    "Gid:",    "Groups:",      "Threads:",      "SigPnd:",      "ShdPnd:",
        "SigBlk:", "SigIgn:", "SigCgt:",      "Cap",           "NoNewPrivs:",  "Seccomp",
        "Spec",    "Tracer",  "CoreDumping:", "Cpus_allowed:", "Mems_allowed:"};
    char line[4096];
    FILE *file = fopen("/proc/self/status", "re");

    while (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (strncmp(line, names[i], strlen(names[i])) == 0)
                tell("status %s", line);
        }
    }
    if (file)
        fclose(file);
    tell_line("/proc/self/oom_score_adj", "readiness to be killed");
    tell_line("/proc/self/coredump_filter", "core filter");
    tell_line("/proc/self/cgroup", "control group");
}

/* The files that are mapped, each once, by their last names. */
static void tell_mappings(void)
{
    char line[4096 + 128], last[4096] = "";
    FILE *file = fopen("/proc/self/maps", "re");

    while (file && fgets(line, sizeof(line), file)) {
        char *path = strchr(line, '/');

        line[strcspn(line, "\n")] = '\0';
        if (path && strcmp(path, last) != 0)
            tell("mapping: %s", basename(strcpy(last, path)));
    }
    if (file)
        fclose(file);
}

/* Which library the program's calls go to. */
static void tell_symbols(void)
{
    static const char *const names[] = {"fork",  "_exit",     "execve",         "waitpid", "malloc",
                                        "write", "sigaction", "pthread_create", "vfork"};
    Dl_info info;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        void *symbol = dlsym(RTLD_DEFAULT, names[i]);

        if (symbol && dladdr(symbol, &info) && info.dli_fname)
            tell("function %s: %s", names[i], strrchr(info.dli_fname, '/') + 1);
    }
}

static void tell_arguments(char **argv)
{
    tell("error number at start: %d", at_start.error_number);
    tell("heap in use at start: %zu", at_start.heap_bytes);
    for (int i = 0; argv[i]; i++)
        tell("argument %d: %s", i, argv[i]);
}

static void tell_variables(void)
{
    for (char **entry = environ; *entry; entry++) {
        size_t size = strcspn(*entry, "=");

        tell("variable %.*s: %s", (int)size, *entry, (*entry)[size] ? *entry + size + 1 : "");
    }
}

static void append_to(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0 || write(fd, text.bytes, text.size) != (ssize_t)text.size)
        _exit(98);
    close(fd);
    text.size = 0;
}

void facts_tell(const char *file, const char *label, char **argv)
{
    text.label = label;
    text.size = 0;
    tell_descriptors();
    tell_signals();
    tell_limits();
    tell_family();
    tell_process_controls();
    tell_timers();
    tell_scheduling();
    tell_place();
    tell_status();
    tell_mappings();
    tell_symbols();
    if (argv)
        tell_arguments(argv);
    tell_variables();
    append_to(file);
}
