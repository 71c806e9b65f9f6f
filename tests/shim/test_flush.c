/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Functions by name are called at each ending; and whatever a flush does, the process ends as it
 * was about to, in time.
 */
#include "tests/shim/driver.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

/* --- Functions by name ------------------------------------------------------------------------ */

Test(flush, a_local_function_at_each_ending)
{
    static const struct {
        const char *how;
        int wait_status;
        const char *printed;
    } endings[] = {
        {"_exit", EXITED(3), "flushed\n"},
        {"_Exit", EXITED(3), "flushed\n"},
        {"quick_exit", EXITED(3), "flushed\n"},
        {"exec", EXITED(3), "flushed\n"},
        {"abort", SIGABRT, "flushed\n"},
        {"signal15", SIGTERM, "flushed\n"},
        {"fault", SIGSEGV, "flushed\n"},
        {"failed_exec", EXITED(3), "flushed\n"},
        {"exit", EXITED(3), ""},
        {"return", EXITED(3), ""},
    };

    for (size_t i = 0; i < LENGTH(endings); i++) {
        const char *const *args = ARGS("ends", endings[i].how);

        check_case_prints(args, ARGS("LASTWORD_FLUSH=flush_says"), endings[i].printed,
                          endings[i].wait_status);
        check_case_prints(args, NULL, "", endings[i].wait_status);
    }
}

/* The words of LASTWORD_FLUSH, and what the notes say of each. */
static void check_words(const char *words, const char *covered, const char *uncovered)
{
    char variable[256];
    struct shim_run run;

    snprintf(variable, sizeof(variable), "LASTWORD_FLUSH=%s", words);
    run_case_with(&run, ARGS("ends", "_exit"), ARGS(variable));
    cr_expect_eq(run.wait_status, EXITED(3));
    if (covered)
        cr_expect_eq(count_notes(&run, NOTE_PROVIDER, covered), 1, "%s", words);
    else
        cr_expect_eq(count_notes(&run, NOTE_PROVIDER, ""), 0, "%s", words);
    if (uncovered)
        cr_expect_eq(count_notes(&run, NOTE_NOT_COVERED, uncovered), 1, "%s", words);
    else
        cr_expect_eq(count_notes(&run, NOTE_NOT_COVERED, ""), 0, "%s", words);
    shim_run_done(&run);
}

Test(flush, notes_tell_what_is_covered)
{
    check_words("stdio", "stdio", NULL);
    check_words("cases:flush_says", "cases:flush_says", NULL);
    check_words("libc:fflush_unlocked", "libc:fflush_unlocked", NULL);
    check_words("libc.so:fflush_unlocked", "libc.so:fflush_unlocked", NULL);
    check_words("libc.so.6:fflush_unlocked", "libc.so.6:fflush_unlocked", NULL);
    check_words("li:fflush_unlocked", NULL, "li:fflush_unlocked: no such function");
    check_words("libc:flush_says", NULL, "libc:flush_says: no such function");
    check_words("no_such_function", NULL, "no_such_function: no such function");
    check_words("self", NULL, "self: no such function");               /* a variable */
    check_words("process_pid", NULL, "process_pid: no such function"); /* the shim's own */
    check_words("spdlog", "stdio", "spdlog: no such function");
    check_words("gcov", NULL, "gcov: no such function");
    check_words("llvm-profile", NULL, "llvm-profile: no such function");
    check_words(",,stdio,", "stdio", NULL);
    check_words("flush_says,nothing", "flush_says", "nothing: no such function");
    check_words("", NULL, NULL);
}

Test(flush, too_many_words_are_told)
{
    char variable[2000] = "LASTWORD_FLUSH=stdio";
    struct shim_run run;

    for (int i = 0; i < 40; i++)
        strcat(variable, ",stdio");
    run_case_with(&run, ARGS("ends", "_exit"), ARGS(variable));
    cr_expect_eq(run.wait_status, EXITED(3));
    cr_expect_eq(count_notes(&run, NOTE_NOT_COVERED, "LASTWORD_FLUSH: too long"), 1);
    shim_run_done(&run);
}

/* A note stands behind the start of its image, and once for all of its processes. */
Test(flush, one_note_for_each_image)
{
    struct shim_run run;

    run_case_with(&run, ARGS("lines", "fork", "exec"), ARGS("LASTWORD_FLUSH=stdio"));
    cr_expect_eq(count_notes(&run, NOTE_PROVIDER, "stdio"), 2);
    cr_expect_eq(run.records.at[0].kind, RECORD_PROCESS_START);
    cr_expect_eq(run.records.at[1].kind, RECORD_NOTE);
    shim_run_done(&run);
}

/* --- The budget ------------------------------------------------------------------------------- */

static void check_bounded(const char *function, const char *program, const char *how,
                          int wait_status)
{
    char variable[64];
    struct shim_run run;
    long took;

    snprintf(variable, sizeof(variable), "LASTWORD_FLUSH=%s", function);
    took = run_case_timed(&run, ARGS(program, how), ARGS(variable, "LASTWORD_FLUSH_TIMEOUT=300ms"));
    cr_expect(took >= 300 && took < 5000, "%s at %s: %ld ms", function, how, took);
    cr_expect_eq(run.wait_status & ~WCOREFLAG, wait_status, "%s at %s: %#x", function, how,
                 (unsigned)run.wait_status);
    cr_expect_eq(count_notes(&run, NOTE_TIMED_OUT, function), 1, "%s at %s", function, how);
    shim_run_done(&run);
}

Test(flush, one_that_hangs_delays_the_end_by_the_budget)
{
    static const char *const functions[] = {"flush_hangs", "flush_spins",
                                            "flush_blocks_signals_and_hangs"};

    for (size_t i = 0; i < LENGTH(functions); i++) {
        check_bounded(functions[i], "ends", "_exit", EXITED(3));
        check_bounded(functions[i], "ends", "exec", EXITED(3));
    }
    check_bounded("flush_hangs", "ends", "execlp", EXITED(3));
    check_bounded("flush_hangs", "ends", "quick_exit", EXITED(3));
    check_bounded("flush_hangs", "ends", "abort", SIGABRT);
    check_bounded("flush_hangs", "ends", "signal15", SIGTERM);
    check_bounded("flush_hangs", "ends", "signal1", SIGHUP);
    check_bounded("flush_hangs", "ends", "fault", SIGSEGV);
    check_bounded("flush_locks", "with_lock", "signal2", SIGINT);
    check_bounded("flush_locks", "with_lock", "_exit", EXITED(3));
}

/* The watchdog's exec fails, and the program goes on when its flush has come to an end. */
Test(flush, an_exec_that_fails_after_the_budget)
{
    struct shim_run run;

    run_case_with(&run, ARGS("ends", "refused_exec"),
                  ARGS("LASTWORD_FLUSH=flush_is_slow", "LASTWORD_FLUSH_TIMEOUT=300ms"));
    cr_expect_eq(run.wait_status, EXITED(3), "%#x: %s", (unsigned)run.wait_status, run.err);
    cr_expect_eq(count_notes(&run, NOTE_TIMED_OUT, "flush_is_slow"), 2);
    cr_expect_eq(count_lives(&run, "cancelled"), 1);
    shim_run_done(&run);
}

/* The watchdog may be there before the first provider has begun. */
Test(flush, no_time_at_all)
{
    for (int i = 0; i < 40; i++) {
        struct shim_run run;

        run_case_with(&run, ARGS("ends", i % 2 ? "_exit" : "exec"),
                      ARGS("LASTWORD_FLUSH=flush_hangs", "LASTWORD_FLUSH_TIMEOUT=0s"));
        cr_expect_eq(run.wait_status, EXITED(3), "%#x", (unsigned)run.wait_status);
        cr_expect_eq(count_notes(&run, NOTE_TIMED_OUT, ""), 1);
        shim_run_done(&run);
    }
}

/* Then there is nowhere to go on: the flush does not come back either. */
Test(flush, an_exec_that_fails_after_the_budget_of_a_flush_that_exits)
{
    struct shim_run run;

    run_case_with(&run, ARGS("ends", "refused_exec"),
                  ARGS("LASTWORD_FLUSH=flush_is_slow_and_exits", "LASTWORD_FLUSH_TIMEOUT=300ms"));
    cr_expect_eq(run.wait_status, EXITED(126), "%#x: %s", (unsigned)run.wait_status, run.err);
    shim_run_done(&run);
}

Test(flush, the_watchdog_execs_with_the_programs_death_signal)
{
    struct shim_run run;

    run_case_with(&run, ARGS("execs_with_death_signal"),
                  ARGS("LASTWORD_FLUSH=flush_hangs", "LASTWORD_FLUSH_TIMEOUT=100ms"));
    cr_expect_eq(run.wait_status, EXITED(0));
    cr_expect_eq(atoi(run.out), SIGUSR1, "%s", run.out);
    shim_run_done(&run);
}

/* The program that a watchdog execs starts with the mask that the program had. */
Test(flush, the_watchdog_execs_with_the_programs_signal_mask)
{
    struct shim_run run;

    run_case_with(&run, ARGS("execs_dispositions"),
                  ARGS("LASTWORD_FLUSH=flush_hangs", "LASTWORD_FLUSH_TIMEOUT=100ms"));
    cr_expect_eq(run.wait_status, EXITED(0));
    cr_expect_not_null(strstr(run.out, "SigBlk:\t0000000000000000"), "%s", run.out);
    shim_run_done(&run);
}

/* --- What a flush may do ---------------------------------------------------------------------- */

static void check_function(const char *function, const char *program, const char *how,
                           int wait_status, const char *printed)
{
    char variable[64];
    struct shim_run run;
    long took;

    snprintf(variable, sizeof(variable), "LASTWORD_FLUSH=%s", function);
    took = run_case_timed(&run, ARGS(program, how), ARGS(variable, "LASTWORD_FLUSH_TIMEOUT=20s"));
    cr_expect_lt(took, 10000, "%s at %s: %ld ms", function, how, took);
    cr_expect_eq(run.wait_status & ~WCOREFLAG, wait_status, "%s at %s: %#x", function, how,
                 (unsigned)run.wait_status);
    cr_expect_str_eq(run.out, printed, "%s at %s: %s", function, how, run.out);
    shim_run_done(&run);
}

Test(flush, a_flush_that_ends_the_process_ends_it_as_it_was_about_to)
{
    static const char *const functions[] = {"flush_crashes", "flush_overflows", "flush_aborts",
                                            "flush_exits",   "flush__exits",    "flush_execs"};

    for (size_t i = 0; i < LENGTH(functions); i++) {
        check_function(functions[i], "ends", "_exit", EXITED(3), "");
        check_function(functions[i], "ends", "exec", EXITED(3), "");
        check_function(functions[i], "ends", "signal15", SIGTERM, "");
        check_function(functions[i], "ends", "fault", SIGSEGV, "");
    }
}

Test(flush, a_flush_may_fork)
{
    check_function("flush_forks", "ends", "_exit", EXITED(3), "flushed\n");
    check_function("flush_forks", "ends", "signal15", SIGTERM, "flushed\n");
}

Test(flush, a_broken_pipe_in_a_flush_is_not_the_programs)
{
    check_function("flush_into_broken_pipe", "broken_pipe", "_exit", EXITED(3), "");
    check_function("flush_into_broken_pipe", "broken_pipe", "exec", EXITED(3), "");
}

Test(flush, threads_that_end_the_process_together)
{
    for (int i = 0; i < 20; i++)
        check_function("flush_says", "together", "now", EXITED(3), "flushed\n");
}

/* Whoever ends the process first ends it, and its flush is not cut. */
Test(flush, a_second_thread_gives_way)
{
    static const char *const endings[] = {"exit", "return", "_exit", "signal15"};

    for (size_t i = 0; i < LENGTH(endings); i++)
        check_function("flush_tells_and_is_slow", "second", endings[i], EXITED(7), "slow\n");
}

/* Others need not wait for an abort whose handler jumped away. */
Test(flush, an_abort_that_was_no_ending)
{
    check_function("flush_says", "jumped", "_exit", EXITED(3), "flushed\nflushed\n");
    check_function("flush_says", "jumped", "exit", EXITED(3), "flushed\n");
}

/* A flush lets faults through, but not what was sent and is blocked. */
Test(flush, what_the_program_blocks_stays_blocked)
{
    static const int numbers[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                                  SIGABRT, SIGTRAP, SIGSYS, SIGTERM};

    for (size_t i = 0; i < LENGTH(numbers); i++) {
        char number[8];

        snprintf(number, sizeof(number), "%d", numbers[i]);
        check_case_prints(ARGS("pending", number, "_exit"), ARGS("LASTWORD_FLUSH=flush_says"),
                          "flushed\n", EXITED(3));
    }
}

/* A clone() would kill it. */
Test(flush, nothing_is_flushed_in_a_sandbox_of_its_own)
{
    struct shim_run run;

    run_case_with(&run, ARGS("sandboxed", "_exit"), ARGS("LASTWORD_FLUSH=flush_says"));
    cr_expect_eq(run.wait_status, EXITED(3));
    cr_expect_str_eq(run.out, "");
    cr_expect_eq(count_notes(&run, NOTE_NOT_COVERED, "all: no thread"), 1);
    shim_run_done(&run);
}

/* As in a container: there a clone() that is refused is all that happens. */
Test(flush, nothing_is_flushed_where_no_thread_can_be_made)
{
    struct shim_run run;

    run_case_with(&run, ARGS("sandboxed_from_the_start"), ARGS("LASTWORD_FLUSH=flush_says"));
    cr_expect_eq(run.wait_status, EXITED(3));
    cr_expect_str_eq(run.out, "flushed\n", "%s", run.out); /* the parent alone */
    cr_expect_eq(count_notes(&run, NOTE_NOT_COVERED, "all: no thread"), 1);
    shim_run_done(&run);
}
