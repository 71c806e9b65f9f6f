/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The connection to the courier, with couriers that only report what they were told: each word
 * comes back as PROGRESS, with the word's kind as count of rows.
 */
#include "harness/supervise/courier_link.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/lastword-link.XXXXXX";
static struct courier_link courier;

static void send_kind(int fd, uint32_t kind, const struct courier_message *word)
{
    struct courier_message message = {.kind = kind,
                                      .pid = word->pid,
                                      .wait_status = word->wait_status,
                                      .time_ns = word->time_ns,
                                      .rows_stored = word->kind};

    send(fd, &message, sizeof(message), 0);
}

/* Until FINISH. A word about process 666 kills it. */
static int serve_echo(const struct courier_options *options, struct courier_message *ret_report,
                      char *error_text, size_t error_size)
{
    struct courier_message word = {0};

    (void)error_text;
    (void)error_size;
    send_kind(options->control_fd, COURIER_READY, &word);
    while (recv(options->control_fd, &word, sizeof(word), 0) == sizeof(word)) {
        if (word.pid == 666) {
            kill(getpid(), SIGKILL);
        }
        if (word.kind == COURIER_FINISH) {
            ret_report->rows_stored = 42;
            return 0;
        }
        send_kind(options->control_fd, COURIER_PROGRESS, &word);
    }
    return -EPIPE;
}

static int serve_failing(const struct courier_options *options, struct courier_message *ret_report,
                         char *error_text, size_t error_size)
{
    (void)options;
    (void)ret_report;
    snprintf(error_text, error_size, "no room for the recording");
    return -ENOSPC;
}

/* Tells of itself as a courier must be, one bit for each thing that is wrong. */
static int serve_surroundings(const struct courier_options *options,
                              struct courier_message *ret_report, char *error_text,
                              size_t error_size)
{
    struct stat null, stream;
    sigset_t mask;
    uint64_t wrong = 0;

    (void)error_text;
    (void)error_size;
    stat("/dev/null", &null);
    for (int fd = 0; fd <= 2; fd++) {
        wrong |= fstat(fd, &stream) < 0 || stream.st_rdev != null.st_rdev ? 1 : 0;
    }
    for (int fd = 3; fd < 1024; fd++) {
        wrong |= fd != options->control_fd && fcntl(fd, F_GETFD) >= 0 ? 2 : 0;
    }
    wrong |= getsid(0) != getpid() ? 4 : 0;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    wrong |= sigismember(&mask, SIGTERM) == 1 ? 8 : 0;
    wrong |= signal(SIGPIPE, SIG_DFL) != SIG_IGN ? 16 : 0;
    wrong |= fcntl(options->control_fd, F_GETFD) != FD_CLOEXEC ? 32 : 0;
    ret_report->rows_stored = wrong;
    return 0;
}

static void init(void)
{
    cr_assert_not_null(mkdtemp(folder));
}

static void finish(void)
{
    courier_link_kill(&courier);
    courier_link_done(&courier);
    rmdir(folder);
}

TestSuite(courier_link, .init = init, .fini = finish, .timeout = 20);

static void start(courier_serve *serve)
{
    const struct courier_options options = {.session = folder, .output = "/nowhere"};

    cr_assert_eq(courier_link_init(&courier, &options, serve), 0);
    cr_assert_eq(courier_link_start(&courier), 0);
}

static void start_ready(void)
{
    char error_text[512];

    start(serve_echo);
    cr_assert_eq(courier_link_wait_ready(&courier, 10000, error_text, sizeof(error_text)), 0, "%s",
                 error_text);
}

/* Waits for the next message; kind 0: the courier has ended. */
static struct courier_message receive(void)
{
    struct courier_message message = {0};
    struct pollfd fds[] = {{.fd = courier.fd, .events = POLLIN}};
    int rc;

    while ((rc = courier_link_receive(&courier, &message)) == 0) {
        fds[0].events = (short)(POLLIN | (courier_link_has_unsent(&courier) ? POLLOUT : 0));
        cr_assert_geq(poll(fds, 1, -1), 0);
        courier_link_flush(&courier);
    }
    return rc == 1 ? message : (struct courier_message){0};
}

Test(courier_link, words_arrive_and_the_outcome_comes_back)
{
    start_ready();
    courier_link_tell(&courier, COURIER_ROOT_STARTED, 4711, 0, "");
    courier_link_tell(&courier, COURIER_PROCESS_ENDED, 4711, 9, "a name that is longer than 15");
    courier_link_tell(&courier, COURIER_FINISH, 0, 0, "");
    struct courier_message message = receive();
    cr_expect(message.rows_stored == COURIER_ROOT_STARTED && message.pid == 4711);
    message = receive();
    cr_expect(message.rows_stored == COURIER_PROCESS_ENDED && message.wait_status == 9);
    cr_expect_gt(message.time_ns, 1600000000000000000u);
    message = receive();
    cr_expect(message.kind == COURIER_DONE && message.rows_stored == 42);
    cr_expect_eq(receive().kind, 0);
    int status = courier_link_reap(&courier);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_expect_eq(access(folder, F_OK), -1, "the empty session was not removed");
}

Test(courier_link, more_words_than_the_socket_holds)
{
    start_ready();
    for (int i = 1; i <= 500; i++) {
        courier_link_tell(&courier, COURIER_PROCESS_ENDED, 1000 + i, 0, "");
    }
    cr_expect(courier_link_has_unsent(&courier), "the socket held all: nothing was tried");
    for (int i = 1; i <= 500; i++) {
        cr_assert_eq(receive().pid, 1000 + i);
    }
}

Test(courier_link, the_next_courier_is_told_everything)
{
    start_ready();
    courier_link_tell(&courier, COURIER_ROOT_STARTED, 4711, 0, "");
    cr_assert_eq(receive().pid, 4711);
    kill(courier.pid, SIGKILL);
    cr_assert_eq(receive().kind, 0);
    int status = courier_link_reap(&courier);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    /* told while there is none */
    courier_link_tell(&courier, COURIER_PROCESS_ENDED, 4712, 0, "");
    cr_assert_eq(courier_link_start(&courier), 0);
    cr_expect_eq(receive().kind, COURIER_READY);
    cr_expect_eq(receive().pid, 4711);
    cr_expect_eq(receive().pid, 4712);
}

Test(courier_link, starts_are_limited)
{
    start_ready();
    for (int i = 1; i < COURIER_MAX_STARTS; i++) {
        courier_link_kill(&courier);
        cr_assert_eq(courier_link_start(&courier), 0);
        cr_expect_eq(courier_link_start(&courier), -EBUSY);
    }
    courier_link_kill(&courier);
    cr_expect_eq(courier_link_start(&courier), -ENOTRECOVERABLE);
}

Test(courier_link, a_failure_says_why)
{
    char error_text[512] = "";

    start(serve_failing);
    cr_expect_eq(courier_link_wait_ready(&courier, 10000, error_text, sizeof(error_text)), -EIO);
    cr_expect_str_eq(error_text, "no room for the recording");
    cr_expect_eq(access(folder, F_OK), 0, "the session of a failed courier is kept");
}

Test(courier_link, wait_for_the_familys_children_does_not_see_it)
{
    start_ready();
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_expect_eq(errno, ECHILD);
}

Test(courier_link, it_holds_nothing_of_ours)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    cr_assert_geq(dup2(1, 200), 0);
    close(0); /* so that the socket pair or /dev/null gets a stream's number */
    start(serve_surroundings);
    struct courier_message message = receive();
    cr_expect_eq(message.kind, COURIER_DONE);
    cr_expect_eq(message.rows_stored, 0, "bits %llx", (unsigned long long)message.rows_stored);
}
