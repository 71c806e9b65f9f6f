/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The supervisor is a fork of the runner that does what `lastword run` does; what it knows of the
 * run comes back through a pipe, as struct supervisor_result. Its streams are the program's.
 */
#include "harness/scenario/attempt.h"

#include "harness/cmd_run.h"
#include "harness/supervise/run_options.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RESULT_FD    3     /* in the supervisor */
#define STORING_MS   60000 /* that a supervisor may take beyond time-out and grace */
#define CANCEL_MS    7000  /* for a program that is cancelled and, the grace, what outlives it */
#define CANNOT_SETUP 125

_Static_assert(sizeof(struct supervisor_result) <= 65536, "a pipe holds a result, whoever reads");

int64_t attempt_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- In the supervisor's process -------------------------------------------------------------- */

static _Noreturn void give_up(const char *what, const char *which)
{
    fprintf(stderr, "lastword: cannot %s %s: %s\n", what, which, strerror(errno));
    fflush(stderr);
    _exit(CANNOT_SETUP);
}

/* A file in memory: whatever the program does not read bothers nobody. */
static int open_stdin(const char *text)
{
    int fd = text != NULL ? memfd_create("stdin", MFD_CLOEXEC) : open("/dev/null", O_RDONLY);
    size_t size = text != NULL ? strlen(text) : 0;

    if (fd >= 0 && size > 0 &&
        (write(fd, text, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) < 0)) {
        return -1;
    }
    return fd;
}

/* Descriptors 0 to 3 are the case's own, all others are closed. */
static void set_up_streams(const struct attempt_options *options, const int ends[3])
{
    int input = open_stdin(options->plan->stdin_text);

    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(ends[0], STDOUT_FILENO) < 0 ||
        dup2(ends[1], STDERR_FILENO) < 0) {
        _exit(CANNOT_SETUP);
    }
    if (ends[2] != RESULT_FD && dup3(ends[2], RESULT_FD, O_CLOEXEC) < 0) {
        _exit(CANNOT_SETUP);
    }
    close_range(RESULT_FD + 1, ~0u, 0);
    setvbuf(stderr, NULL, _IOLBF, 0);
}

/* The session of a run that this test is part of is not the case's. */
static void set_up_environment(const struct run_plan *plan)
{
    unsetenv("LASTWORD_SESSION");
    unsetenv("LASTWORD_RECORDING_ID");
    unsetenv("LASTWORD_APPLICATION_ID");
    for (size_t i = 0; i < plan->n_env; i++) {
        int rc = plan->env[i].value != NULL ? setenv(plan->env[i].name, plan->env[i].value, 1)
                                            : unsetenv(plan->env[i].name);
        if (rc < 0) {
            give_up("set", plan->env[i].name);
        }
    }
}

static void set_up_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void send_result(void *context, const struct supervisor_result *result)
{
    (void)context;
    (void)!write(RESULT_FD, result, sizeof(*result));
}

static _Noreturn void supervise(const struct attempt_options *options, const int ends[3],
                                pid_t runner)
{
    const struct run_watch watch = {.ended = send_result};
    char **words = calloc(options->plan->n_words + 1, sizeof(*words));
    struct run_options run = {
        .output = options->recording,
        .timeout_ms = options->within_ms,
        .grace_ms = options->grace_ms,
        .record_args = true,
        .subreaper = true,
        .kills_survivors = true,
        .shim = options->shim,
        .flush = options->plan->flush,
        .quiet = true,
        .program = words,
    };

    setpgid(0, 0);
    set_up_streams(options, ends);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != runner) {
        _exit(CANNOT_SETUP);
    }
    if (chdir(options->folder) < 0) {
        give_up("go to", options->folder);
    }
    if (options->plan->cwd != NULL && chdir(options->plan->cwd) < 0) {
        give_up("go to", options->plan->cwd);
    }
    set_up_environment(options->plan);
    set_up_signals();
    if (words == NULL) {
        _exit(CANNOT_SETUP);
    }
    memcpy(words, options->plan->words, options->plan->n_words * sizeof(*words));
    words[0] = (char *)(uintptr_t)options->program;
    int status = cmd_run_watched(&run, &watch);
    fflush(NULL);
    _exit(status);
}

/* --- In the runner ---------------------------------------------------------------------------- */

/* Three pipes: standard output, standard error, the result. */
struct pipes {
    int reading[3], writing[3];
};

static void close_all(const int fds[3])
{
    for (size_t i = 0; i < 3; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

static int open_pipes(struct pipes *pipes)
{
    *pipes = (struct pipes){{-1, -1, -1}, {-1, -1, -1}};
    for (size_t i = 0; i < 3; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0) {
            int error = -errno;
            close_all(pipes->reading);
            close_all(pipes->writing);
            return error;
        }
        pipes->reading[i] = ends[0];
        pipes->writing[i] = ends[1];
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int attempt_start(struct attempt *attempt, const struct attempt_options *options)
{
    struct pipes pipes;
    pid_t runner = getpid();
    int error = open_pipes(&pipes);

    if (error < 0) {
        return error;
    }
    fflush(NULL); /* or the child would write it once more */
    pid_t pid = fork();
    if (pid == 0) {
        supervise(options, pipes.writing, runner);
    }
    error = -errno;
    close_all(pipes.writing);
    int pidfd = pid > 0 ? open_pidfd(pid) : -1;
    if (pidfd < 0) {
        error = pid > 0 ? -errno : error;
        close_all(pipes.reading);
        if (pid > 0) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
        return error;
    }
    *attempt = (struct attempt){
        .pid = pid,
        .pidfd = pidfd,
        .result_fd = pipes.reading[2],
        .outputs = {{.fd = pipes.reading[0]}, {.fd = pipes.reading[1]}},
        .within_ms = options->within_ms,
        .started_us = attempt_now_us(),
    };
    attempt->killed_at_us =
        attempt->started_us + (options->within_ms + options->grace_ms + STORING_MS) * 1000;
    return 0;
}

void attempt_poll(const struct attempt *attempt, struct pollfd *fds)
{
    fds[0] = (struct pollfd){.fd = attempt->outputs[0].fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = attempt->outputs[1].fd, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = attempt->result_fd, .events = POLLIN};
    fds[3] = (struct pollfd){.fd = attempt->pidfd, .events = POLLIN};
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void read_result(struct attempt *attempt)
{
    while (attempt->result_fd >= 0) {
        ssize_t size = read(attempt->result_fd, (char *)&attempt->result + attempt->result_size,
                            sizeof(attempt->result) - attempt->result_size);
        if (size < 0) {
            return; /* nothing there */
        }
        attempt->result_size += (size_t)size;
        if (size == 0) {
            close_fd(&attempt->result_fd);
        }
    }
}

bool attempt_advance(struct attempt *attempt, const struct pollfd *fds)
{
    for (size_t i = 0; i < 2; i++) {
        if (fds[i].revents != 0) {
            output_tail_read(&attempt->outputs[i]);
        }
    }
    if (fds[2].revents != 0) {
        read_result(attempt);
    }
    if (fds[3].revents == 0 ||
        waitpid(attempt->pid, &attempt->wait_status, WNOHANG) != attempt->pid) {
        return false;
    }
    attempt->pid = 0;
    read_result(attempt);
    output_tail_finish(&attempt->outputs[0]);
    output_tail_finish(&attempt->outputs[1]);
    close_fd(&attempt->pidfd);
    close_fd(&attempt->result_fd);
    return true;
}

void attempt_kill(struct attempt *attempt)
{
    if (attempt->pid > 0) {
        kill(-attempt->pid, SIGKILL);
        kill(attempt->pid, SIGKILL);
    }
}

void attempt_cancel(struct attempt *attempt)
{
    int64_t killed_at_us = attempt_now_us() + (int64_t)CANCEL_MS * 1000;

    if (attempt->pid > 0) {
        kill(attempt->pid, SIGTERM);
        if (killed_at_us < attempt->killed_at_us) {
            attempt->killed_at_us = killed_at_us;
        }
    }
}

bool attempt_has_result(const struct attempt *attempt)
{
    return attempt->result_size == sizeof(attempt->result);
}

void attempt_done(struct attempt *attempt)
{
    if (attempt->pid > 0) {
        attempt_kill(attempt);
        waitpid(attempt->pid, NULL, 0);
    }
    output_tail_done(&attempt->outputs[0]);
    output_tail_done(&attempt->outputs[1]);
    if (attempt->started_us != 0) {
        close_fd(&attempt->pidfd);
        close_fd(&attempt->result_fd);
    }
    *attempt = (struct attempt){.outputs = {{.fd = -1}, {.fd = -1}}};
}
