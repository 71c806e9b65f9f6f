/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a process is doing, told by a process that does it. */
#include "harness/supervise/activity.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that says that it is ready, and then waits for a signal; its standard output is `out`. */
static pid_t start_sleeper(int out)
{
    int ready[2];
    char byte;

    cr_assert_eq(pipe2(ready, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out, 77);
        (void)!write(ready[1], "x", 1);
        for (;;) {
            pause();
        }
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void read_until(pid_t pid, char state, char *text, size_t size)
{
    struct tree_process process = {0};

    while (tree_read_process(pid, &process) == 0 && process.state != state) {
        sched_yield();
    }
    activity_read(&process, text, size);
}

Test(activity, a_process_that_sleeps)
{
    char text[64];
    pid_t pid = start_sleeper(STDOUT_FILENO);

    read_until(pid, 'S', text, sizeof text);
    end(pid);
    cr_assert_eq(strncmp(text, "sleeping", 8), 0, "%s", text);
}

Test(activity, a_process_that_was_stopped)
{
    char text[64];
    pid_t pid = start_sleeper(STDOUT_FILENO);

    kill(pid, SIGSTOP);
    read_until(pid, 'T', text, sizeof text);
    end(pid);
    cr_assert_str_eq(text, "stopped");
}

Test(activity, a_process_that_runs)
{
    char text[64];
    struct tree_process self;

    cr_assert_eq(tree_read_process(getpid(), &self), 0);
    activity_read(&self, text, sizeof text);
    cr_assert_str_eq(text, "running");
    activity_read(&(struct tree_process){.pid = getpid(), .state = '?'}, text, 10);
    cr_assert_str_eq(text, "in an unk");
}

Test(activity, streams_that_it_shares_with_us)
{
    char text[128] = "busy";
    int ends[2], kept = dup(STDOUT_FILENO);

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    dup2(ends[1], STDOUT_FILENO);
    pid_t sharing = start_sleeper(ends[1]);
    activity_add_streams(sharing, text, sizeof text);
    end(sharing);
    dup2(kept, STDOUT_FILENO);
    cr_assert_str_eq(text, "busy, with standard output open");

    strcpy(text, "busy");
    activity_add_streams(sharing, text, sizeof text); /* is gone */
    cr_assert_str_eq(text, "busy");
}
