/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The shim is a guest: what a program does and sees is the same with it and without. */
#include "sdk/record/record.h"
#include "tests/shim/driver.h"

/* The case checks it itself; it holds with the shim, and the check is a true one without. */
static void check_both(const char *name)
{
    struct shim_run with, without;

    run_case(&with, ARGS(name));
    run_case_alone(&without, ARGS(name));
    cr_expect_eq(with.wait_status, EXITED(0), "%s: %s", name, with.err);
    cr_expect_eq(without.wait_status, EXITED(0), "%s alone: %s", name, without.err);
    cr_expect_str_eq(with.out, without.out);
    cr_expect_str_eq(with.err, without.err);
    shim_run_done(&with);
    shim_run_done(&without);
}

Test(guest, errno)
{
    check_both("keeps_errno");
    check_both("tells_errors");
}

Test(guest, signal_mask)
{
    check_both("keeps_mask");
}

Test(guest, standard_output)
{
    struct shim_run run;

    check_both("leaves_stdio");
    run_case_alone(&run, ARGS("leaves_stdio"));
    cr_expect_str_eq(run.out, "parent parent ");
    shim_run_done(&run);
}

Test(guest, descriptors_and_threads)
{
    check_both("counts");
}

Test(guest, small_stacks)
{
    check_both("small_stacks");
}

Test(guest, a_fork_that_fails)
{
    struct shim_run run;

    check_both("cannot_fork");
    run_case(&run, ARGS("cannot_fork"));
    expect_lives(&run, EXITED(0),
                 "1.1 exec: cases cannot_fork\n"
                 "1.1 ended daemon\n"
                 "1.1 cancelled\n"
                 "1.1 ended return\n");
    shim_run_done(&run);
}

/* Whether the second process's first record is its start. */
static bool starts_first(const struct shim_run *run)
{
    size_t i = 0;

    while (i < run->records.n && run->records.at[i].serial != 3)
        i++;
    cr_assert_lt(i, run->records.n, "no such process");
    return run->records.at[i].kind == RECORD_PROCESS_START;
}

/*
 * A signal in the middle of fork: its handler runs when the child knows who it is. The control is
 * forkpty, which no wrapper brackets: there the handler comes too early.
 */
Test(guest, signal_handlers_wait_for_the_end_of_fork)
{
    struct shim_run run;

    shim_run(&run, SHIM, ARGS(EARLY, "fork"), NULL);
    cr_expect_eq(run.wait_status, EXITED(3), "%s", run.err);
    cr_expect_eq(count_lives(&run, "1.3 fork of 1.1\n1.3 ended _exit 3\n1.3 rows 1\n"), 1);
    cr_expect(starts_first(&run));
    shim_run_done(&run);
    shim_run(&run, SHIM, ARGS(EARLY, "forkpty"), NULL);
    cr_expect_eq(run.wait_status, EXITED(3), "%s", run.err);
    cr_expect_eq(count_lives(&run, "1.3 fork of 1.1\n1.3 ended _exit 3\n1.3 rows 1\n"), 1);
    cr_expect_not(starts_first(&run));
    shim_run_done(&run);
}

Test(guest, closed_descriptors_do_not_end_the_telling)
{
    struct shim_run run;

    run_case(&run, ARGS("closes_all"));
    expect_lives(&run, EXITED(0),
                 "1.1 exec: cases closes_all\n"
                 "1.1 child 1.2 exited 3\n"
                 "1.1 ended return\n"
                 "1.2 fork of 1.1\n"
                 "1.2 ended _exit 3\n");
    shim_run_done(&run);
}

/* Nothing in a fork or exit path allocates; the control shows that it would be seen. */
Test(guest, no_allocation)
{
    struct shim_run run;

    run_case(&run, ARGS("allocates_nothing"));
    cr_expect_eq(run.wait_status, EXITED(0));
    shim_run_done(&run);
    run_case(&run, ARGS("allocates_nothing", "but once"));
    cr_expect_eq(run.wait_status, EXITED(1));
    shim_run_done(&run);
}

Test(guest, fork_in_a_thread_while_others_log_and_allocate)
{
    struct shim_run run;

    run_case(&run, ARGS("busy_threads"));
    cr_expect_eq(run.wait_status, EXITED(0), "%s", run.err);
    cr_expect_eq(count_lives(&run, " fork of 1.1\n"), 50);
    cr_expect_eq(count_lives(&run, " ended _exit 3\n"), 50);
    cr_expect_eq(count_lives(&run, " rows 1\n"), 50, "a child's row is missing or doubled");
    cr_expect_eq(count_lives(&run, "1.1 child 1."), 50);
    shim_run_done(&run);
}

static void compare(const char *const *argv)
{
    struct shim_run with, without;

    shim_run(&without, NULL, argv, NULL);
    shim_run(&with, SHIM, argv, NULL);
    cr_expect_eq(with.wait_status, without.wait_status, "%s", argv[2]);
    cr_expect_str_eq(with.out, without.out, "%s", argv[2]);
    cr_expect_str_eq(with.err, without.err, "%s", argv[2]);
    cr_expect_neq(with.out_size + with.err_size, 0, "%s printed nothing", argv[2]);
    cr_expect(with.records.n > 2, "%s: %zu records", argv[2], with.records.n);
    shim_run_done(&with);
    shim_run_done(&without);
}

/* Real programs with children of all kinds; a shell first asks whether the program is there. */
Test(guest, programs_print_and_return_the_same)
{
    static const char *const scripts[] = {
        "echo a | cat; (exit 3); echo $?; sh -c 'kill -9 $$'; echo $?; exit 4",
        "command -v bash >/dev/null || { echo no; exit; }\n"
        "bash -c 'for i in 1 2 3; do (echo $i; exit $i) & wait $!; echo $?; done; "
        "cat <(echo sub); trap \"echo trapped\" EXIT; exec 3>&1; echo $(seq 3); false'",
        "command -v perl >/dev/null || { echo no; exit; }\n"
        "perl -e '$|=1; if (fork == 0) { print \"child\\n\"; exit 3 } wait; print $?>>8, \"\\n\"; "
        "print `echo back`; system(\"exit 5\"); print $?>>8, \"\\n\"; exec \"echo\", \"end\"'",
        "command -v python3 >/dev/null || { echo no; exit; }\n"
        "python3 -c 'import subprocess, os, multiprocessing as m\n"
        "print(subprocess.run([\"echo\", \"x\"], env={}, capture_output=True).stdout, flush=True)\n"
        "p = m.Process(target=print, args=(\"child\",)); p.start(); p.join(); print(p.exitcode)\n"
        "os.system(\"echo system\")'",
        "command -v git >/dev/null || { echo no; exit; }\n"
        "d=$(mktemp -d); cd $d; git init -q; git config user.email a@b; git config user.name a\n"
        "echo a >f; git add f; git commit -qm m --date 2020-01-01T00:00:00Z; git log --format=%s\n"
        "git -c core.pager=cat diff HEAD~1; git stash 2>&1; cd /; rm -rf $d",
        "command -v make >/dev/null || { echo no; exit; }\n"
        "printf 'all: a b\\n\\t@echo all\\na b:\\n\\t@echo $@ | tr a-z A-Z\\nbad:\\n\\t@exit 3\\n' "
        "| { make -f - all; make -f /nonexistent; }",
        "printf '#!/bin/sh\\necho script $1\\n' >/tmp/lastword-$$; chmod +x /tmp/lastword-$$\n"
        "cp /tmp/lastword-$$ /tmp/lastword-fixed; rm /tmp/lastword-$$; /tmp/lastword-fixed x\n"
        "xargs -n1 -P4 echo <<E | sort\n1\n2\n3\n4\nE\nrm /tmp/lastword-fixed",
    };

    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
        compare(ARGS("sh", "-c", scripts[i]));
}
