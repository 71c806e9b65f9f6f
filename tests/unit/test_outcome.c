/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How lastword ends, and what it says, for each way in which a run can come out. */
#include "harness/supervise/outcome.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_STATUS(number) ((number) << 8)

static void expect_end(const struct supervisor_result *result, int status, int number)
{
    cr_expect_eq(outcome_status(&(struct outcome){.result = result}), status);
    cr_expect_eq(outcome_signal(result), number);
}

Test(outcome, ends_as_the_program_did)
{
    expect_end(&(struct supervisor_result){.stored = true, .wait_status = EXIT_STATUS(3)}, 3, 0);
    expect_end(&(struct supervisor_result){.stored = true, .wait_status = EXIT_STATUS(255)}, 255,
               0);
    expect_end(&(struct supervisor_result){.stored = true, .wait_status = SIGSEGV | 0x80},
               128 + SIGSEGV, SIGSEGV);
    expect_end(&(struct supervisor_result){.left = true, .wait_status = SIGTERM}, 128 + SIGTERM,
               SIGTERM);
}

Test(outcome, a_time_out_is_124_however_the_program_ended)
{
    expect_end(&(struct supervisor_result){.stored = true, .timed_out = true}, 124, 0);
    expect_end(
        &(struct supervisor_result){.stored = true, .timed_out = true, .wait_status = SIGTERM}, 124,
        0);
}

Test(outcome, a_recording_that_is_not_whole_is_125)
{
    expect_end(&(struct supervisor_result){.wait_status = EXIT_STATUS(3)}, 125, 0);
    expect_end(&(struct supervisor_result){.wait_status = SIGKILL, .timed_out = true}, 125, 0);
}

static int strict_status_of(const struct supervisor_result *result)
{
    return outcome_status(&(struct outcome){.result = result, .strict_status = 9});
}

Test(outcome, strict_fails_what_is_incomplete)
{
    struct supervisor_result result = {.stored = true, .counts = {.n_processes = 1}};

    cr_expect_eq(strict_status_of(&result), 0);
    result.counts.n_not_covered = 1;
    cr_expect_eq(strict_status_of(&result), 9);
    expect_end(&result, 0, 0); /* without --strict */
    result.counts = (struct courier_message){.rows_logged = 2, .rows_stored = 1};
    cr_expect_eq(strict_status_of(&result), 9);
    cr_expect_eq(strict_status_of(&(struct supervisor_result){.left = true}), 9);
}

Test(outcome, strict_does_not_hide_how_the_program_ended)
{
    struct supervisor_result result = {.stored = true, .counts = {.n_not_covered = 1}};

    result.wait_status = EXIT_STATUS(3);
    cr_expect_eq(strict_status_of(&result), 3);
    result.wait_status = SIGSEGV;
    cr_expect_eq(strict_status_of(&result), 128 + SIGSEGV);
    result.timed_out = true;
    cr_expect_eq(strict_status_of(&result), 124);
}

static int strict_status;

static void expect_text(const struct supervisor_result *result, bool quiet, const char *wanted)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct outcome outcome = {.result = result,
                                    .program = "./prog",
                                    .recording = "m.rrd",
                                    .session = "/no/such/session",
                                    .timeout_ms = 90000,
                                    .strict_status = strict_status,
                                    .courier = 77};

    cr_assert_not_null(out);
    outcome_print(out, &outcome, quiet);
    fclose(out);
    cr_expect_str_eq(text, wanted);
    free(text);
}

Test(outcome, says_all_in_order)
{
    struct supervisor_result result = {
        .stored = true,
        .timed_out = true,
        .n_ended = 2,
        .n_courier_deaths = 1,
        .counts = {.n_processes = 1, .rows_logged = 2, .rows_stored = 2, .text = "block 7"}};

    report_add(&result.ends, 11, SIGABRT, "worker");
    report_add(&result.survivors, 12, 0, "sleep");
    expect_text(&result, false,
                "lastword: ./prog had not ended after 90s: ended its 2 processes\n"
                "lastword: 1 courier died, and the next went on\n"
                "lastword: process 11 (worker) died of SIGABRT\n"
                "lastword: process 12 (sleep) still runs\n"
                "lastword: damaged: block 7\n"
                "lastword: 1 process, 2 rows logged, 2 stored -> m.rrd\n");
    expect_text(&result, true, "");
}

Test(outcome, quiet_is_not_silent_about_losses)
{
    struct supervisor_result result = {
        .stored = true, .counts = {.n_processes = 1, .rows_logged = 2, .rows_stored = 1}};

    expect_text(&result, true, "lastword: 1 process, 2 rows logged, 1 stored, 1 LOST -> m.rrd\n");
}

Test(outcome, quiet_is_not_silent_where_strict_fails)
{
    struct supervisor_result result = {.stored = true,
                                       .counts = {.n_processes = 1, .n_not_covered = 1}};

    report_note(&result.notes, NOTE_NOT_COVERED, 7, "st: static");
    expect_text(&result, true, "");
    strict_status = 125;
    expect_text(&result, true,
                "lastword: 1 process was not covered: 7 st: static\n"
                "lastword: 1 process, 0 rows logged, 0 stored -> m.rrd\n");
    strict_status = 0;
}

Test(outcome, says_who_goes_on_alone)
{
    expect_text(&(struct supervisor_result){.left = true}, false,
                "lastword: not waiting: process 77 goes on storing to m.rrd\n");
}

Test(outcome, a_failure_names_cause_and_remedy)
{
    struct supervisor_result result = {.wait_status = EXIT_STATUS(3), .error_text = "disk full"};

    expect_text(&result, true,
                "lastword: m.rrd is not whole: disk full\n"
                "lastword: ./prog ended by exit 3; what was logged is kept: `lastword deliver "
                "/no/such/session` finishes the recording\n");
}
