/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ways in which a process starts. */
#include "tests/shim/cases.h"

#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int by_fork(char **args)
{
    pid_t pid = fork();

    (void)args;
    if (pid == 0)
        _exit(3);
    reap(pid, 3);
    return 0;
}

/* An exec that fails leaves a mark of its time in the spool. */
static void mark_time(void)
{
    execv("/nonexistent", (char *[]){NULL});
}

/* Whoever sorts children by their start must not see how long a fork took, or when it ran first. */
static int slow_fork(char **args)
{
    CHECK(pthread_atfork(mark_time, NULL, NULL) == 0);
    return by_fork(args);
}

static int by__fork(char **args)
{
    pid_t pid = _Fork();

    (void)args;
    if (pid == 0)
        _exit(3);
    reap(pid, 3);
    return 0;
}

static int by_daemon(char **args)
{
    (void)args;
    CHECK(daemon(1, 1) == 0);
    return 3;
}

static int by_forkpty(char **args)
{
    int terminal;
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

    (void)args;
    if (pid == 0)
        _exit(3);
    reap(pid, 3);
    return 0;
}

static int by_raw_clone(char **args)
{
    long pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

    (void)args;
    if (pid == 0)
        _exit(3);
    reap((int)pid, 3);
    return 0;
}

/* The parent of a forked process is one that nobody has heard of yet. */
static int fork_after_raw_clone(char **args)
{
    long pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

    (void)args;
    if (pid == 0)
        _exit(by_fork(NULL));
    reap((int)pid, 0);
    return 0;
}

static int leave_by_3(void *unused)
{
    (void)unused;
    _exit(3);
}

static int by_clone_vm(char **args)
{
    static char stack[65536] __attribute__((aligned(16)));

    (void)args;
    reap(clone(leave_by_3, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL), 3);
    return 0;
}

static int by_vfork_exit(char **args)
{
    pid_t pid = vfork();

    (void)args;
    if (pid == 0)
        _exit(3);
    reap(pid, 3);
    return 0;
}

static int by_vfork_exec(char **args)
{
    pid_t pid = vfork();

    (void)args;
    if (pid == 0) {
        execl(self, self, "_exit", "3", NULL);
        _exit(4);
    }
    reap(pid, 3);
    return 0;
}

static int by_vfork_failed_exec(char **args)
{
    pid_t pid = vfork();

    (void)args;
    if (pid == 0) {
        execl("/nonexistent", "x", NULL);
        _exit(3);
    }
    reap(pid, 3);
    return 0;
}

static int by_spawn(char **args)
{
    char *argv[] = {self, "_exit", "3", NULL};
    pid_t pid;

    (void)args;
    CHECK(posix_spawn(&pid, self, NULL, NULL, argv, environ) == 0);
    reap(pid, 3);
    return 0;
}

static int by_system(char **args)
{
    char command[4096];

    (void)args;
    snprintf(command, sizeof(command), "exec %s _exit 3", self);
    CHECK(system(command) == 3 << 8);
    return 0;
}

static int by_popen(char **args)
{
    char command[4096];
    FILE *reader;

    (void)args;
    snprintf(command, sizeof(command), "exec %s _exit 3", self);
    reader = popen(command, "r");
    CHECK(reader != NULL);
    CHECK(pclose(reader) == 3 << 8);
    return 0;
}

static int nested(char **args)
{
    pid_t pid = fork();

    (void)args;
    if (pid == 0) {
        pid = fork();
        if (pid == 0)
            _exit(5);
        reap(pid, 5);
        _exit(4);
    }
    reap(pid, 4);
    return 0;
}

/* The grandchild ends only after its parent, whose end of the pipe is the last. */
static int twice(char **args)
{
    int ends[2];
    pid_t pid;
    char byte;

    (void)args;
    CHECK(pipe(ends) == 0);
    pid = fork();
    if (pid == 0) {
        if (fork() != 0)
            _exit(4);
        close(ends[1]);
        CHECK(read(ends[0], &byte, 1) == 0);
        _exit(5);
    }
    reap(pid, 4);
    return 0;
}

/* args[0] children that all live at once. */
static int many(char **args)
{
    int n = atoi(args[0]);
    int ends[2];
    char byte;

    CHECK(pipe(ends) == 0);
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();

        CHECK(pid >= 0);
        if (pid == 0) {
            close(ends[1]);
            CHECK(read(ends[0], &byte, 1) == 0);
            _exit(3);
        }
    }
    close(ends[1]);
    for (int i = 0; i < n; i++) {
        int status;

        CHECK(wait(&status) > 0);
        CHECK(status == 3 << 8);
    }
    return 0;
}

const struct shim_case start_cases[] = {
    {"fork", by_fork},
    {"slow_fork", slow_fork},
    {"_Fork", by__fork},
    {"daemon", by_daemon},
    {"forkpty", by_forkpty},
    {"raw_clone", by_raw_clone},
    {"fork_after_raw_clone", fork_after_raw_clone},
    {"clone_vm", by_clone_vm},
    {"vfork_exit", by_vfork_exit},
    {"vfork_exec", by_vfork_exec},
    {"vfork_failed_exec", by_vfork_failed_exec},
    {"spawn", by_spawn},
    {"system", by_system},
    {"popen", by_popen},
    {"nested", nested},
    {"twice", twice},
    {"many", many},
    {NULL, NULL},
};
