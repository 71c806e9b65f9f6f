/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What fork drops goes over to the child, and is gone from the parent. */
#include "harness/supervise/inheritance.h"

#include <criterion/criterion.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__ & 0xff);                                                                \
    } while (0)

static const struct timespec at_once;

static sigset_t set_of(int first, int second)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, first);
    sigaddset(&set, second);
    return set;
}

static bool timer_is_set(int which)
{
    struct itimerval timer;

    return getitimer((__itimer_which_t)which, &timer) == 0 && timer.it_value.tv_sec > 0;
}

static void leave_something(const sigset_t *mask)
{
    CHECK(sigprocmask(SIG_BLOCK, mask, NULL) == 0);
    CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5}) == 0);
    CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 6}) == 0);
    CHECK(kill(getpid(), SIGUSR1) == 0);
    CHECK(setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_sec = 100}, NULL) == 0);
    CHECK(setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = 100}, NULL) == 0);
    CHECK(prctl(PR_SET_PDEATHSIG, SIGUSR2) == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
}

/* As without lastword: value, order and sender of what is pending. */
static void find_it(const sigset_t *mask, pid_t sender)
{
    siginfo_t info;
    int death_signal = 0, subreaper = 0;

    for (int value = 5; value <= 6; value++) {
        sigset_t queued = set_of(SIGRTMIN, SIGRTMIN);

        CHECK(sigtimedwait(&queued, &info, &at_once) == SIGRTMIN);
        CHECK(info.si_code == SI_QUEUE && info.si_value.sival_int == value);
    }
    CHECK(sigtimedwait(mask, &info, &at_once) == SIGUSR1);
    CHECK(info.si_code == SI_USER && info.si_pid == sender);
    CHECK(timer_is_set(ITIMER_REAL) && timer_is_set(ITIMER_PROF) && !timer_is_set(ITIMER_VIRTUAL));
    CHECK(prctl(PR_GET_PDEATHSIG, &death_signal) == 0 && death_signal == SIGUSR2);
    CHECK(prctl(PR_GET_CHILD_SUBREAPER, &subreaper) == 0 && subreaper == 1);
}

static void hand_on(bool gives)
{
    struct inheritance inheritance;
    sigset_t mask = set_of(SIGRTMIN, SIGUSR1), pending;
    pid_t starter = getpid(), pid;
    int status;

    leave_something(&mask);
    inheritance_take(&inheritance, &mask);
    CHECK(sigpending(&pending) == 0 && !sigismember(&pending, SIGRTMIN));
    CHECK(!timer_is_set(ITIMER_REAL) && !timer_is_set(ITIMER_PROF));
    pid = fork();
    if (pid == 0) {
        if (gives) {
            inheritance_give(&inheritance);
        }
        find_it(&mask, starter);
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    _exit(WEXITSTATUS(status));
}

static int status_of(bool gives)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        hand_on(gives);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(inheritance, is_handed_on)
{
    cr_expect_eq(status_of(true), 0, "line %d", status_of(true));
}

/* The control: by fork alone nothing of it arrives. */
Test(inheritance, is_lost_by_fork)
{
    cr_expect_neq(status_of(false), 0);
}

static void take_what_came_later(void)
{
    struct inheritance inheritance;
    sigset_t found = set_of(SIGUSR1, SIGUSR1), later = set_of(SIGUSR2, SIGUSR2), pending;

    CHECK(sigprocmask(SIG_BLOCK, &found, NULL) == 0 && sigprocmask(SIG_BLOCK, &later, NULL) == 0);
    CHECK(raise(SIGUSR2) == 0);
    inheritance_take(&inheritance, &found);
    CHECK(inheritance.n_pending == 0);
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR2));
    _exit(0);
}

Test(inheritance, does_not_take_what_came_later)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        take_what_came_later();
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(status, 0, "line %d", WEXITSTATUS(status));
}
