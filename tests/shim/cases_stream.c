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
#include <sys/socket.h>
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

/* Forks a reader, writes what is left, and leaves. */
static int reads_all(int in, FILE *out, size_t wanted)
{
    pid_t pid = fork();
    char text[4096];
    ssize_t n;

    if (pid == 0) {
        close(fileno(out));
        while ((n = read(in, text, sizeof(text))) > 0)
            wanted -= (size_t)n;
        _exit(wanted ? 91 : 4);
    }
    fclose(out);
    reap(pid, 4);
    _exit(3);
}

/* More than the pipe or socket (args[0]) takes before the child that reads it is there. */
static int reader_to_come(char **args)
{
    static char buffer[1 << 20];
    int ends[2];
    FILE *out;

    alarm(30);
    if (strcmp(args[0], "pipe") == 0)
        CHECK(pipe(ends) == 0);
    else
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    out = fdopen(ends[1], "w");
    setvbuf(out, buffer, _IOFBF, sizeof(buffer));
    for (size_t i = 0; i < sizeof(buffer) - 1; i++)
        putc('x', out);
    return reads_all(ends[0], out, sizeof(buffer) - 1);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t write_locked(void *unused, const char *text, size_t size)
{
    ssize_t result;

    (void)unused;
    pthread_mutex_lock(&lock);
    result = write(1, text, size);
    pthread_mutex_unlock(&lock);
    return result;
}

/* A fork by whoever holds the lock that a stream's own function takes. */
static int own_stream(char **args)
{
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_locked});
    pid_t pid;

    (void)args;
    fputs("once\n", stream);
    pthread_mutex_lock(&lock);
    pid = fork();
    pthread_mutex_unlock(&lock);
    if (pid == 0)
        _exit(4);
    reap(pid, 4);
    _exit(3);
}

/* A stream in memory: the child has its text, too. */
static int memory_stream(char **args)
{
    char text[32] = "";
    FILE *stream = fmemopen(text, sizeof(text), "w");
    pid_t pid;

    (void)args;
    fputs("one", stream);
    pid = fork();
    if (pid == 0) {
        fputs(" two", stream);
        fclose(stream);
        _exit(strcmp(text, "one two") ? 91 : 4);
    }
    reap(pid, 4);
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
    {"reader_to_come", reader_to_come},
    {"own_stream", own_stream},
    {"memory_stream", memory_stream},
    {"full_pipe", full_pipe},
    {"bare_fork_of_threads", bare_fork_of_threads},
    {NULL, NULL},
};
