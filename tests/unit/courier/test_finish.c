/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Couriers that are killed before each of their system calls in turn, from the first to the last:
 * the next one brings the session to the same end, with plain recordings and compressed ones.
 */
#include "courier_case.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(finish, .timeout = 300);

static char saved[128]; /* what the program names by save */

static void log_and_save(void)
{
    uint32_t recording = write_recording("rec", saved, 0, 0);

    for (uint64_t k = 0; k < 100; k++)
        if (write_number(recording, "log", k, 10) < 0 || (k == 60 && write_finish(recording) < 0))
            _exit(1);
    if (write_blueprint(recording, 0, 100) < 0 || write_blueprint(recording, 1, 40000) < 0)
        _exit(1);
}

static _Noreturn void be_traced(void)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
        _exit(2);
    be_courier(output, -1);
}

/* Goes on to the next system call, or to its end. Returns whether there was one more. */
static bool step(pid_t courier)
{
    int status;

    cr_assert_eq(ptrace(PTRACE_SYSCALL, courier, NULL, NULL), 0);
    cr_assert_eq(waitpid(courier, &status, 0), courier);
    return WIFSTOPPED(status);
}

/* Runs a courier up to its nth system call, and kills it there. False: it ended before. */
static bool kill_before_call(size_t n)
{
    pid_t courier = fork();
    int status;

    if (courier == 0)
        be_traced();
    cr_assert_eq(waitpid(courier, &status, 0), courier);
    if (WIFEXITED(status))
        cr_skip("may not trace");
    for (size_t i = 0; i < n; i++) {
        /* It stops before a call and behind it. */
        if (!step(courier) || (i + 1 < n && !step(courier)))
            return false;
    }
    kill(courier, SIGKILL);
    reap(courier);
    return true;
}

static size_t count_in_folder(void)
{
    char pattern[80];
    glob_t found;
    size_t n;

    snprintf(pattern, sizeof(pattern), "%s/*", folder);
    n = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return n;
}

static void check_all(size_t n)
{
    struct stored_texts texts = read_texts(output);

    cr_assert_eq(texts.result, 0, "call %zu: %d", n, texts.result);
    cr_assert_eq(check_numbers(&texts, "/log", 0), 100, "call %zu", n);
    cr_assert_eq(texts.n_process_rows, 2, "call %zu: %zu rows of processes", n,
                 texts.n_process_rows);
    stored_texts_done(&texts);
    assert_numbers(saved, "/log", 0, 100);
    for (unsigned int k = 0; k < 2; k++) {
        assert_blueprint(output, k, true);
        assert_blueprint(saved, k, true);
    }
    cr_assert_eq(count_in_folder(), 2, "call %zu: something was left", n);
}

static void kill_at_each_call(const char *suffix)
{
    size_t n = 0;
    bool was_killed;

    do {
        case_begin();
        snprintf(output, sizeof(output), "%s/m.rrd%s", folder, suffix);
        snprintf(saved, sizeof(saved), "%s/saved.rrd%s", folder, suffix);
        run_program(log_and_save);
        was_killed = kill_before_call(++n);
        if (count_files("*") > 0)
            cr_assert_eq(deliver(NULL) == -EINVAL ? deliver(output) : shared->result, 0,
                         "call %zu: %s", n, shared->error_text);
        cr_assert_eq(count_files("*"), 0, "call %zu", n);
        check_all(n);
        case_end();
    } while (was_killed);
    cr_assert_gt(n, 50);
}

Test(finish, killed_before_each_system_call_it_is_finished_by_the_next)
{
    kill_at_each_call("");
}

Test(finish, so_it_is_when_the_recording_is_compressed)
{
    kill_at_each_call(".zst");
}
