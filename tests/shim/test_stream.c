/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* --flush stdio: what stands in a program's streams arrives, once, however it begins and ends. */
#include "tests/shim/driver.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define STDIO ARGS("LASTWORD_FLUSH=stdio")

static const char *const quiet_endings[] = {"_exit", "_Exit",  "quick_exit",
                                            "exec",  "execlp", "failed_exec"};

Test(stream, at_each_ending)
{
    for (size_t i = 0; i < LENGTH(quiet_endings); i++) {
        const char *const *args = ARGS("lines", "fork", quiet_endings[i]);

        check_case_prints(args, STDIO, "one\ntwo\nthree\n", EXITED(0));
        check_case_prints(args, NULL, "", EXITED(0)); /* the control: all is lost */
    }
}

/* The control of "once": without help the parent's line comes twice. */
Test(stream, prints_nothing_twice)
{
    const char *const *args = ARGS("lines", "fork", "exit", "exit");

    check_case_prints(args, STDIO, "one\ntwo\nthree\n", EXITED(3));
    check_case_prints(args, NULL, "one\ntwo\none\nthree\n", EXITED(3));
}

Test(stream, when_a_signal_ends_the_process)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGSEGV,
                                  SIGBUS,  SIGFPE, SIGILL, SIGABRT};

    for (size_t i = 0; i < LENGTH(numbers); i++) {
        char how[16], wanted[64];

        snprintf(how, sizeof(how), "signal%d", numbers[i]);
        snprintf(wanted, sizeof(wanted), "one\ntwo\n%s\n", strsignal(numbers[i]));
        check_case_prints(ARGS("lines", "fork", how), STDIO, wanted, EXITED(0));
        check_case_prints(ARGS("lines", "fork", how), NULL, "", EXITED(0));
    }
    check_case_prints(ARGS("lines", "fork", "abort"), STDIO, "one\ntwo\nAborted\n", EXITED(0));
    check_case_prints(ARGS("lines", "fork", "fault"), STDIO, "one\ntwo\nSegmentation fault\n",
                      EXITED(0));
    check_case_prints(ARGS("lines", "fork", "overflow"), STDIO, "one\ntwo\nSegmentation fault\n",
                      EXITED(0));
}

Test(stream, at_each_start)
{
    check_case_prints(ARGS("lines", "_Fork", "_exit"), STDIO, "one\ntwo\nthree\n", EXITED(0));
    check_case_prints(ARGS("lines", "forkpty", "_exit"), STDIO, "one\ntwo\nthree\n", EXITED(0));
    check_case_prints(ARGS("lines", "_Fork", "exit", "exit"), STDIO, "one\ntwo\nthree\n",
                      EXITED(3));
    check_case_prints(ARGS("daemon_lines"), STDIO, "one\ntwo\n", EXITED(0));
    check_case_prints(ARGS("daemon_lines"), NULL, "", EXITED(0));
    check_case_prints(ARGS("raw_clone_lines"), STDIO, "one\n", EXITED(3));
    check_case_prints(ARGS("vfork_signal"), STDIO, "one\n", EXITED(3));
}

Test(stream, keeps_away_from_a_bare_fork_of_a_program_with_threads)
{
    check_case_prints(ARGS("bare_fork_of_threads"),
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

Test(stream, of_all_streams)
{
    char path[] = "/tmp/lastword-flush-XXXXXX", text[64];

    close(mkstemp(path));
    check_case_prints(ARGS("streams", path), NULL, "", EXITED(3));
    cr_expect_eq(read_file(path, text, sizeof(text)), 0);
    check_case_prints(ARGS("streams", path), STDIO, "standard\n", EXITED(3));
    read_file(path, text, sizeof(text));
    cr_expect(strstr(text, "narrow\n") && strstr(text, "wide\n"), "%s", text);
    unlink(path);
}

/* fflush(NULL) would wait for the reader. */
Test(stream, does_not_wait_for_a_thread_that_reads)
{
    struct shim_run run;
    long took = run_case_timed(&run, ARGS("reader", "fork", "_exit"),
                               ARGS("LASTWORD_FLUSH=stdio", "LASTWORD_FLUSH_TIMEOUT=20s"));

    cr_expect_lt(took, 10000, "%ld ms", took);
    cr_expect_str_eq(run.out, "one\ntwo\nthree\n");
    shim_run_done(&run);
}

Test(stream, waits_for_a_full_pipe_within_the_budget)
{
    struct shim_run run;
    long took = run_case_timed(&run, ARGS("full_pipe", "fork", "_exit"),
                               ARGS("LASTWORD_FLUSH=stdio", "LASTWORD_FLUSH_TIMEOUT=300ms"));

    cr_expect(took >= 300 && took < 5000, "%ld ms", took);
    cr_expect_str_eq(run.out, "one\ntwo\nthree\n");
    cr_expect_eq(run.wait_status, EXITED(0));
    cr_expect_eq(count_notes(&run, NOTE_TIMED_OUT, "stdio"), 1);
    shim_run_done(&run);
}

/* A fork waits for no reader: the child may be it. */
Test(stream, more_than_a_pipe_takes_stays_in_the_parent, .timeout = 20)
{
    check_case_prints(ARGS("reader_to_come", "pipe"), STDIO, "", EXITED(3));
    check_case_prints(ARGS("reader_to_come", "socket"), STDIO, "", EXITED(3));
}

/* Their functions are the program's: a fork does not call them. */
Test(stream, without_a_file, .timeout = 20)
{
    check_case_prints(ARGS("own_stream"), STDIO, "once\n", EXITED(3));
    check_case_prints(ARGS("own_stream"), NULL, "", EXITED(3));
    check_case_prints(ARGS("memory_stream"), STDIO, "", EXITED(3));
}
