/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which signals are the program's, and that a program starts with mask and dispositions as found.
 */
#include "harness/supervise/signals.h"

#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_for_program(int number, int code, bool session_leader, bool sender_is_ours)
{
    struct signalfd_siginfo info = {.ssi_signo = (uint32_t)number, .ssi_code = code};

    return signals_is_for_program(&info, session_leader, sender_is_ours);
}

Test(signals, the_terminals_signals_are_not_sent_twice)
{
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH, SIGHUP};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        cr_expect_not(is_for_program(numbers[i], SI_KERNEL, false, false), "%d", numbers[i]);
        cr_expect(is_for_program(numbers[i], SI_USER, false, false), "%d", numbers[i]);
    }
}

Test(signals, a_hang_up_reaches_only_the_sessions_leader)
{
    cr_expect(is_for_program(SIGHUP, SI_KERNEL, true, false));
    cr_expect_not(is_for_program(SIGINT, SI_KERNEL, true, false));
}

Test(signals, an_inherited_alarm_is_the_programs)
{
    cr_expect(is_for_program(SIGALRM, SI_KERNEL, false, false));
}

Test(signals, the_familys_own_signals_are_not_sent_back)
{
    cr_expect_not(is_for_program(SIGTERM, SI_USER, false, true));
    cr_expect_not(is_for_program(SIGUSR1, SI_QUEUE, true, true));
    cr_expect(is_for_program(SIGUSR1, SI_TKILL, false, false));
}

/* In a child, since signals_init changes the process. Returns its exit status. */
static int in_child(int (*body)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        _exit(body());
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int restore_what_was_found(void)
{
    struct signals signals;
    struct sigaction action;
    sigset_t mask, now;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    signal(SIGCHLD, SIG_IGN);
    if (signals_init(&signals) != 0) {
        return 1;
    }
    sigaction(SIGCHLD, NULL, &action);
    if (action.sa_handler != SIG_DFL) {
        return 2;
    }
    signals_restore(&signals);
    sigaction(SIGCHLD, NULL, &action);
    sigprocmask(SIG_SETMASK, NULL, &now);
    if (action.sa_handler != SIG_IGN) {
        return 3;
    }
    for (int number = 1; number < NSIG; number++) {
        if (sigismember(&now, number) != sigismember(&mask, number)) {
            return 4;
        }
    }
    return 0;
}

Test(signals, restore_what_was_found)
{
    cr_expect_eq(in_child(restore_what_was_found), 0);
}

static int read_what_is_sent(void)
{
    struct signals signals;
    struct signalfd_siginfo info;

    if (signals_init(&signals) != 0 || signals_read(&signals, &info) != 0) {
        return 1;
    }
    kill(getpid(), SIGTERM);
    if (signals_read(&signals, &info) != 1 || info.ssi_signo != SIGTERM ||
        info.ssi_pid != (uint32_t)getpid() || info.ssi_code != SI_USER) {
        return 2;
    }
    return signals_read(&signals, &info);
}

Test(signals, read_what_is_sent)
{
    cr_expect_eq(in_child(read_what_is_sent), 0);
}

static int die_blocked_and_ignored(void)
{
    struct signals signals;

    signal(SIGTERM, SIG_IGN);
    if (signals_init(&signals) != 0) {
        return 1;
    }
    signals_die(SIGTERM);
    return 2;
}

Test(signals, die_whatever_was_inherited)
{
    cr_expect_eq(in_child(die_blocked_and_ignored), 128 + SIGTERM);
}

static int forward_to_self(void)
{
    struct signalfd_siginfo queued = {
        .ssi_signo = SIGUSR1, .ssi_code = SI_QUEUE, .ssi_ptr = 0x1234567890};
    struct signalfd_siginfo killed = {.ssi_signo = SIGUSR2, .ssi_code = SI_USER};
    siginfo_t info;
    sigset_t both;

    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    sigprocmask(SIG_BLOCK, &both, NULL);
    if (signals_forward(&queued, getpid()) != 0 || signals_forward(&killed, getpid()) != 0) {
        return 1;
    }
    if (sigwaitinfo(&both, &info) != SIGUSR1 || info.si_code != SI_QUEUE ||
        info.si_value.sival_ptr != (void *)0x1234567890) {
        return 2;
    }
    return sigwaitinfo(&both, &info) == SIGUSR2 && info.si_code == SI_USER ? 0 : 3;
}

Test(signals, a_queued_value_goes_along)
{
    cr_expect_eq(in_child(forward_to_self), 0);
}
