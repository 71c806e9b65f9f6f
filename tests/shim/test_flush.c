/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * LASTWORD_FLUSH: what stands in a program's buffers arrives, once, however it ends; and whatever a
 * flush does, the process ends as it was about to, in time.
 */
#include "sdk/record/record.h"
#include "tests/shim/driver.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#define STDIO         ARGS("LASTWORD_FLUSH=stdio")
#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

/* What the program printed, and how it ended. */
static void check_printed(const char *const *args, const char *const *more, const char *wanted,
                          int wait_status)
{
    struct shim_run run;

    run_case_with(&run, args, more);
    cr_expect_str_eq(run.out, wanted, "%s %s %s: printed\n%s", args[0], args[1], more ? *more : "",
                     run.out);
    cr_expect_eq(run.wait_status & ~WCOREFLAG, wait_status, "%s %s: wait status %#x; %s", args[0],
                 args[1], (unsigned)run.wait_status, run.err);
    cr_expect_eq(run.records.n_reserved, 0);
    shim_run_done(&run);
}

/* Number of notes of `kind` that begin with `text`. */
static size_t count_notes(const struct shim_run *run, enum note_kind kind, const char *text)
{
    size_t n = 0;

    for (size_t i = 0; i < run->records.n; i++) {
        const struct record_note *note = run->records.at[i].payload;

        n += run->records.at[i].kind == RECORD_NOTE && note->kind == kind &&
             note->text_size >= strlen(text) && memcmp(note + 1, text, strlen(text)) == 0;
    }
    return n;
}

/* --- stdio -------------------------------------------------------------------------------------
 */

static const char *const quiet_endings[] = {"_exit", "_Exit",  "quick_exit",
                                            "exec",  "execlp", "failed_exec"};

Test(flush, stdio_at_each_ending)
{
    for (size_t i = 0; i < LENGTH(quiet_endings); i++) {
        const char *const *args = ARGS("lines", "fork", quiet_endings[i]);

        check_printed(args, STDIO, "one\ntwo\nthree\n", EXITED(0));
        check_printed(args, NULL, "", EXITED(0)); /* the control: all is lost */
    }
}

/* The control of "once": without help the parent's line comes twice. */
Test(flush, stdio_prints_nothing_twice)
{
    const char *const *args = ARGS("lines", "fork", "exit", "exit");

    check_printed(args, STDIO, "one\ntwo\nthree\n", EXITED(3));
    check_printed(args, NULL, "one\ntwo\none\nthree\n", EXITED(3));
}

Test(flush, stdio_when_a_signal_ends_the_process)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGSEGV,
                                  SIGBUS,  SIGFPE, SIGILL, SIGABRT};

    for (size_t i = 0; i < LENGTH(numbers); i++) {
        char how[16], wanted[64];

        snprintf(how, sizeof(how), "signal%d", numbers[i]);
        snprintf(wanted, sizeof(wanted), "one\ntwo\n%s\n", strsignal(numbers[i]));
        check_printed(ARGS("lines", "fork", how), STDIO, wanted, EXITED(0));
        check_printed(ARGS("lines", "fork", how), NULL, "", EXITED(0));
    }
    check_printed(ARGS("lines", "fork", "abort"), STDIO, "one\ntwo\nAborted\n", EXITED(0));
    check_printed(ARGS("lines", "fork", "fault"), STDIO, "one\ntwo\nSegmentation fault\n",
                  EXITED(0));
    check_printed(ARGS("lines", "fork", "overflow"), STDIO, "one\ntwo\nSegmentation fault\n",
                  EXITED(0));
}

Test(flush, stdio_at_each_start)
{
    check_printed(ARGS("lines", "_Fork", "_exit"), STDIO, "one\ntwo\nthree\n", EXITED(0));
    check_printed(ARGS("lines", "forkpty", "_exit"), STDIO, "one\ntwo\nthree\n", EXITED(0));
    check_printed(ARGS("lines", "_Fork", "exit", "exit"), STDIO, "one\ntwo\nthree\n", EXITED(3));
    check_printed(ARGS("daemon_lines"), STDIO, "one\ntwo\n", EXITED(0));
    check_printed(ARGS("daemon_lines"), NULL, "", EXITED(0));
    check_printed(ARGS("raw_clone_lines"), STDIO, "one\n", EXITED(3));
    check_printed(ARGS("vfork_signal"), STDIO, "one\n", EXITED(3));
}

Test(flush, stdio_keeps_away_from_a_bare_fork_of_a_program_with_threads)
{
    check_printed(ARGS("bare_fork_of_threads"),
                  ARGS("LASTWORD_FLUSH=stdio", "LASTWORD_FLUSH_TIMEOUT=300ms"), "", EXITED(3));
}

static size_t read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(text, 1, size - 1, file) : 0;

    text[n] = '\0';
    if (file)
        fclose(file);
    return n;
}

Test(flush, stdio_of_all_streams)
{
    char path[] = "/tmp/lastword-flush-XXXXXX", text[64];

    close(mkstemp(path));
    check_printed(ARGS("streams", path), NULL, "", EXITED(3));
    cr_expect_eq(read_file(path, text, sizeof(text)), 0);
    check_printed(ARGS("streams", path), STDIO, "standard\n", EXITED(3));
    read_file(path, text, sizeof(text));
    cr_expect(strstr(text, "narrow\n") && strstr(text, "wide\n"), "%s", text);
    unlink(path);
}

/* Milliseconds that a run takes. */
static long measure(struct shim_run *run, const char *const *args, const char *const *more)
{
    struct timespec before, after;

    clock_gettime(CLOCK_MONOTONIC, &before);
    run_case_with(run, args, more);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
}

/* fflush(NULL) would wait for the reader. */
Test(flush, stdio_does_not_wait_for_a_thread_that_reads)
{
    struct shim_run run;
    long took = measure(&run, ARGS("reader", "fork", "_exit"),
                        ARGS("LASTWORD_FLUSH=stdio", "LASTWORD_FLUSH_TIMEOUT=20s"));

    cr_expect_lt(took, 10000, "%ld ms", took);
    cr_expect_str_eq(run.out, "one\ntwo\nthree\n");
    shim_run_done(&run);
}

Test(flush, stdio_waits_for_a_full_pipe_within_the_budget)
{
    struct shim_run run;
    long took = measure(&run, ARGS("full_pipe", "fork", "_exit"),
                        ARGS("LASTWORD_FLUSH=stdio", "LASTWORD_FLUSH_TIMEOUT=300ms"));

    cr_expect(took >= 300 && took < 5000, "%ld ms", took);
    cr_expect_str_eq(run.out, "one\ntwo\nthree\n");
    cr_expect_eq(run.wait_status, EXITED(0));
    cr_expect_eq(count_notes(&run, NOTE_TIMED_OUT, "stdio"), 1);
    shim_run_done(&run);
}

/* --- Functions by name ---------------------------------------------------------------------------
 */

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

        check_printed(args, ARGS("LASTWORD_FLUSH=flush_says"), endings[i].printed,
                      endings[i].wait_status);
        check_printed(args, NULL, "", endings[i].wait_status);
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

    run_case_with(&run, ARGS("lines", "fork", "exec"), STDIO);
    cr_expect_eq(count_notes(&run, NOTE_PROVIDER, "stdio"), 2);
    cr_expect_eq(run.records.at[0].kind, RECORD_PROCESS_START);
    cr_expect_eq(run.records.at[1].kind, RECORD_NOTE);
    shim_run_done(&run);
}

/* --- The budget --------------------------------------------------------------------------------
 */

static void check_bounded(const char *function, const char *program, const char *how,
                          int wait_status)
{
    char variable[64];
    struct shim_run run;
    long took;

    snprintf(variable, sizeof(variable), "LASTWORD_FLUSH=%s", function);
    took = measure(&run, ARGS(program, how), ARGS(variable, "LASTWORD_FLUSH_TIMEOUT=300ms"));
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

/* --- What a flush may do -------------------------------------------------------------------------
 */

static void check_function(const char *function, const char *program, const char *how,
                           int wait_status, const char *printed)
{
    char variable[64];
    struct shim_run run;
    long took;

    snprintf(variable, sizeof(variable), "LASTWORD_FLUSH=%s", function);
    took = measure(&run, ARGS(program, how), ARGS(variable, "LASTWORD_FLUSH_TIMEOUT=20s"));
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

/* --- Dispositions --------------------------------------------------------------------------------
 */

Test(flush, the_program_sees_the_default_action)
{
    check_printed(ARGS("sees_default"), STDIO, "", EXITED(0));
    check_printed(ARGS("sees_default"), NULL, "", EXITED(0));
}

Test(flush, the_programs_own_setting_counts)
{
    static const char *const numbers[] = {"15", "2", "1"};

    for (size_t i = 0; i < LENGTH(numbers); i++)
        check_printed(ARGS("own_handler", numbers[i]), STDIO, "", EXITED(5));
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
Test(flush, handlers_only_where_they_are_needed)
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
