/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What programs do with the dispositions of signals. */
#include "tests/shim/cases.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Below the stack that the shim gave to faults is memory that cannot be used. */
static int guarded_stack(char **args)
{
    stack_t stack;
    int pipes[2];

    (void)args;
    CHECK(sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_DISABLE));
    CHECK(msync((char *)stack.ss_sp - getpagesize(), 1, MS_ASYNC) == 0); /* it is mapped */
    CHECK(pipe(pipes) == 0);
    CHECK(write(pipes[1], (char *)stack.ss_sp - 1, 1) == -1 && errno == EFAULT);
    return 3;
}

/* The first process of a new namespace is sent all signals whose default action would end it. 77:
 * none can be made here. */
static int first_of_namespace(char **args)
{
    pid_t pid;

    (void)args;
    if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
        return 77;
    pid = fork();
    if (pid == 0) {
        for (size_t i = 0; i < N_NUMBERS; i++)
            kill(getpid(), numbers[i]);
        signal(SIGTERM, SIG_DFL);
        raise(SIGTERM);
        _exit(getpid() == 1 ? 4 : 91);
    }
    reap(pid, 4);
    return 3;
}

const struct shim_case signal_cases[] = {
    {"sees_default", sees_default},
    {"own_handler", own_handler},
    {"dispositions", dispositions},
    {"execs_dispositions", execs_dispositions},
    {"vfork_signal", vfork_signal},
    {"guarded_stack", guarded_stack},
    {"first_of_namespace", first_of_namespace},
    {NULL, NULL},
};
