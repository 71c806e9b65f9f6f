/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See driver.h. SHIM and CASES are paths, given by the build. */
#include "tests/shim/driver.h"

#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_ARGS 32

static void run(struct shim_run *run, const char *shim, const char *const *args,
                const char *const *more)
{
    const char *argv[MAX_ARGS] = {CASES};

    for (size_t i = 0; args[i] && i < MAX_ARGS - 2; i++)
        argv[i + 1] = args[i];
    shim_run(run, shim, argv, more);
}

void run_case(struct shim_run *result, const char *const *args)
{
    run(result, SHIM, args, NULL);
}

void run_case_alone(struct shim_run *result, const char *const *args)
{
    run(result, NULL, args, NULL);
}

void run_case_with(struct shim_run *result, const char *const *args, const char *const *more)
{
    run(result, SHIM, args, more);
}

/* Replaces the path of `cases` in place: it is longer than the word. */
static void shorten(char *text)
{
    for (char *at = text; (at = strstr(at, CASES));) {
        memcpy(at, "CASES", 5);
        memmove(at + 5, at + strlen(CASES), strlen(at + strlen(CASES)) + 1);
    }
}

void expect_lives(const struct shim_run *result, int wait_status, const char *wanted)
{
    char *lives = shim_run_lives(result);

    shorten(lives);
    cr_expect(strcmp(lives, wanted) == 0, "told:\n%swanted:\n%s", lives, wanted);
    cr_expect(result->wait_status == wait_status, "wait status %#x, wanted %#x; stderr: %s",
              (unsigned)result->wait_status, (unsigned)wait_status, result->err);
    cr_expect(result->records.n_reserved == 0, "a record was left unfinished");
    free(lives);
}

void check_case(const char *const *args, int wait_status, const char *lives)
{
    struct shim_run result;

    run_case(&result, args);
    expect_lives(&result, wait_status, lives);
    shim_run_done(&result);
}

size_t count_lives(const struct shim_run *result, const char *text)
{
    char *lives = shim_run_lives(result);
    size_t n = 0;

    for (char *at = lives; (at = strstr(at, text)); at += strlen(text))
        n++;
    free(lives);
    return n;
}

void check_case_prints(const char *const *args, const char *const *more, const char *wanted,
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

size_t count_notes(const struct shim_run *run, enum note_kind kind, const char *text)
{
    size_t n = 0;

    for (size_t i = 0; i < run->records.n; i++) {
        const struct record_note *note = run->records.at[i].payload;

        n += run->records.at[i].kind == RECORD_NOTE && note->kind == kind &&
             note->text_size >= strlen(text) && memcmp(note + 1, text, strlen(text)) == 0;
    }
    return n;
}

long run_case_timed(struct shim_run *run, const char *const *args, const char *const *more)
{
    struct timespec before, after;

    clock_gettime(CLOCK_MONOTONIC, &before);
    run_case_with(run, args, more);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
}
