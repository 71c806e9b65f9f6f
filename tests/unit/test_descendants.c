/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Children from before, and the courier, are not the program's. */
#include "harness/supervise/descendants.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t courier;
static struct descendants descendants;

static pid_t start_child(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            pause();
        }
    }
    cr_assert_gt(pid, 0);
    return pid;
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

Test(descendants, none)
{
    cr_assert_eq(descendants_init(&descendants, NULL, &courier), 0);
    cr_expect_eq(descendants.n_strangers, 0);
    cr_expect_eq(descendants_count(&descendants), 0);
    descendants_done(&descendants);
}

Test(descendants, strangers_and_courier_are_left_out)
{
    pid_t strangers[2] = {start_child(), start_child()};

    cr_assert_eq(descendants_init(&descendants, NULL, &courier), 0);
    cr_expect_eq(descendants.n_strangers, 2);
    courier = start_child();
    pid_t program = start_child();
    cr_expect_eq(descendants_count(&descendants), 1);
    cr_expect(descendants_contain(&descendants, program));
    cr_expect_not(descendants_contain(&descendants, courier));
    cr_expect_not(descendants_contain(&descendants, strangers[1]));

    end_child(strangers[0]);
    cr_expect(descendants_forget_stranger(&descendants, strangers[0]));
    cr_expect_not(descendants_forget_stranger(&descendants, strangers[0]));
    cr_expect_not(descendants_forget_stranger(&descendants, program));
    end_child(program);
    cr_expect_eq(descendants_count(&descendants), 0);
    descendants_done(&descendants);
    end_child(strangers[1]);
    end_child(courier);
}
