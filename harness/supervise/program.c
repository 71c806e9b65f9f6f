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

/* Only calls that are safe after fork, though we have one thread: the environment is not touched.
 */
static _Noreturn void exec_program(char *const *argv, char *const *environment,
                                   const struct signals *signals, int error_fd)
{
    signals_restore(signals);
    execvpe(argv[0], argv, environment);
    int error = errno;
    /* The pipe is empty and we alone write: four bytes go in whole, or the parent is gone. */
    ssize_t ignored = write(error_fd, &error, sizeof(error));
    (void)ignored;
    _exit(STATUS_NOT_FOUND);
}

/* An end of file says that exec closed the pipe. */
static int read_exec_error(int fd)
{
    int error = 0;
    ssize_t n_bytes;

    do {
        n_bytes = read(fd, &error, sizeof(error));
    } while (n_bytes < 0 && errno == EINTR);
    return n_bytes == (ssize_t)sizeof(error) ? -error : 0;
}

int program_spawn(char *const *argv, char *const *environment, const struct signals *signals,
                  pid_t *ret_pid)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    pid_t pid = fork();
    if (pid == 0) {
        exec_program(argv, environment, signals, ends[1]);
    }
    int error = pid < 0 ? -errno : 0;
    close(ends[1]);
    if (error == 0) {
        error = read_exec_error(ends[0]);
    }
    close(ends[0]);
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
