/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fork and exec of the program. Everything that lastword has opened is close-on-exec, so that the
 * program finds the descriptors, and everything else, as it would without lastword. No state.
 */
#include "harness/supervise/program.h"

#include "harness/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Close-on-exec ends: the child reports on `error`, and waits for a byte on `go`. */
struct pipes {
    int error[2];
    int go[2];
};

static int open_pipes(struct pipes *pipes)
{
    int result;

    if (pipe2(pipes->error, O_CLOEXEC) < 0) {
        return -errno;
    }
    if (pipe2(pipes->go, O_CLOEXEC) == 0) {
        return 0;
    }
    result = -errno;
    close(pipes->error[0]);
    close(pipes->error[1]);
    return result;
}

static ssize_t read_whole(int fd, void *bytes, size_t size)
{
    ssize_t n_bytes;

    do {
        n_bytes = read(fd, bytes, size);
    } while (n_bytes < 0 && errno == EINTR);
    return n_bytes;
}

/* Only calls that are safe after fork, though we have one thread. */
static _Noreturn void exec_program(char *const *argv, char *const *environment,
                                   const struct signals *signals,
                                   const struct inheritance *inheritance, const struct pipes *pipes)
{
    char go;

    close(pipes->go[1]); /* so that the end of our parent is an end of file */
    if (read_whole(pipes->go[0], &go, sizeof(go)) != 1) {
        _exit(STATUS_NOT_FOUND);
    }
    inheritance_give(inheritance);
    signals_restore(signals);
    execvpe(argv[0], argv, environment);
    int error = errno;
    /* The pipe is empty and we alone write: four bytes go in whole, or the parent is gone. */
    ssize_t ignored = write(pipes->error[1], &error, sizeof(error));
    (void)ignored;
    _exit(STATUS_NOT_FOUND);
}

/* An end of file says that exec closed the pipe. */
static int read_exec_error(int fd)
{
    int error = 0;

    return read_whole(fd, &error, sizeof(error)) == (ssize_t)sizeof(error) ? -error : 0;
}

/* The child lives until it has its byte, so writing it cannot raise SIGPIPE but when it was killed.
 */
static int let_go(const struct pipes *pipes)
{
    ssize_t ignored = write(pipes->go[1], "", 1);

    (void)ignored;
    close(pipes->error[1]);
    return read_exec_error(pipes->error[0]);
}

int program_spawn(char *const *argv, char *const *environment, const struct signals *signals,
                  const struct inheritance *inheritance, void (*announce)(void *context, pid_t pid),
                  void *context, pid_t *ret_pid)
{
    struct pipes pipes;
    int error = open_pipes(&pipes);

    if (error < 0) {
        return error;
    }
    pid_t pid = fork();
    if (pid == 0) {
        exec_program(argv, environment, signals, inheritance, &pipes);
    }
    if (pid > 0) {
        announce(context, pid);
        error = let_go(&pipes);
    } else {
        error = -errno;
        close(pipes.error[1]);
    }
    close(pipes.error[0]);
    close(pipes.go[0]);
    close(pipes.go[1]);
    if (error == 0) {
        *ret_pid = pid;
    } else if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
    return error;
}

int program_spawn_status(int error)
{
    return error == -ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}
