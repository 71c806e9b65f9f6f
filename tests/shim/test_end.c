/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every way in which a process ends itself is told, with the place that it was called from. */
#include "sdk/record/record.h"
#include "tests/shim/driver.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

static void check_end(const char *name, const char *status, int wait_status, const char *told)
{
    char lives[256];

    snprintf(lives, sizeof(lives), "1.1 exec: cases %s %s\n%s", name, status, told);
    check_case(ARGS(name, status), wait_status, lives);
}

Test(end, each_by_its_name_and_status)
{
    check_end("return", "7", EXITED(7), "1.1 ended return\n");
    check_end("exit", "7", EXITED(7), "1.1 ended exit 7\n");
    check_end("_exit", "7", EXITED(7), "1.1 ended _exit 7\n");
    check_end("_Exit", "7", EXITED(7), "1.1 ended _Exit 7\n");
    check_end("quick_exit", "7", EXITED(7), "1.1 ended quick_exit 7\n");
    check_end("exit", "-1", EXITED(255), "1.1 ended exit -1\n");
    check_end("thread", "7", EXITED(7), "1.1 ended exit 7\n");
}

Test(end, abort)
{
    struct shim_run run;

    run_case(&run, ARGS("abort"));
    expect_lives(&run, run.wait_status, "1.1 exec: cases abort\n1.1 ended abort\n");
    cr_expect(WIFSIGNALED(run.wait_status) && WTERMSIG(run.wait_status) == SIGABRT);
    shim_run_done(&run);
}

/* Seen from outside alone. */
Test(end, a_kill_and_a_raw_system_call_tell_nothing)
{
    check_end("kill", "9", KILLED(9), "");
    check_end("kill", "15", KILLED(15), "");
    check_end("raw_exit", "7", EXITED(7), "");
}

/* exit() that the C library calls itself passes the destructor only. */
Test(end, inside_the_c_library_is_a_return)
{
    check_end("err", "7", EXITED(7), "1.1 ended return\n");
    check_end("last_thread", "0", EXITED(0), "1.1 ended return\n");
}

Test(end, an_exit_handler_has_the_last_word)
{
    check_end("handler", "7", EXITED(5), "1.1 ended exit 7\n1.1 ended _exit 5\n");
}

Test(end, a_child_of_an_exit_handler_is_no_return_of_its_parents)
{
    check_case(ARGS("fork_in_handler"), EXITED(4),
               "1.1 exec: cases fork_in_handler\n"
               "1.1 ended exit 4\n"
               "1.1 child 1.2 exited 4\n"
               "1.2 fork of 1.1\n"
               "1.2 ended return\n");
}

static const struct record_process_end *only_end(const struct shim_run *run)
{
    const struct record_process_end *end = NULL;

    for (size_t i = 0; i < run->records.n; i++) {
        if (run->records.at[i].kind != RECORD_PROCESS_END)
            continue;
        cr_assert_null(end, "more than one end");
        end = run->records.at[i].payload;
    }
    cr_assert_not_null(end);
    return end;
}

/* The case prints where its code and its mark lie: registers and stack must agree. */
static void check_mark(const char *name, size_t least_stack)
{
    static const uint64_t mark = 0x6c61737477007264;
    const struct record_process_end *end;
    uintptr_t code = 0, marked = 0;
    struct shim_run run;
    uint64_t found;

    run_case(&run, ARGS(name));
    cr_assert_eq(sscanf(run.out, "%lx %lx", &code, &marked), 2);
    end = only_end(&run);
    cr_expect(end->pc > code && end->pc - code < 512, "pc %lx, function %lx", end->pc, code);
    cr_expect(end->fp > end->sp && end->fp - end->sp < 512);
    cr_assert(end->stack_size >= least_stack && end->stack_size <= RECORD_MAX_STACK, "%u bytes",
              end->stack_size);
    cr_assert(marked >= end->sp && marked - end->sp + 8 <= end->stack_size);
    memcpy(&found, (const char *)(end + 1) + end->text_size + (marked - end->sp), sizeof(found));
    cr_expect_eq(found, mark);
    shim_run_done(&run);
}

Test(end, registers_and_stack_are_those_of_the_call)
{
    check_mark("marked", 128);
    check_mark("marked_thread", 64);
}

/* Milliseconds that the case took to end by `function`, in a spool that a courier seems to serve.
 */
static long end_unserved(const char *function, const char *const *more)
{
    struct timespec before, after;
    struct shim_run run;

    clock_gettime(CLOCK_MONOTONIC, &before);
    run_case_with(&run, ARGS("unserved", function), more);
    clock_gettime(CLOCK_MONOTONIC, &after);
    cr_expect_str_eq(run.err, "");
    if (strcmp(function, "abort") != 0)
        cr_expect_eq(run.wait_status, EXITED(3), "%s: %#x", function, (unsigned)run.wait_status);
    shim_run_done(&run);
    return (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
}

Test(end, waits_for_storage_only_when_asked_and_not_for_ever)
{
    static const char *const functions[] = {"return",     "exit",  "_exit", "_Exit",
                                            "quick_exit", "abort", "execve"};

    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        long took =
            end_unserved(functions[i], ARGS("LASTWORD_WAIT=1", "LASTWORD_FLUSH_TIMEOUT=900ms"));

        cr_expect(took >= 900, "%s waited %ld ms", functions[i], took);
        took = end_unserved(functions[i], ARGS("LASTWORD_FLUSH_TIMEOUT=900ms"));
        cr_expect(took < 900, "%s waited %ld ms unasked", functions[i], took);
    }
}
