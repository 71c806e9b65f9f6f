/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Descendants: found at every depth, told from strangers, and never mixed up by pid. */
#include "harness/supervise/tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct chain {
    pid_t pids[3]; /* child, grandchild, great-grandchild */
};

struct word {
    int depth;
    pid_t pid;
};

/* Each waits for ever; the pids come over the pipe once all live. */
static _Noreturn void grow(int fd)
{
    struct word word = {1, 0};

    while (word.depth < 3 && fork() == 0) {
        word.depth++;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody */
    word.pid = getpid();
    if (write(fd, &word, sizeof(word)) != sizeof(word)) {
        _exit(1);
    }
    for (;;) {
        pause();
    }
}

static struct chain start_chain(void)
{
    struct chain chain = {0};
    int ends[2];
    struct word word;

    cr_assert_eq(pipe(ends), 0);
    if (fork() == 0) {
        grow(ends[1]);
    }
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(read(ends[0], &word, sizeof(word)), (ssize_t)sizeof(word));
        chain.pids[word.depth - 1] = word.pid;
    }
    return chain;
}

static void end_chain(const struct chain *chain)
{
    for (int i = 2; i >= 0; i--) {
        kill(chain->pids[i], SIGKILL);
    }
    cr_assert_eq(waitpid(chain->pids[0], NULL, 0), chain->pids[0]);
}

static bool holds(const struct tree *tree, pid_t pid)
{
    for (size_t i = 0; i < tree->n_processes; i++) {
        if (tree->processes[i].pid == pid) {
            return true;
        }
    }
    return false;
}

Test(tree, finds_all_generations_and_not_itself)
{
    struct tree tree;
    struct tree_filter filter = {.top = getpid()};
    struct chain chain = start_chain();

    cr_assert_eq(tree_scan(&filter, &tree), 0);
    for (int i = 0; i < 3; i++) {
        cr_expect(holds(&tree, chain.pids[i]), "generation %d", i + 1);
        cr_expect(tree_contains(&filter, chain.pids[i]));
    }
    cr_expect_eq(tree.n_processes, 3);
    cr_expect_not(tree_contains(&filter, getpid()));
    cr_expect_not(tree_contains(&filter, getppid()));
    cr_expect_not(tree_contains(&filter, 1));
    tree_done(&tree);
    end_chain(&chain);
}

Test(tree, leaves_out_an_excluded_child_with_all_below_it)
{
    struct tree tree;
    struct chain left_out = start_chain();
    struct chain kept = start_chain();
    struct tree_filter filter = {.top = getpid(), .excluded = left_out.pids, .n_excluded = 1};

    cr_assert_eq(tree_scan(&filter, &tree), 0);
    cr_expect_eq(tree.n_processes, 3);
    cr_expect(holds(&tree, kept.pids[2]));
    cr_expect_not(holds(&tree, left_out.pids[2]));
    cr_expect_not(tree_contains(&filter, left_out.pids[2]));
    tree_done(&tree);
    end_chain(&left_out);
    end_chain(&kept);
}

Test(tree, a_zombie_is_none)
{
    struct tree tree;
    struct tree_process process;
    siginfo_t info;
    struct tree_filter filter = {.top = getpid()};
    pid_t pid = fork();

    if (pid == 0) {
        _exit(0);
    }
    cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    cr_assert_eq(tree_scan(&filter, &tree), 0);
    cr_expect_eq(tree.n_processes, 0);
    cr_expect_eq(tree_read_process(pid, &process), 0);
    cr_expect_eq(process.state, 'Z');
    tree_done(&tree);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
    cr_expect_eq(tree_read_process(pid, &process), -ESRCH);
}

Test(tree, names_with_blanks_and_brackets_are_read)
{
    struct tree_process process;

    prctl(PR_SET_NAME, "a) R 1 (b");
    cr_assert_eq(tree_read_process(getpid(), &process), 0);
    cr_expect_str_eq(process.command, "a) R 1 (b");
    cr_expect_eq(process.parent, getppid());
    cr_expect_gt(process.start_ticks, 0);
}

Test(tree, another_process_with_the_same_pid_is_not_hit)
{
    struct tree tree;
    struct tree_filter filter = {.top = getpid()};

    (void)start_chain();
    cr_assert_eq(tree_scan(&filter, &tree), 0);
    cr_assert_eq(tree.n_processes, 3);
    tree.processes[0].start_ticks++;
    cr_expect_eq(tree_signal(&tree, 0), 2);
    tree.processes[0].start_ticks--;
    cr_expect_eq(tree_signal(&tree, SIGKILL), 3);
    tree_done(&tree);
    while (wait(NULL) > 0) {
    }
}

Test(tree, a_session_in_the_environment_finds_what_has_another_parent)
{
    struct tree tree;
    int ends[2];
    char byte;

    cr_assert_eq(pipe(ends), 0);
    pid_t top = fork();
    if (top == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pause();
        _exit(0);
    }
    pid_t orphan = fork(); /* of the family of `top`, as if it had gone to another parent */
    if (orphan == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], 1);
        execle("/bin/sh", "sh", "-c", "echo; exec sleep 1000", NULL,
               (char *const[]){"LASTWORD_SESSION=/nowhere/session-of-test-tree", NULL});
        _exit(127);
    }
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    struct tree_filter filter = {.top = top, .session = "/nowhere/session-of-test-tree"};
    cr_assert_eq(tree_scan(&filter, &tree), 0);
    cr_expect(holds(&tree, orphan));
    tree_done(&tree);
    filter.session = "/nowhere/session-of-test-tre";
    cr_assert_eq(tree_scan(&filter, &tree), 0);
    cr_expect_not(holds(&tree, orphan));
    tree_done(&tree);
    kill(top, SIGKILL);
    kill(orphan, SIGKILL);
    while (wait(NULL) > 0) {
    }
}
