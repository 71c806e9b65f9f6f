/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Starting a program: "started" means that exec succeeded, and nothing is left when it failed. */
#include "harness/supervise/program.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct signals signals = {.fd = -1};
static const struct inheritance nothing;

static pid_t announced;

static void note_pid(void *context, pid_t pid)
{
    *(pid_t *)context = pid;
}

/* spawn with the mask and dispositions that this process has */
static int spawn(char *const *argv, char *const *environment, pid_t *ret_pid)
{
    sigprocmask(SIG_SETMASK, NULL, &signals.inherited_mask);
    sigaction(SIGCHLD, NULL, &signals.inherited_child);
    return program_spawn(argv, environment, &signals, &nothing, note_pid, &announced, ret_pid);
}

#define ARGS(...) ((char *const[]){__VA_ARGS__, NULL})

Test(program, is_found_in_path_and_gets_its_environment)
{
    pid_t pid = 0;
    int status;

    cr_assert_eq(spawn(ARGS("sh", "-c", "exit $CODE"), ARGS("CODE=7"), &pid), 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void end_now(void *context, pid_t pid)
{
    (void)context;
    (void)pid;
    _exit(0);
}

Test(program, is_announced_before_it_runs)
{
    pid_t pid = 0;

    cr_assert_eq(spawn(ARGS("true"), ARGS("A=1"), &pid), 0);
    cr_expect_eq(announced, pid);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

Test(program, does_not_run_when_we_die_before_it_was_let_go)
{
    char command[64], byte;
    int ends[2];
    pid_t middle, pid;

    cr_assert_eq(pipe(ends), 0);
    snprintf(command, sizeof(command), "echo ran >&%d", ends[1]);
    middle = fork();
    if (middle == 0)
        _exit(program_spawn(ARGS("sh", "-c", command), environ, &signals, &nothing, end_now, NULL,
                            &pid));
    close(ends[1]);
    cr_assert_eq(waitpid(middle, NULL, 0), middle);
    cr_expect_eq(read(ends[0], &byte, 1), 0, "the end of file says that the child is gone");
}

static void expect_failure(char *name, int error, int exit_status)
{
    pid_t pid = -7;

    cr_expect_eq(spawn(ARGS(name), ARGS("A=1"), &pid), error, "%s", name);
    cr_expect_eq(pid, -7, "the pid was set");
    cr_expect_eq(program_spawn_status(error), exit_status);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "a child was left");
    cr_expect_eq(errno, ECHILD);
}

Test(program, failures_are_those_of_exec)
{
    expect_failure("no-such-program-anywhere", -ENOENT, 127);
    expect_failure("/no/such/program", -ENOENT, 127);
    expect_failure("/etc", -EACCES, 126);
    expect_failure("/etc/passwd", -EACCES, 126);
}

static int count_descriptors(void)
{
    int n_open = 0;

    for (int fd = 0; fd < 256; fd++) {
        n_open += fcntl(fd, F_GETFD) >= 0;
    }
    return n_open;
}

Test(program, no_descriptor_is_left)
{
    pid_t pid = 0;
    int n_before = count_descriptors();

    cr_assert_eq(spawn(ARGS("true"), ARGS("A=1"), &pid), 0);
    waitpid(pid, NULL, 0);
    cr_assert_eq(spawn(ARGS("/etc"), ARGS("A=1"), &pid), -EACCES);
    cr_expect_eq(count_descriptors(), n_before);
}

Test(program, a_script_without_interpreter_line_runs_as_in_shells)
{
    char path[] = "/tmp/lastword-script.XXXXXX";
    pid_t pid = 0;
    int status;
    int fd = mkstemp(path);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, "exit 5\n", 7), 7);
    fchmod(fd, 0700);
    close(fd);
    cr_assert_eq(spawn(ARGS(path), ARGS("A=1"), &pid), 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect_eq(WEXITSTATUS(status), 5);
    unlink(path);
}
