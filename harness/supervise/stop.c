/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Mirrors a stop. `kill -STOP` and `kill -CONT` of the program alone must work as without lastword,
 * but a stopped supervisor hears nothing of the second; no descriptor becomes readable when a
 * process is continued, so a watcher looks. It lives only while the supervisor is stopped.
 */
#include "harness/supervise/stop.h"

#include "harness/supervise/tree.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_NS 50000000

static bool is_stopped(pid_t pid)
{
    struct tree_process process;

    return tree_read_process(pid, &process) == 0 && process.state == 'T';
}

/*
 * Out of the job's process group, or the shell would count it. SIGCONT is sent until the supervisor
 * ends the watcher, since the first may come before the supervisor has stopped.
 */
static _Noreturn void watch(pid_t supervisor, pid_t program, const int left_group[2])
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    close(left_group[0]);
    close(left_group[1]);
    while (getppid() == supervisor) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_NS}, NULL);
        if (!is_stopped(program)) {
            kill(supervisor, SIGCONT);
        }
    }
    _exit(0);
}

static void stop_self(int signal_number)
{
    sigset_t just_this;

    sigaction(signal_number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigemptyset(&just_this);
    sigaddset(&just_this, signal_number);
    raise(signal_number);
    sigprocmask(SIG_UNBLOCK, &just_this, NULL);
    sigprocmask(SIG_BLOCK, &just_this, NULL);
}

/*
 * Starts the watcher and waits until it has left the process group. While it is on its way out, the
 * kernel may find it first in the group and already in another session, and refuse the shell, which
 * hears of our stop, to make the job the foreground one (session_of_pgrp in
 * drivers/tty/tty_jobctrl.c).
 */
static pid_t start_watcher(pid_t program)
{
    int left_group[2];
    pid_t self = getpid();
    pid_t watcher;
    char nothing;

    if (pipe2(left_group, O_CLOEXEC) < 0) {
        return -1;
    }
    /* Without an exit signal, so that the watcher's end is no SIGCHLD: see courier_link.c. */
    watcher = (pid_t)syscall(SYS_clone, 0ul, NULL, NULL, 0, 0);
    if (watcher == 0) {
        watch(self, program, left_group);
    }
    close(left_group[1]);
    if (watcher > 0) {
        (void)!read(left_group[0], &nothing, 1);
    }
    close(left_group[0]);
    return watcher;
}

void stop_like_program(int signal_number, pid_t program)
{
    pid_t watcher = start_watcher(program);

    stop_self(signal_number);
    if (watcher > 0) {
        kill(watcher, SIGKILL);
        waitpid(watcher, NULL, __WALL);
    }
}
