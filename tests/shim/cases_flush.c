/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Functions that flush, each in its own way, and what goes on around them. */
#include "tests/shim/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- Functions that --flush names: local ones, in .symtab alone ------------------------------- */

#define NAMED __attribute__((used, noinline)) static void

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int *volatile nowhere; /* NULL */
static volatile int deep = 1;
static int noise[2] = {-1, -1}; /* a pipe without reader */

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

NAMED flush_is_slow_and_exits(void)
{
    poll(NULL, 0, 600);
    exit(9);
}

/* Says when it begins. */
NAMED flush_tells_and_is_slow(void)
{
    (void)!write(noise[1], "x", 1);
    poll(NULL, 0, 600);
    (void)!write(1, "slow\n", 5);
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

/* --- Endings ---------------------------------------------------------------------------------- */

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

void end_by(const char *how)
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

/* --- Around a flush --------------------------------------------------------------------------- */

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

static void *end_slowly(void *unused)
{
    (void)unused;
    _exit(7);
}

/* The process ends as args[0] says while another thread flushes for its own ending. */
static int second(char **args)
{
    pthread_t thread;
    char byte;

    CHECK(pipe(noise) == 0 && pthread_create(&thread, NULL, end_slowly, NULL) == 0);
    CHECK(read(noise[0], &byte, 1) == 1);
    end_by(args[0]);
    return 3;
}

static sigjmp_buf jump;

static void jump_away(int number)
{
    (void)number;
    siglongjmp(jump, 1);
}

static void *abort_in_vain(void *unused)
{
    (void)unused;
    if (sigsetjmp(jump, 1) == 0)
        abort();
    return NULL;
}

/* Another thread has called abort(), which was no ending. */
static int jumped(char **args)
{
    pthread_t thread;

    signal(SIGABRT, jump_away);
    CHECK(pthread_create(&thread, NULL, abort_in_vain, NULL) == 0);
    pthread_join(thread, NULL);
    end_by(args[0]);
    return 3;
}

/* args: the number of a signal that was sent, but is blocked; how it ends. */
static int pending(char **args)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, atoi(args[0]));
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), atoi(args[0]));
    end_by(args[1]);
    return 3;
}

static int tells_death_signal(char **args)
{
    int number = 0;

    (void)args;
    prctl(PR_GET_PDEATHSIG, &number);
    printf("%d\n", number);
    return 0;
}

static int execs_with_death_signal(char **args)
{
    (void)args;
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    execl(self, self, "tells_death_signal", NULL);
    return 90;
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

const struct shim_case flush_cases[] = {
    {"ends", ends},
    {"with_lock", with_lock},
    {"broken_pipe", broken_pipe},
    {"together", together},
    {"second", second},
    {"jumped", jumped},
    {"pending", pending},
    {"tells_death_signal", tells_death_signal},
    {"execs_with_death_signal", execs_with_death_signal},
    {"sandboxed", sandboxed},
    {"sandboxed_from_the_start", sandboxed_from_the_start},
    {NULL, NULL},
};
