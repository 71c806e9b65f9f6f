/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Start, restart and messages of the courier. It does not know what the messages mean for the run;
 * that is supervisor.c's. Owned by the supervisor's one thread; only serve_session runs in the
 * courier.
 */
#include "harness/supervise/courier_link.h"

#include "harness/supervise/session_end.h"
#include "harness/supervise/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int courier_link_init(struct courier_link *link, const struct courier_options *options,
                      courier_serve *serve)
{
    *link = (struct courier_link){.options = *options, .serve = serve, .fd = -1, .pidfd = -1};
    link->words = calloc(COURIER_MAX_WORDS, sizeof(*link->words));
    return link->words != NULL ? 0 : -ENOMEM;
}

static void close_and_forget(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

void courier_link_done(struct courier_link *link)
{
    if (link != NULL) {
        close_and_forget(&link->fd);
        close_and_forget(&link->pidfd);
        free(link->words);
        link->words = NULL;
    }
}

/* ---- in the courier ---- */

/*
 * The courier may outlive lastword, so it must not hold open what others wait for: a pipe's writing
 * end, a mount, a terminal.
 */
static int leave_everything(int control_fd)
{
    int null_fd = open("/dev/null", O_RDWR);

    if (null_fd < 0) {
        return -errno;
    }
    /* Both may be below 3 when lastword was started with closed streams: lift them first. */
    int control = fcntl(control_fd, F_DUPFD, 4);
    int null = fcntl(null_fd, F_DUPFD, 4);
    if (control < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
        dup2(control, 3) < 0) {
        return -errno;
    }
    if (syscall(SYS_close_range, 4, ~0u, 0) < 0) {
        for (int fd = 4; fd < sysconf(_SC_OPEN_MAX) && fd < 65536; fd++) {
            close(fd);
        }
    }
    fcntl(3, F_SETFD, FD_CLOEXEC);
    return chdir("/") < 0 ? -errno : 3;
}

static void send_outcome(int fd, int error, struct courier_message *message, const char *error_text)
{
    message->kind = error < 0 ? COURIER_FAILED : COURIER_DONE;
    if (error < 0) {
        snprintf(message->text, sizeof(message->text), "%s",
                 *error_text != '\0' ? error_text : strerror(-error));
    }
    send(fd, message, sizeof(*message), MSG_NOSIGNAL);
}

static _Noreturn void serve_session(struct courier_link *link, int control_fd)
{
    struct courier_message report = {0};
    char error_text[sizeof(report.text)] = "";

    setsid();
    prctl(PR_SET_NAME, COURIER_COMMAND);
    signals_reset_for_courier();
    int fd = leave_everything(control_fd);
    if (fd < 0) {
        snprintf(error_text, sizeof(error_text), "cannot prepare the courier: %s", strerror(-fd));
        send_outcome(control_fd, fd, &report, error_text);
        _exit(1);
    }
    link->options.control_fd = fd;
    int rc = link->serve(&link->options, &report, error_text, sizeof(error_text));
    if (rc == 0) {
        /* Here, not in the supervisor, which may be gone. What still runs keeps its session. */
        session_remove_if_done(link->options.session);
    }
    send_outcome(fd, rc, &report, error_text);
    _exit(rc < 0 ? 1 : 0);
}

/* ---- in the supervisor ---- */

/*
 * fork() but for the exit signal, which is none: the kernel then counts the child as a "clone
 * child" (wait(2), __WCLONE). The arguments after ret_pidfd differ in order between architectures,
 * and are all 0.
 */
static pid_t fork_unwaited(int *ret_pidfd)
{
    return (pid_t)syscall(SYS_clone, (unsigned long)CLONE_PIDFD, NULL, ret_pidfd, 0, 0);
}

int courier_link_start(struct courier_link *link)
{
    int ends[2];

    if (link->pidfd >= 0) {
        return -EBUSY;
    }
    if (link->n_starts == COURIER_MAX_STARTS) {
        return -ENOTRECOVERABLE;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return -errno;
    }
    link->pid = fork_unwaited(&link->pidfd);
    if (link->pid == 0) {
        serve_session(link, ends[1]);
    }
    int error = link->pid < 0 ? -errno : 0;
    close(ends[1]);
    if (error < 0) {
        close(ends[0]);
        return error;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    link->fd = ends[0];
    link->n_starts++;
    link->n_sent = link->n_words > COURIER_MAX_WORDS ? link->n_words - COURIER_MAX_WORDS : 0;
    courier_link_flush(link);
    return 0;
}

int courier_link_wait_ready(struct courier_link *link, int timeout_ms, char *error_text,
                            size_t error_size)
{
    struct courier_message message;
    struct pollfd poll_fd = {.fd = link->fd, .events = POLLIN};

    int n_ready;
    do {
        n_ready = poll(&poll_fd, 1, timeout_ms);
    } while (n_ready < 0 && errno == EINTR);
    if (n_ready == 0) {
        snprintf(error_text, error_size, "the courier was not ready within %d ms", timeout_ms);
        return -ETIMEDOUT;
    }
    int rc = courier_link_receive(link, &message);
    if (rc == 1 && message.kind == COURIER_READY) {
        return 0;
    }
    snprintf(error_text, error_size, "%s",
             rc == 1 && message.kind == COURIER_FAILED ? message.text
                                                       : "the courier ended before it was ready");
    return -EIO;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void courier_link_tell(struct courier_link *link, enum courier_message_kind kind, pid_t pid,
                       int wait_status, const char *command)
{
    struct courier_word *word = &link->words[link->n_words++ % COURIER_MAX_WORDS];

    *word = (struct courier_word){
        .kind = kind, .pid = pid, .wait_status = wait_status, .time_ns = now_ns()};
    snprintf(word->command, sizeof(word->command), "%.15s", command);
    if (link->n_words - link->n_sent > COURIER_MAX_WORDS) {
        link->n_sent = link->n_words - COURIER_MAX_WORDS;
    }
    courier_link_flush(link);
}

void courier_link_flush(struct courier_link *link)
{
    while (link->fd >= 0 && link->n_sent < link->n_words) {
        const struct courier_word *word = &link->words[link->n_sent % COURIER_MAX_WORDS];
        struct courier_message message = {.kind = word->kind,
                                          .pid = word->pid,
                                          .wait_status = word->wait_status,
                                          .time_ns = word->time_ns};
        memcpy(message.text, word->command, sizeof(word->command));
        if (send(link->fd, &message, sizeof(message), MSG_NOSIGNAL) < 0) {
            /* No room: later. Or the courier is dead, and the next one will be told. */
            return;
        }
        link->n_sent++;
    }
}

bool courier_link_has_unsent(const struct courier_link *link)
{
    return link->fd >= 0 && link->n_sent < link->n_words;
}

int courier_link_receive(struct courier_link *link, struct courier_message *ret_message)
{
    if (link->fd < 0) {
        return -EPIPE;
    }
    ssize_t n_bytes = recv(link->fd, ret_message, sizeof(*ret_message), 0);
    if (n_bytes < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    if (n_bytes != (ssize_t)sizeof(*ret_message)) {
        close_and_forget(&link->fd);
        return -EPIPE;
    }
    ret_message->text[sizeof(ret_message->text) - 1] = '\0';
    return 1;
}

void courier_link_kill(struct courier_link *link)
{
    if (link->pid > 0) {
        kill(link->pid, SIGKILL);
        courier_link_reap(link);
    }
}

int courier_link_reap(struct courier_link *link)
{
    int wait_status = 0;

    waitpid(link->pid, &wait_status, __WALL);
    close_and_forget(&link->fd);
    close_and_forget(&link->pidfd);
    link->pid = 0;
    return wait_status;
}
