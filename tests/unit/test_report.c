/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The words of run's report. */
#include "harness/supervise/report.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static FILE *out;
static char *text;
static size_t text_size;

static void open_text(void)
{
    out = open_memstream(&text, &text_size);
    cr_assert_not_null(out);
}

static void close_text(void)
{
    fclose(out);
    free(text);
}

TestSuite(report, .init = open_text, .fini = close_text);

static void expect_counts(const struct courier_message *counts, const char *wanted)
{
    rewind(out);
    report_print_counts(out, counts, "m.rrd");
    fputc('\0', out);
    fflush(out);
    cr_expect_str_eq(text, wanted);
}

Test(report, counts)
{
    expect_counts(&(struct courier_message){.n_processes = 4, .rows_logged = 8, .rows_stored = 8},
                  "lastword: 4 processes, 8 rows logged, 8 stored -> m.rrd\n");
    expect_counts(&(struct courier_message){.n_processes = 1, .rows_logged = 1, .rows_stored = 1},
                  "lastword: 1 process, 1 row logged, 1 stored -> m.rrd\n");
    expect_counts(&(struct courier_message){0},
                  "lastword: 0 processes, 0 rows logged, 0 stored -> m.rrd\n");
}

Test(report, what_is_missing_is_named)
{
    struct courier_message counts = {
        .n_processes = 2, .rows_logged = 8, .rows_stored = 5, .rows_refused = 1, .rows_damaged = 2};

    expect_counts(&counts, "lastword: 2 processes, 8 rows logged, 5 stored, 3 LOST, 1 refused, "
                           "2 damaged -> m.rrd\n");
    cr_expect(report_has_losses(&counts));
    cr_expect(report_has_losses(&(struct courier_message){.rows_refused = 1}));
    cr_expect_not(report_has_losses(&(struct courier_message){.rows_logged = 7, .rows_stored = 7}));
}

Test(report, more_stored_than_logged_is_no_loss)
{
    expect_counts(&(struct courier_message){.n_processes = 1, .rows_logged = 1, .rows_stored = 2},
                  "lastword: 1 process, 1 row logged, 2 stored -> m.rrd\n");
}

Test(report, ends_are_named_by_pid_and_program)
{
    struct report_list ends = {0};

    report_add(&ends, 11, SIGSEGV | 0x80, "/usr/bin/worker");
    report_add(&ends, 11, SIGKILL, "/usr/bin/worker");
    report_add(&ends, 12, -1, "bad\nname\x1b[2J");
    report_add(&ends, 13, SIGRTMIN + 3, "rt");
    report_print_ends(out, &ends);
    fflush(out);
    cr_expect_str_eq(text, "lastword: process 11 (worker) died of SIGSEGV\n"
                           "lastword: process 12 (bad?name?[2J) ended, and nobody saw how\n"
                           "lastword: process 13 (rt) died of signal 37\n");
}

Test(report, what_is_not_known_is_left_out)
{
    struct report_list survivors = {0};

    report_add(&survivors, 14, 0, "");
    report_add(&survivors, 0, 0, "a process that has logged nothing");
    report_print_survivors(out, &survivors, false);
    fflush(out);
    cr_expect_str_eq(text, "lastword: process 14 still runs\n"
                           "lastword: a process that has logged nothing still runs\n");
}

Test(report, a_long_list_is_cut)
{
    struct report_list survivors = {0};
    size_t n_lines = 0;

    for (pid_t pid = 1; pid <= 2 * REPORT_MAX_PROCESSES; pid++) {
        report_add(&survivors, pid, 0, "sleep");
    }
    report_print_survivors(out, &survivors, false);
    fflush(out);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++) {
        n_lines++;
    }
    cr_expect_eq(n_lines, REPORT_MAX_LINES + 1);
    cr_expect_not_null(strstr(text, "process 10 (sleep) still runs\n"));
    cr_expect_not_null(strstr(text, "... and 118 more\n"));
}

Test(report, ends_are_described)
{
    char buffer[64];

    cr_expect_str_eq(report_describe_end(3 << 8, buffer, sizeof(buffer)), "ended by exit 3");
    cr_expect_str_eq(report_describe_end(SIGTERM, buffer, sizeof(buffer)), "died of SIGTERM");
}

static void expect_notes(const struct report_notes *notes, const struct courier_message *counts,
                         const char *wanted)
{
    rewind(out);
    report_print_notes(out, notes, counts, "m.rrd");
    fputc('\0', out);
    fflush(out);
    cr_expect_str_eq(text, wanted);
}

Test(report, nothing_noted_is_nothing_said)
{
    expect_notes(&(struct report_notes){0}, &(struct courier_message){0}, "");
}

Test(report, notes_are_told_by_kind)
{
    struct report_notes notes = {0};

    report_note(&notes, NOTE_NOT_COVERED, 4711,
                "busy\x1b"
                "box: static");
    report_note(&notes, NOTE_VIEWER, 12, "rerun+http://127.0.0.1:9876/proxy");
    report_note(&notes, NOTE_TIMED_OUT, 13, "stdio");
    report_note(&notes, NOTE_NOT_COVERED, 4712, "su: setuid, setgid or file capabilities");
    expect_notes(
        &notes, &(struct courier_message){.n_not_covered = 2, .n_timed_out = 1, .n_viewers = 1},
        "lastword: 2 processes were not covered: 4711 busy?box: static; 4712 su: setuid, setgid or "
        "file capabilities\n"
        "lastword: 1 flush did not end in time: 13 stdio\n"
        "lastword: process 12: rerun+http://127.0.0.1:9876/proxy got nothing: rows for live "
        "viewers go to the recording only\n");
}

Test(report, many_notes_are_counted)
{
    struct report_notes notes = {0};

    for (int i = 1; i <= 2 * REPORT_MAX_NOTES; i++) {
        report_note(&notes, NOTE_NOT_COVERED, i, "a: static");
        report_note(&notes, NOTE_VIEWER, i, "url");
        report_note(&notes, NOTE_TIMED_OUT, i, "stdio");
    }
    cr_assert_eq(notes.n, 3 * REPORT_MAX_NOTES);
    expect_notes(&(struct report_notes){0},
                 &(struct courier_message){.n_not_covered = 2, .n_viewers = 1},
                 "lastword: 2 processes were not covered: lastword ps m.rrd\n"
                 "lastword: 1 viewer got nothing\n");
    expect_notes(&notes, &(struct courier_message){.n_not_covered = 90},
                 "lastword: 90 processes were not covered: 1 a: static; 2 a: static; 3 a: static; "
                 "4 a: static; 5 a: static; and 85 more: lastword ps m.rrd\n");
}
