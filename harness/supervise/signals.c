/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Signal mask, signalfd and forwarding of the supervisor. It decides which signals are the
 * program's; what happens on a stop or an end is the business of supervisor.c. Owned by the
 * supervisor's one thread.
 */
#include "harness/supervise/signals.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* A blocked fault kills without its handler, and a sanitizer's report would be lost. */
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

int signals_init(struct signals *signals)
{
    sigset_t blocked;

    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        sigdelset(&blocked, faults[i]);
    }
    int fd = signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        return -errno;
    }
    signals->fd = fd;
    sigprocmask(SIG_BLOCK, &blocked, &signals->inherited_mask);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, &signals->inherited_child);
    return 0;
}

void signals_done(struct signals *signals)
{
    if (signals != NULL && signals->fd >= 0) {
        close(signals->fd);
        signals->fd = -1;
    }
}

int signals_read(const struct signals *signals, struct signalfd_siginfo *ret_info)
{
    ssize_t n_bytes = read(signals->fd, ret_info, sizeof(*ret_info));

    if (n_bytes == (ssize_t)sizeof(*ret_info)) {
        return 1;
    }
    return n_bytes < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}

void signals_restore(const struct signals *signals)
{
    sigaction(SIGCHLD, &signals->inherited_child, NULL);
    sigprocmask(SIG_SETMASK, &signals->inherited_mask, NULL);
}

void signals_reset_for_courier(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++) {
        bool error_instead = number == SIGPIPE || number == SIGXFSZ;
        sigaction(number, &(struct sigaction){.sa_handler = error_instead ? SIG_IGN : SIG_DFL},
                  NULL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool is_from_terminal(uint32_t number)
{
    return number == SIGINT || number == SIGQUIT || number == SIGTSTP || number == SIGTTIN ||
           number == SIGTTOU || number == SIGWINCH || number == SIGHUP || number == SIGCONT;
}

bool signals_is_for_program(const struct signalfd_siginfo *info, bool session_leader,
                            bool sender_is_ours)
{
    if (info->ssi_code == SI_KERNEL) {
        return !is_from_terminal(info->ssi_signo) || (info->ssi_signo == SIGHUP && session_leader);
    }
    return !sender_is_ours;
}

int signals_forward(const struct signalfd_siginfo *info, pid_t program)
{
    int number = (int)info->ssi_signo;
    int rc = info->ssi_code == SI_QUEUE
                 ? sigqueue(program, number,
                            (union sigval){.sival_ptr = (void *)(uintptr_t)info->ssi_ptr})
                 : kill(program, number);

    return rc < 0 ? -errno : 0;
}

void signals_die(int signal_number)
{
    sigset_t just_this;

    /* The program has left its core already. A piped core_pattern heeds only the second line. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0);
    sigaction(signal_number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigemptyset(&just_this);
    sigaddset(&just_this, signal_number);
    raise(signal_number);
    sigprocmask(SIG_UNBLOCK, &just_this, NULL);
}
