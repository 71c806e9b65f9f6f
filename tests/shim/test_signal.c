/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where there is a provider, a handler stands in the place of the default action, and the program
 * does not see it.
 */
#include "tests/shim/driver.h"

#include <signal.h>

#define STDIO ARGS("LASTWORD_FLUSH=stdio")

Test(signal, the_program_sees_the_default_action)
{
    check_case_prints(ARGS("sees_default"), STDIO, "", EXITED(0));
    check_case_prints(ARGS("sees_default"), NULL, "", EXITED(0));
}

Test(signal, the_programs_own_setting_counts)
{
    static const char *const numbers[] = {"15", "2", "1"};

    for (size_t i = 0; i < LENGTH(numbers); i++)
        check_case_prints(ARGS("own_handler", numbers[i]), STDIO, "", EXITED(5));
}

/* What the kernel says that `dispositions` or its like catch and ignore. */
static void read_dispositions(const char *name, const char *const *more, uint64_t *ret_ignored,
                              uint64_t *ret_caught)
{
    struct shim_run run;
    const char *ignored, *caught;

    run_case_with(&run, ARGS(name), more);
    ignored = strstr(run.out, "SigIgn:");
    caught = strstr(run.out, "SigCgt:");
    cr_assert(ignored && caught, "%s", run.err);
    *ret_ignored = strtoull(ignored + 7, NULL, 16);
    *ret_caught = strtoull(caught + 7, NULL, 16);
    shim_run_done(&run);
}

/* Handlers stand only where somebody asked for a flush, and end at exec. */
Test(signal, handlers_only_where_they_are_needed)
{
    uint64_t ignored, caught;

    read_dispositions("dispositions", NULL, &ignored, &caught);
    cr_expect_eq(caught, 0);
    read_dispositions("dispositions", ARGS("LASTWORD_FLUSH=nothing"), &ignored, &caught);
    cr_expect_eq(caught, 0);
    read_dispositions("dispositions", STDIO, &ignored, &caught);
    cr_expect_eq(caught, 1u << (SIGTERM - 1) | 1u << (SIGINT - 1) | 1u << (SIGHUP - 1) |
                             1u << (SIGSEGV - 1) | 1u << (SIGBUS - 1) | 1u << (SIGFPE - 1) |
                             1u << (SIGILL - 1) | 1u << (SIGABRT - 1));
    read_dispositions("execs_dispositions", STDIO, &ignored, &caught);
    cr_expect(ignored & 1u << (SIGHUP - 1));
    cr_expect_not(caught & 1u << (SIGHUP - 1));
}

/* The kernel keeps signals with a default action from process 1, and so a flush too: one by its
 * _exit is all. */
Test(signal, none_for_process_1)
{
    struct shim_run run;

    run_case_with(&run, ARGS("first_of_namespace"), ARGS("LASTWORD_FLUSH=flush_says"));
    if (run.wait_status == EXITED(77))
        cr_skip_test("no PID namespace can be made here");
    cr_expect_eq(run.wait_status, EXITED(3), "%#x: %s", (unsigned)run.wait_status, run.err);
    cr_expect_str_eq(run.out, "flushed\n", "%s", run.out);
    shim_run_done(&run);
}

/* What a flush needs beyond it is a crash of the flush, and no write to what lies below. */
Test(signal, the_stack_of_faults_has_a_guard)
{
    check_case_prints(ARGS("guarded_stack"), STDIO, "", EXITED(3));
}
