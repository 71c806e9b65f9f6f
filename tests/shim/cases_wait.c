/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ways in which a parent learns of its child's end. */
#include "tests/shim/cases.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that exits with 3. */
static pid_t child(void)
{
    pid_t pid = fork();

    CHECK(pid >= 0);
    if (pid == 0)
        _exit(3);
    return pid;
}

/* args: FUNCTION; with a status or, behind a dash, without. */
static int by_function(char **args)
{
    int status = -1;
    int *asked = args[1] ? NULL : &status;
    struct rusage usage;
    pid_t pid = child();

    if (strcmp(args[0], "wait") == 0)
        CHECK(wait(asked) == pid);
    if (strcmp(args[0], "waitpid") == 0)
        CHECK(waitpid(pid, asked, 0) == pid);
    if (strcmp(args[0], "wait3") == 0)
        CHECK(wait3(asked, 0, &usage) == pid);
    if (strcmp(args[0], "wait4") == 0)
        CHECK(wait4(pid, asked, 0, &usage) == pid);
    CHECK(status == (asked ? 3 << 8 : -1));
    CHECK(waitpid(pid, NULL, 0) == -1 && errno == ECHILD);
    return 0;
}

static int by_waitid(char **args)
{
    siginfo_t info = {0};
    pid_t pid = child();

    CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0); /* looks, and leaves it */
    CHECK(info.si_pid == pid && info.si_code == CLD_EXITED && info.si_status == 3);
    CHECK(waitid(P_PID, (id_t)pid, args[0] ? NULL : &info, WEXITED) == 0);
    CHECK(waitid(P_ALL, 0, &info, WEXITED) == -1 && errno == ECHILD);
    return 0;
}

static pid_t stopped_child(void)
{
    pid_t pid = fork();

    CHECK(pid >= 0);
    if (pid == 0) {
        raise(SIGSTOP);
        pause();
    }
    return pid;
}

/* Stops and continues are no ends; the kill is. */
static int of_a_stopped_child(char **args)
{
    pid_t pid = stopped_child();
    int status;

    (void)args;
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
    CHECK(waitpid(pid, &status, WNOHANG) == 0);
    CHECK(kill(pid, SIGCONT) == 0);
    CHECK(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
    CHECK(kill(pid, SIGKILL) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && WTERMSIG(status) == SIGKILL);
    return 0;
}

static int waitid_of_a_stopped_child(char **args)
{
    pid_t pid = stopped_child();
    siginfo_t info = {.si_pid = 1};

    (void)args;
    CHECK(waitid(P_PID, (id_t)pid, &info, WSTOPPED) == 0 && info.si_code == CLD_STOPPED);
    CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0);
    CHECK(kill(pid, SIGTERM) == 0 && kill(pid, SIGCONT) == 0);
    CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED) == 0 && info.si_code == CLD_KILLED);
    return 0;
}

const struct shim_case wait_cases[] = {
    {"wait_by", by_function},
    {"waitid", by_waitid},
    {"stopped", of_a_stopped_child},
    {"waitid_stopped", waitid_of_a_stopped_child},
    {NULL, NULL},
};
