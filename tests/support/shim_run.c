/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See shim_run.h. */
#include "tests/support/shim_run.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT_RUN 98
#define MAX_ENV    32

/* What is read from one of the program's streams. */
struct stream {
    char *bytes;
    size_t size;
    int fd;
};

static void read_some(struct stream *stream)
{
    char chunk[65536];
    ssize_t n = read(stream->fd, chunk, sizeof(chunk));

    if (n <= 0) {
        close(stream->fd);
        stream->fd = -1;
        return;
    }
    stream->bytes = realloc(stream->bytes, stream->size + (size_t)n + 1);
    if (!stream->bytes)
        errx(CANNOT_RUN, "out of memory");
    memcpy(stream->bytes + stream->size, chunk, (size_t)n);
    stream->size += (size_t)n;
    stream->bytes[stream->size] = '\0';
}

static void read_all(struct stream streams[2])
{
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        struct pollfd waits[2] = {
            {.fd = streams[0].fd, .events = POLLIN},
            {.fd = streams[1].fd, .events = POLLIN},
        };

        if (poll(waits, 2, -1) < 0 && errno != EINTR)
            err(CANNOT_RUN, "poll");
        for (int i = 0; i < 2; i++) {
            if (waits[i].revents)
                read_some(&streams[i]);
        }
    }
}

/* Adds NAME=value unless the name is there already. */
static void add(char *envp[MAX_ENV], const char *name, const char *value)
{
    size_t n = 0;

    for (; envp[n]; n++) {
        if (strncmp(envp[n], name, strlen(name)) == 0 && envp[n][strlen(name)] == '=')
            return;
    }
    if (n == MAX_ENV - 1 || asprintf(&envp[n], "%s=%s", name, value) < 0)
        errx(CANNOT_RUN, "too much for the environment");
    envp[n + 1] = NULL;
}

/* The program's environment, in memory of its own. */
static void fill_environment(char *envp[MAX_ENV], const struct shim_run *run, const char *shim,
                             const char *const *more)
{
    size_t n = 0;

    for (; more && *more && n < MAX_ENV - 1; more++)
        envp[n++] = strdup(*more);
    envp[n] = NULL;
    add(envp, "PATH", getenv("PATH"));
    add(envp, "HOME", "/");
    if (shim) {
        add(envp, "LD_PRELOAD", shim);
        add(envp, "LASTWORD_SESSION", run->session);
    }
}

/* Signals that whoever runs the tests may ignore, as nohup does, are not ignored by the program. */
static void take_defaults(posix_spawnattr_t *attributes)
{
    sigset_t defaults;

    sigemptyset(&defaults);
    for (int number = SIGHUP; number <= SIGTERM; number++) {
        if (number != SIGKILL)
            sigaddset(&defaults, number);
    }
    posix_spawnattr_init(attributes);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigdefault(attributes, &defaults);
}

static pid_t start(const char *const *argv, char *const *envp, struct stream streams[2])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int ends[2][2];
    pid_t pid;
    int result;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    for (int i = 0; i < 2; i++) {
        if (pipe2(ends[i], O_CLOEXEC) < 0)
            err(CANNOT_RUN, "pipe");
        posix_spawn_file_actions_adddup2(&actions, ends[i][1], i + 1);
        streams[i] = (struct stream){.fd = ends[i][0], .bytes = calloc(1, 1)};
    }
    take_defaults(&attributes);
    result =
        posix_spawnp(&pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, envp);
    posix_spawnattr_destroy(&attributes);
    if (result != 0)
        errx(CANNOT_RUN, "%s: %s", argv[0], strerror(result));
    posix_spawn_file_actions_destroy(&actions);
    close(ends[0][1]);
    close(ends[1][1]);
    return pid;
}

void shim_run(struct shim_run *run, const char *shim, const char *const *argv,
              const char *const *more)
{
    struct stream streams[2];
    char *envp[MAX_ENV];
    pid_t pid;

    *run = (struct shim_run){0};
    if (shim)
        spool_test_session_make(run->session);
    fill_environment(envp, run, shim, more);
    pid = start(argv, envp, streams);
    read_all(streams);
    if (waitpid(pid, &run->wait_status, 0) != pid)
        err(CANNOT_RUN, "waitpid");
    run->out = streams[0].bytes;
    run->out_size = streams[0].size;
    run->err = streams[1].bytes;
    run->err_size = streams[1].size;
    if (shim)
        run->records = spool_test_read(run->session);
    for (char **entry = envp; *entry; entry++)
        free(*entry);
}

void shim_run_done(struct shim_run *run)
{
    if (run->session[0])
        spool_test_session_remove(run->session);
    spool_test_records_free(&run->records);
    free(run->out);
    free(run->err);
    *run = (struct shim_run){0};
}
