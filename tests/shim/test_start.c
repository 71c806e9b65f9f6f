/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every way in which a process starts is told, once, by the new process. */
#include "sdk/record/record.h"
#include "tests/shim/driver.h"

#include <stdio.h>

/* A parent that exec'd, made one child, and saw it leave with 3. */
#define ONE_CHILD(name, how)                                                                       \
    "1.1 exec: cases " name "\n"                                                                   \
    "1.1 child 1.2 exited 3\n"                                                                     \
    "1.1 ended return\n"                                                                           \
    "1.2 " how " of 1.1\n"                                                                         \
    "1.2 ended _exit 3\n"

/* The same where the child is another image. */
#define ONE_IMAGE(name)                                                                            \
    "1.1 exec: cases " name "\n"                                                                   \
    "1.1 child 2.1 exited 3\n"                                                                     \
    "1.1 ended return\n"                                                                           \
    "2.1 exec: cases _exit 3\n"                                                                    \
    "2.1 ended _exit 3\n"

Test(start, fork)
{
    check_case(ARGS("fork"), EXITED(0), ONE_CHILD("fork", "fork"));
}

/* Siblings sort by birth: a child begins when its parent called fork, not when it first ran. */
Test(start, a_child_begins_with_the_call_of_its_parent)
{
    struct shim_run run;
    uint64_t mark_ns = 0, child_ns = 0;

    run_case(&run, ARGS("slow_fork"));
    cr_expect_eq(run.wait_status, EXITED(0), "%s", run.err);
    for (size_t i = 0; i < run.records.n; i++) {
        const struct spool_test_record *record = &run.records.at[i];

        if (record->serial == 1 && record->kind == RECORD_PROCESS_END_CANCELLED)
            mark_ns = record->time_ns;
        if (record->serial == 2 && record->kind == RECORD_PROCESS_START)
            child_ns = record->time_ns;
    }
    cr_expect(child_ns != 0 && mark_ns != 0);
    cr_expect_lt(child_ns, mark_ns, "the mark was made between the call and the fork");
    shim_run_done(&run);
}

Test(start, _Fork)
{
    check_case(ARGS("_Fork"), EXITED(0), ONE_CHILD("_Fork", "_fork"));
}

Test(start, forkpty)
{
    check_case(ARGS("forkpty"), EXITED(0), ONE_CHILD("forkpty", "fork"));
}

Test(start, raw_clone)
{
    check_case(ARGS("raw_clone"), EXITED(0), ONE_CHILD("raw_clone", "_fork"));
}

Test(start, daemon)
{
    check_case(ARGS("daemon"), EXITED(0),
               "1.1 exec: cases daemon\n"
               "1.1 ended daemon\n"
               "1.2 daemon of 1.1\n"
               "1.2 ended return\n");
}

Test(start, fork_of_a_process_that_was_cloned_by_hand)
{
    check_case(ARGS("fork_after_raw_clone"), EXITED(0),
               "1.1 exec: cases fork_after_raw_clone\n"
               "1.1 child 1.2 exited 0\n"
               "1.1 ended return\n"
               "1.2 _fork of 1.1\n"
               "1.2 child 1.3 exited 3\n"
               "1.2 ended _exit 0\n"
               "1.3 fork of 1.2\n"
               "1.3 ended _exit 3\n");
}

Test(start, nested_forks)
{
    check_case(ARGS("nested"), EXITED(0),
               "1.1 exec: cases nested\n"
               "1.1 child 1.2 exited 4\n"
               "1.1 ended return\n"
               "1.2 fork of 1.1\n"
               "1.2 child 1.3 exited 5\n"
               "1.2 ended _exit 4\n"
               "1.3 fork of 1.2\n"
               "1.3 ended _exit 5\n");
}

Test(start, double_fork_whose_middle_ends_first)
{
    struct shim_run run;

    run_case(&run, ARGS("twice"));
    cr_expect_eq(run.wait_status, EXITED(0));
    cr_expect_eq(count_lives(&run, "1.1 child 1.2 exited 4\n"), 1);
    cr_expect_eq(count_lives(&run, "1.2 ended _exit 4\n"), 1);
    cr_expect_eq(count_lives(&run, "1.3 fork of 1.2\n1.3 ended _exit 5\n"), 1);
    shim_run_done(&run);
}

/* The child lives in its parent's memory: its end must not be taken for the parent's. */
Test(start, vfork_and_clone_in_the_parents_memory_are_nobody)
{
    static const char *const names[] = {"vfork_exit", "clone_vm", "vfork_failed_exec"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char lives[256];

        snprintf(lives, sizeof(lives),
                 "1.1 exec: cases %s\n1.1 says ? is nobody\n1.1 child ? exited 3\n"
                 "1.1 ended return\n",
                 names[i]);
        check_case(ARGS(names[i]), EXITED(0), lives);
    }
}

Test(start, vfork_and_exec)
{
    check_case(ARGS("vfork_exec"), EXITED(0), ONE_IMAGE("vfork_exec"));
}

Test(start, posix_spawn)
{
    check_case(ARGS("spawn"), EXITED(0), ONE_IMAGE("spawn"));
}

/* How sh ends is its own business; that it and its child are seen is ours. */
Test(start, system_and_popen)
{
    static const char *const names[] = {"system", "popen"};

    for (size_t i = 0; i < 2; i++) {
        struct shim_run run;

        run_case(&run, ARGS(names[i]));
        cr_expect_eq(run.wait_status, EXITED(0), "%s", run.err);
        cr_expect_eq(count_lives(&run, "2.1 exec: sh -c "), 1);
        cr_expect_eq(count_lives(&run, "3.1 exec over 2.1: cases _exit 3\n3.1 ended _exit 3\n"), 1);
        shim_run_done(&run);
    }
}

Test(start, two_hundred_children_at_once)
{
    struct shim_run run;

    run_case(&run, ARGS("many", "200"));
    cr_expect_eq(run.wait_status, EXITED(0), "%s", run.err);
    cr_expect_eq(count_lives(&run, " fork of 1.1\n"), 200);
    cr_expect_eq(count_lives(&run, " ended _exit 3\n"), 200);
    cr_expect_eq(count_lives(&run, "1.1 child 1."), 200);
    cr_expect_eq(count_lives(&run, " exited 3\n"), 200);
    shim_run_done(&run);
}

/* A library's constructor comes before ours: then the arguments are not known yet. */
Test(start, fork_before_our_constructor)
{
    struct shim_run run;

    shim_run(&run, SHIM, ARGS(EARLY), NULL);
    expect_lives(&run, EXITED(3),
                 "1.1 exec:\n"
                 "1.1 child 1.2 exited 3\n"
                 "1.1 ended return\n"
                 "1.2 fork of 1.1\n"
                 "1.2 ended _exit 3\n");
    shim_run_done(&run);
}

Test(start, nothing_without_a_session_or_when_disabled)
{
    struct shim_run run;

    run_case_with(&run, ARGS("fork"), ARGS("LASTWORD_DISABLE=1"));
    expect_lives(&run, EXITED(0), "");
    cr_expect_eq(run.records.n_spools, 0);
    shim_run_done(&run);
    run_case_with(&run, ARGS("fork"), ARGS("LASTWORD_DISABLE=0"));
    expect_lives(&run, EXITED(0), ONE_CHILD("fork", "fork"));
    shim_run_done(&run);
    shim_run(&run, NULL, ARGS(CASES, "fork"), ARGS("LD_PRELOAD=" SHIM));
    cr_expect_eq(run.wait_status, EXITED(0));
    cr_expect_str_eq(run.err, "");
    shim_run_done(&run);
}

Test(start, a_session_that_is_gone_harms_nobody)
{
    struct shim_run run;

    shim_run(&run, NULL, ARGS(CASES, "daemon"),
             ARGS("LD_PRELOAD=" SHIM, "LASTWORD_SESSION=/nonexistent"));
    cr_expect_eq(run.wait_status, EXITED(0));
    cr_expect_str_eq(run.err, "");
    shim_run_done(&run);
}
