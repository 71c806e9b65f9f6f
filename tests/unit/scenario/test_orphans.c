/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Orphans and what is below them end; strangers and supervisors do not. */
#include "harness/scenario/orphans.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that waits for ever, below a parent that does when `depth` is above 0. */
static pid_t start(int depth, int ready)
{
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        if (depth > 0) {
            start(depth - 1, ready);
        } else if (write(ready, "x", 1) != 1) {
            _exit(1);
        }
        pause();
        _exit(0);
    }
    return pid;
}

static bool lives(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

Test(orphans, all_but_strangers_and_supervisors_end, .timeout = 60)
{
    struct orphans orphans = {0};
    int ends[2];
    char byte;
    cr_assert_eq(pipe(ends), 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t stranger = start(0, ends[1]);
    cr_assert_eq(orphans_init(&orphans, 4), 0);
    pid_t supervisor = start(1, ends[1]);
    pid_t orphan = start(3, ends[1]);
    close(ends[1]);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(read(ends[0], &byte, 1), 1);
    }

    orphans_end(&orphans, &supervisor, 1);
    cr_assert(lives(stranger));
    cr_assert(lives(supervisor));
    cr_assert_eq(kill(orphan, 0), -1);

    orphans_end(&orphans, NULL, 0);
    cr_assert(lives(stranger));
    cr_assert_eq(kill(supervisor, 0), -1);
    end(stranger);
    /* All have gone: nobody holds the pipe open. */
    cr_assert_eq(read(ends[0], &byte, 1), 0);
    orphans_done(&orphans);
}
