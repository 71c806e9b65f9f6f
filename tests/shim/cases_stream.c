/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Programs with text in their streams. Standard output is a pipe, so it is fully buffered. */
#include "tests/shim/cases.h"

#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

static int noise[2]; /* a pipe that nothing comes through */

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

const struct shim_case stream_cases[] = {
    {"lines", lines},
    {"daemon_lines", daemon_lines},
    {"raw_clone_lines", raw_clone_lines},
    {"streams", streams},
    {"reader", reader},
    {"full_pipe", full_pipe},
    {"bare_fork_of_threads", bare_fork_of_threads},
    {NULL, NULL},
};
