/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Shows a run to people. All that comes from scenarios and programs goes through terminal.h or
 * escape.h. Failures are held back, so that they stand together at the end, where one looks first.
 */
#include "harness/scenario/report/console_report.h"

#include "harness/scenario/report/elapsed.h"
#include "harness/scenario/report/escape.h"
#include "harness/scenario/report/github_report.h"
#include "harness/scenario/report/held_text.h"
#include "harness/verify/terminal.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_RUNNING 16 /* names that are kept to be shown; a terminal has no room for more */

struct console_report {
    struct test_report base;
    enum console_volume volume;
    struct terminal terminal;
    const char *indent; /* of details */
    bool shows_progress;
    size_t n_done;
    size_t n_running; /* of which names are known */
    char *running[MAX_RUNNING];
    struct held_text failures;
};

/* --- Words ------------------------------------------------------------------------------------ */

static enum hue hue_of(const struct test_run *run, enum verdict verdict)
{
    if (test_run_fails(run, verdict)) {
        return HUE_RED;
    }
    switch (verdict) {
    case VERDICT_PASS:
        return HUE_GREEN;
    case VERDICT_FLAKY:
    case VERDICT_UNKNOWN:
        return HUE_YELLOW;
    default:
        return HUE_CYAN;
    }
}

/* What fails the run is in capitals: not everybody sees colours. */
static void print_verdict(const struct terminal *terminal, const struct test_run *run,
                          enum verdict verdict, int width)
{
    char word[16] = "";
    const char *name = verdict_name(verdict);
    for (size_t i = 0; i + 1 < sizeof(word) && name[i] != '\0'; i++) {
        word[i] = test_run_fails(run, verdict) ? (char)toupper((unsigned char)name[i]) : name[i];
    }
    terminal_color(terminal, hue_of(run, verdict));
    fprintf(terminal->out, "%-*s", width, word);
    terminal_plain(terminal);
}

static void print_text(const struct terminal *terminal, const char *text)
{
    terminal_print(terminal, string_view_of(text), SIZE_MAX);
}

/* Up to the next tab or line feed. Returns what comes behind it, which may be the end. */
static const char *print_piece(const struct terminal *terminal, const char *text)
{
    size_t size = strcspn(text, "\t\n");
    terminal_print(terminal, (struct string_view){text, size}, SIZE_MAX);
    text += size;
    if (*text == '\t') {
        fputs("    ", terminal->out);
    } else {
        fputc('\n', terminal->out);
    }
    return *text == '\0' ? text : text + 1;
}

/* Lines of plain text, set in. A tab would be shown escaped, so it becomes blanks. */
static void print_details(const struct terminal *terminal, const char *indent, const char *text)
{
    bool is_at_start = true;
    while (*text != '\0') {
        fputs(is_at_start && *text != '\n' ? indent : "", terminal->out);
        text = print_piece(terminal, text);
        is_at_start = text[-1] == '\n';
    }
}

/* --- What is running -------------------------------------------------------------------------- */

static void erase_progress(struct console_report *console)
{
    if (console->shows_progress) {
        fputs("\r\x1b[K", console->base.out);
    }
}

/* As many names as one line has room for: a line that wraps cannot be erased. */
static void print_progress(struct console_report *console)
{
    const struct terminal *terminal = &console->terminal;
    if (!console->shows_progress || console->n_running == 0) {
        return;
    }
    int n = fprintf(terminal->out, "%zu/%zu running: ", console->n_done, console->base.run.n_cases);
    size_t used = n > 0 ? (size_t)n : 0;
    for (size_t i = 0; i < console->n_running; i++) {
        struct string_view name = string_view_of(console->running[i]);
        size_t columns = terminal_columns(terminal, name);
        if (used + columns + strlen(", ...") >= terminal->width) {
            fputs("...", terminal->out);
            break;
        }
        terminal_print(terminal, name, SIZE_MAX);
        fputs(i + 1 < console->n_running ? ", " : "", terminal->out);
        used += columns + strlen(", ");
    }
}

static void forget(struct console_report *console, const char *name)
{
    for (size_t i = 0; i < console->n_running; i++) {
        if (strcmp(console->running[i], name) == 0) {
            free(console->running[i]);
            console->n_running--;
            memmove(&console->running[i], &console->running[i + 1],
                    (console->n_running - i) * sizeof(console->running[0]));
            return;
        }
    }
}

static void started(struct test_report *report, const char *name)
{
    struct console_report *console = (struct console_report *)report;
    if (!console->shows_progress || console->n_running == MAX_RUNNING) {
        return;
    }
    char *copy = strdup(name);
    if (copy == NULL) {
        test_report_fail(report, -ENOMEM);
        return;
    }
    console->running[console->n_running++] = copy;
    erase_progress(console);
    print_progress(console);
}

/* --- Cases ------------------------------------------------------------------------------------ */

static void begin(struct test_report *report)
{
    struct console_report *console = (struct console_report *)report;
    const struct test_run *run = &report->run;
    if (console->volume != CONSOLE_QUIET) {
        fprintf(report->out, "%zu case%s, %u at a time", run->n_cases, run->n_cases == 1 ? "" : "s",
                run->n_jobs);
        if (run->seed != 0) {
            fprintf(report->out, ", seed %" PRIu64, run->seed);
        }
        fputc('\n', report->out);
    }
}

/* "pass     12 ms  multiprocess[end=_exit]". The name comes last, since it may have any length. */
static void print_case(const struct terminal *terminal, const struct test_run *run,
                       const struct case_result *result)
{
    char elapsed[ELAPSED_SIZE] = "";
    if (result->verdict != VERDICT_SKIPPED) {
        elapsed_format(result->duration_us, elapsed);
    }
    print_verdict(terminal, run, result->verdict, 8);
    fprintf(terminal->out, "%9s  ", elapsed);
    print_text(terminal, result->name);
    if (*result->reason != '\0') {
        terminal_color(terminal, HUE_DIM);
        fputs(": ", terminal->out);
        print_text(terminal, result->reason);
        terminal_plain(terminal);
    }
    fputc('\n', terminal->out);
}

static void print_problems(const struct terminal *terminal, const struct case_result *result)
{
    for (size_t i = 0; i < result->n_problems; i++) {
        const struct case_problem *problem = &result->problems[i];
        fputs("  ", terminal->out);
        print_text(terminal, result->file);
        if (problem->line > 0) {
            fprintf(terminal->out, ":%zu:%zu", problem->line, problem->column);
        }
        fputs(": ", terminal->out);
        print_text(terminal, problem->text);
        fputc('\n', terminal->out);
    }
}

/* The details hold the problems, in a better form; without details the problems must do. */
static void print_findings(const struct terminal *terminal, const char *indent,
                           const struct case_result *result)
{
    if (*result->details != '\0') {
        print_details(terminal, indent, result->details);
    } else {
        print_problems(terminal, result);
    }
    if (result->evidence != NULL) {
        fputs("  recording: ", terminal->out);
        print_text(terminal, result->evidence);
        fputc('\n', terminal->out);
    }
}

static void print_failure(const struct terminal *terminal, const char *indent,
                          const struct test_run *run, const struct case_result *result)
{
    fputc('\n', terminal->out);
    print_verdict(terminal, run, result->verdict, 0);
    fputc(' ', terminal->out);
    terminal_color(terminal, HUE_BOLD);
    print_text(terminal, result->name);
    terminal_plain(terminal);
    if (*result->reason != '\0') {
        fputs(": ", terminal->out);
        print_text(terminal, result->reason);
    }
    fputc('\n', terminal->out);
    print_findings(terminal, indent, result);
    fputs("  again: lastword test ", terminal->out);
    escape_shell(terminal->out, result->file);
    fputs(" --filter ", terminal->out);
    escape_shell(terminal->out, result->name);
    fputc('\n', terminal->out);
}

/* A failure that cannot be held back is shown at once. */
static void hold_failure(struct console_report *console, const struct case_result *result)
{
    struct terminal terminal = console->terminal;
    FILE *file = held_text_open(&console->failures);
    terminal.out = file != NULL ? file : terminal.out;
    print_failure(&terminal, console->indent, &console->base.run, result);
}

static void case_done(struct test_report *report, const struct case_result *result)
{
    struct console_report *console = (struct console_report *)report;
    bool fails = test_run_fails(&report->run, result->verdict);

    console->n_done++;
    forget(console, result->name);
    erase_progress(console);
    if (console->volume != CONSOLE_QUIET) {
        print_case(&console->terminal, &report->run, result);
    }
    if (fails) {
        hold_failure(console, result);
    } else if (console->volume == CONSOLE_VERBOSE) {
        print_findings(&console->terminal, console->indent, result);
    }
    print_progress(console);
}

/* --- The end ---------------------------------------------------------------------------------- */

static void print_more(FILE *out, size_t n, const char *what)
{
    if (n > 0) {
        fprintf(out, ", %zu %s", n, what);
    }
}

static void print_totals(const struct console_report *console, const struct test_totals *totals)
{
    const struct test_run *run = &console->base.run;
    const struct terminal *terminal = &console->terminal;
    FILE *out = terminal->out;
    char elapsed[ELAPSED_SIZE];
    size_t n_failed = test_totals_n_failed(totals, run), n_not_run = test_totals_n_not_run(totals);
    bool is_good = n_failed == 0 && n_not_run == 0 && totals->fault == NULL;

    terminal_color(terminal, is_good ? HUE_GREEN : HUE_RED);
    fprintf(out, "%zu passed, %zu failed, %zu skipped", totals->n[VERDICT_PASS], n_failed,
            totals->n[VERDICT_SKIPPED]);
    print_more(out, totals->n[VERDICT_FLAKY], "flaky");
    print_more(out, run->is_strict ? 0 : totals->n[VERDICT_UNKNOWN], "unknown");
    print_more(out, totals->n[VERDICT_XFAIL], "xfail");
    print_more(out, n_not_run, "not run");
    fprintf(out, " in %s", elapsed_format(totals->duration_us, elapsed));
    terminal_plain(terminal);
    fputc('\n', out);
}

static void finish(struct test_report *report, const struct test_totals *totals)
{
    struct console_report *console = (struct console_report *)report;
    bool is_first = console->volume == CONSOLE_QUIET && console->failures.file == NULL;

    erase_progress(console);
    int error = held_text_copy(&console->failures, report->out);
    if (error < 0) {
        test_report_fail(report, error);
    }
    fputs(is_first ? "" : "\n", report->out);
    if (totals->fault != NULL) {
        fputs("ended early: ", report->out);
        print_text(&console->terminal, totals->fault);
        fputc('\n', report->out);
    }
    fputs(totals->was_interrupted ? "interrupted\n" : "", report->out);
    print_totals(console, totals);
}

static void done(struct test_report *report)
{
    struct console_report *console = (struct console_report *)report;
    for (size_t i = 0; i < console->n_running; i++) {
        free(console->running[i]);
    }
    held_text_done(&console->failures);
}

static const struct test_report_kind console_report = {begin, started, case_done, finish, done};

static bool can_erase(FILE *out)
{
    const char *term = getenv("TERM");
    return isatty(fileno(out)) && (term == NULL || strcmp(term, "dumb") != 0);
}

struct test_report *console_report_create(FILE *out, enum console_volume volume)
{
    struct test_report *report =
        test_report_create(&console_report, sizeof(struct console_report), out);
    if (report != NULL) {
        struct console_report *console = (struct console_report *)report;
        terminal_probe(&console->terminal, out);
        console->volume = volume;
        /* GitHub's runner obeys any line that begins with "::", however far it is set in: what a
         * program printed must not begin a line. */
        console->indent = github_report_is_wanted() ? "  | " : "  ";
        console->shows_progress = volume != CONSOLE_QUIET && can_erase(out);
    }
    return report;
}
