/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Programs with something in their buffers. Standard output is a pipe, so it is fully buffered. */
#include "tests/shim/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

/* --- Functions that --flush names: local ones, in .symtab alone ----------------------------------
 */

#define NAMED __attribute__((used, noinline)) static void

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int *volatile nowhere; /* NULL */
static volatile int deep = 1;
static int noise[2] = {-1, -1}; /* a pipe, full where a case filled it */

NAMED flush_says(void)
{
    (void)!write(1, "flushed\n", 8);
}

NAMED flush_hangs(void)
{
    for (;;)
        pause();
}

NAMED flush_spins(void)
{
    for (volatile int i = 0;; i++) {
    }
}

NAMED flush_blocks_signals_and_hangs(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    flush_hangs();
}

/* Longer than a short budget, but not for ever. */
NAMED flush_is_slow(void)
{
    poll(NULL, 0, 600);
}

NAMED flush_crashes(void)
{
    *nowhere = 1;
}

NAMED flush_overflows(void)
{
    volatile char frame[65536];

    frame[0] = 1;
    if (deep)
        flush_overflows();
    frame[1] = frame[0];
}

NAMED flush_aborts(void)
{
    abort();
}

NAMED flush_exits(void)
{
    exit(9);
}

NAMED flush__exits(void)
{
    _exit(9);
}

NAMED flush_execs(void)
{
    execl("/bin/false", "false", NULL);
}

NAMED flush_forks(void)
{
    static int depth; /* if the child flushes too, this is a process that forks without end */
    pid_t pid;

    if (depth++ > 1)
        _exit(95);
    pid = fork();
    if (pid == 0)
        _exit(4);
    reap(pid, 4);
    flush_says();
}

NAMED flush_locks(void)
{
    pthread_mutex_lock(&lock);
    flush_says();
    pthread_mutex_unlock(&lock);
}

NAMED flush_into_broken_pipe(void)
{
    (void)!write(noise[1], "x", 1);
}

/* --- Endings -------------------------------------------------------------------------------------
 */

/* What may be executed, but is no program: only the kernel knows. */
static void refused_exec(void)
{
    char path[] = "/tmp/lastword-refused-XXXXXX";
    int file = mkostemp(path, O_CLOEXEC);

    CHECK(write(file, "x", 1) == 1 && fchmod(file, 0700) == 0);
    close(file);
    CHECK(execl(path, path, NULL) == -1 && errno == ENOEXEC);
    unlink(path);
}

static void end_by(const char *how)
{
    if (strcmp(how, "exit") == 0)
        exit(3);
    if (strcmp(how, "_exit") == 0)
        _exit(3);
    if (strcmp(how, "_Exit") == 0)
        _Exit(3);
    if (strcmp(how, "quick_exit") == 0)
        quick_exit(3);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "exec") == 0)
        execl(self, self, "raw_exit", "3", NULL);
    if (strcmp(how, "execlp") == 0)
        execlp("sh", "sh", "-c", "exit 3", NULL);
    if (strcmp(how, "failed_exec") == 0) {
        CHECK(execl("/no/such/program", "x", NULL) == -1 && errno == ENOENT);
        CHECK(execl("/etc/passwd", "x", NULL) == -1 && errno == EACCES);
        _exit(3);
    }
    if (strcmp(how, "refused_exec") == 0) {
        refused_exec();
        _exit(3);
    }
    if (strcmp(how, "fault") == 0)
        *nowhere = 1;
    if (strcmp(how, "overflow") == 0)
        flush_overflows();
    if (strncmp(how, "signal", 6) == 0)
        raise(atoi(how + 6));
}

static int ends(char **args)
{
    end_by(args[0]);
    return 3;
}

/* --- Streams -------------------------------------------------------------------------------------
 */

static pid_t begin(const char *how)
{
    int terminal;

    if (strcmp(how, "_Fork") == 0)
        return _Fork();
    if (strcmp(how, "forkpty") == 0)
        return forkpty(&terminal, NULL, NULL, NULL);
    return fork();
}

/* One line before the fork, one in the child, one after it. args: how the child starts, and ends.
 */
static int lines(char **args)
{
    int out = dup(1);
    pid_t pid;
    int status;

    printf("one\n");
    pid = begin(args[0]);
    if (pid == 0) {
        dup2(out, 1); /* forkpty has put a terminal there */
        printf("two\n");
        end_by(args[1]);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    printf("%s\n", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "three");
    if (args[2])
        end_by(args[2]);
    _exit(0);
}

static int daemon_lines(char **args)
{
    (void)args;
    printf("one\n");
    if (daemon(1, 1) < 0)
        return 90;
    printf("two\n");
    _exit(0);
}

/* A child that nobody announced has its parent's text. */
static int raw_clone_lines(char **args)
{
    pid_t pid;

    (void)args;
    printf("one\n");
    pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(4);
    reap(pid, 4);
    _exit(3);
}

/* Streams of all kinds: to a file, in wide characters, and one whose pipe has no reader. */
static int streams(char **args)
{
    FILE *file = fopen(args[0], "a"), *wide = fopen(args[0], "a"), *broken;
    int pipes[2];

    CHECK(file && wide && pipe(pipes) == 0);
    broken = fdopen(pipes[1], "w");
    CHECK(broken != NULL);
    close(pipes[0]);
    fputs("lost\n", broken);
    fputs("narrow\n", file);
    fwprintf(wide, L"%ls\n", L"wide");
    printf("standard\n");
    _exit(3);
}

static void *read_line(void *ready)
{
    char line[16];
    FILE *stream = fdopen(noise[0], "r");

    (void)!write(*(int *)ready, "x", 1);
    CHECK(fgets(line, sizeof(line), stream) == NULL); /* for ever */
    return NULL;
}

/* A thread waits for input with its stream locked. */
static int reader(char **args)
{
    pthread_t thread;
    int ready[2];
    char byte;

    CHECK(pipe(noise) == 0 && pipe(ready) == 0);
    CHECK(pthread_create(&thread, NULL, read_line, &ready[1]) == 0);
    CHECK(read(ready[0], &byte, 1) == 1);
    return lines(args);
}

/* Standard error's text can go nowhere, since its pipe is full and nobody reads. */
static int full_pipe(char **args)
{
    FILE *stuck;

    CHECK(pipe2(noise, O_NONBLOCK) == 0);
    while (write(noise[1], "0123456789abcdef", 16) > 0) {
    }
    CHECK(fcntl(noise[1], F_SETFL, 0) == 0);
    stuck = fdopen(noise[1], "w");
    CHECK(stuck != NULL);
    fputs("stuck\n", stuck);
    return lines(args);
}

static void *flush_for_ever(void *unused)
{
    (void)unused;
    fflush(NULL);
    return NULL;
}

/* _Fork while another thread has the list of streams: it waits for nothing, so its hook must not.
 */
static int bare_fork_of_threads(char **args)
{
    pthread_t thread;
    FILE *stuck;
    pid_t pid;

    (void)args;
    alarm(30);
    CHECK(pipe2(noise, O_NONBLOCK) == 0);
    while (write(noise[1], "0123456789abcdef", 16) > 0) {
    }
    CHECK(fcntl(noise[1], F_SETFL, 0) == 0);
    stuck = fdopen(noise[1], "w");
    fputs("stuck\n", stuck);
    CHECK(pthread_create(&thread, NULL, flush_for_ever, NULL) == 0);
    while (ftrylockfile(stuck) == 0) { /* until the thread has it */
        funlockfile(stuck);
        sched_yield();
    }
    printf("lost\n");
    pid = _Fork();
    if (pid == 0)
        _exit(4);
    reap(pid, 4);
    _exit(3);
}

/* --- Around a flush ------------------------------------------------------------------------------
 */

static int with_lock(char **args)
{
    pthread_mutex_lock(&lock);
    end_by(args[0]);
    return 3;
}

static int broken_pipe(char **args)
{
    CHECK(pipe(noise) == 0);
    close(noise[0]);
    end_by(args[0]);
    return 3;
}

static void *end_too(void *barrier)
{
    pthread_barrier_wait(barrier);
    _exit(3);
}

/* Four threads end the process at once. */
static int together(char **args)
{
    pthread_barrier_t barrier;
    pthread_t thread;

    (void)args;
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&thread, NULL, end_too, &barrier) == 0);
    end_too(&barrier);
    return 0;
}

/* From here on clone() is answered by `answer`. */
static void enter_sandbox(uint32_t answer)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static int sandboxed(char **args)
{
    enter_sandbox(SECCOMP_RET_KILL_PROCESS);
    end_by(args[0]);
    return 3;
}

/* The sandbox begins in a vfork child, which flushes nothing, before the exec. */
static int sandboxed_from_the_start(char **args)
{
    pid_t pid = vfork();

    (void)args;
    if (pid == 0) {
        enter_sandbox(SECCOMP_RET_ERRNO | EAGAIN);
        execl(self, self, "ends", "_exit", NULL);
        _exit(90);
    }
    reap(pid, 3);
    _exit(3);
}

/* --- Dispositions --------------------------------------------------------------------------------
 */

static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define N_NUMBERS (sizeof(numbers) / sizeof(*numbers))

static void own(int number)
{
    (void)number;
    _exit(5);
}

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
extern void (*__sysv_signal(int number, void (*wanted)(int)))(int);
extern void (*bsd_signal(int number, void (*wanted)(int)))(int);

/* Each function tells of the default action, takes ours, tells of it, and takes the default again.
 */
static int sees_default(char **args)
{
    static void (*(*const setters[])(int, void (*)(int)))(int) = {
        signal, bsd_signal, ssignal, sysv_signal, __sysv_signal, sigset};
    const struct sigaction normal = {.sa_handler = SIG_DFL};
    struct sigaction action;

    (void)args;
    for (size_t i = 0; i < N_NUMBERS; i++) {
        CHECK(sigaction(numbers[i], NULL, &action) == 0);
        CHECK(action.sa_handler == SIG_DFL && action.sa_flags == 0);
        for (size_t k = 0; k < sizeof(setters) / sizeof(*setters); k++) {
            CHECK(setters[k](numbers[i], own) == SIG_DFL);
            CHECK(sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler == own);
            CHECK(setters[k](numbers[i], SIG_DFL) == own);
            CHECK(setters[k](numbers[i], SIG_IGN) == SIG_DFL);
            CHECK(sigaction(numbers[i], &normal, &action) == 0 && action.sa_handler == SIG_IGN);
        }
    }
    CHECK(sigaction(SIGTERM, NULL, NULL) == 0);
    CHECK(signal(SIGKILL, own) == SIG_ERR && errno == EINVAL);
    CHECK(sigaction(4711, NULL, &action) == -1 && errno == EINVAL);
    CHECK(signal(SIGUSR1, own) == SIG_DFL && signal(SIGUSR1, SIG_DFL) == own);
    return 0;
}

/* args[0]: the number. Its own handler counts, and so does ignoring. */
static int own_handler(char **args)
{
    signal(atoi(args[0]), SIG_IGN);
    raise(atoi(args[0]));
    signal(atoi(args[0]), own);
    raise(atoi(args[0]));
    return 3;
}

/* Prints the signals that the process blocks, catches and ignores, as the kernel knows them. */
static int dispositions(char **args)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];

    (void)args;
    while (fgets(line, sizeof(line), file)) {
        if (strncmp(line, "Sig", 3) == 0)
            fputs(line, stdout);
    }
    fclose(file);
    return 0;
}

/* An ignored signal stays ignored, also in what is exec'd; a handler of ours does not. */
static int execs_dispositions(char **args)
{
    (void)args;
    signal(SIGHUP, SIG_IGN);
    execl(self, self, "dispositions", NULL);
    return 90;
}

/* A vfork child that dies of SIGTERM is not its parent, and flushes nothing of it. */
static int vfork_signal(char **args)
{
    volatile pid_t pid;
    int status;

    (void)args;
    printf("one\n");
    pid = vfork();
    if (pid == 0) {
        syscall(SYS_kill, syscall(SYS_getpid), SIGTERM);
        _exit(90);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    _exit(3);
}

const struct shim_case flush_cases[] = {
    {"ends", ends},
    {"lines", lines},
    {"daemon_lines", daemon_lines},
    {"raw_clone_lines", raw_clone_lines},
    {"streams", streams},
    {"reader", reader},
    {"full_pipe", full_pipe},
    {"bare_fork_of_threads", bare_fork_of_threads},
    {"with_lock", with_lock},
    {"broken_pipe", broken_pipe},
    {"together", together},
    {"sandboxed", sandboxed},
    {"sandboxed_from_the_start", sandboxed_from_the_start},
    {"sees_default", sees_default},
    {"own_handler", own_handler},
    {"dispositions", dispositions},
    {"execs_dispositions", execs_dispositions},
    {"vfork_signal", vfork_signal},
    {NULL, NULL},
};
