/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes TAP as cases end. The YAML is of the plainest sort, as Perl's reader knows only that: one
 * key a line, strings in double quotes, and lists of mappings instead of lists of strings, which it
 * would take for mappings when there is a colon in them.
 */
#include "harness/scenario/report/tap_report.h"

#include "harness/scenario/report/elapsed.h"
#include "harness/scenario/report/escape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct tap_report {
    struct test_report base;
    unsigned version;
    size_t n_done;
};

static void begin(struct test_report *report)
{
    const struct test_run *run = &report->run;
    fprintf(report->out, "TAP version %u\n1..%zu%s\n", ((struct tap_report *)report)->version,
            run->n_cases, run->n_cases == 0 ? " # SKIP no cases" : "");
    fprintf(report->out, "#   seed %" PRIu64 "\n", run->seed);
}

/* --- The diagnostic block --------------------------------------------------------------------- */

static void print_string(FILE *out, const char *key, const char *value)
{
    fprintf(out, "  %s: ", key);
    escape_json(out, value);
    fputc('\n', out);
}

static void print_place(FILE *out, const char *indent, const struct case_problem *problem)
{
    if (problem->line > 0) {
        fprintf(out, "%sline: %zu\n%scolumn: %zu\n", indent, problem->line, indent,
                problem->column);
    }
}

static void print_problems(FILE *out, const struct case_result *result)
{
    if (result->n_problems > 0) {
        print_place(out, "  ", &result->problems[0]);
        fputs("  problems:\n", out);
    }
    for (size_t i = 0; i < result->n_problems; i++) {
        fputs("    - text: ", out);
        escape_json(out, result->problems[i].text);
        fputc('\n', out);
        print_place(out, "      ", &result->problems[i]);
    }
}

static void print_yaml(FILE *out, const struct case_result *result)
{
    fputs("  ---\n", out);
    fprintf(out, "  verdict: %s\n", verdict_name(result->verdict));
    if (*result->reason != '\0') {
        print_string(out, "message", result->reason);
    }
    print_string(out, "file", result->file);
    print_problems(out, result);
    fprintf(out, "  duration_ms: %" PRId64 "\n", result->duration_us / 1000);
    fprintf(out, "  attempts: %u\n", result->n_attempts);
    if (result->evidence != NULL) {
        print_string(out, "recording", result->evidence);
    }
    fputs("  ...\n", out);
}

/* --- Cases ------------------------------------------------------------------------------------ */

static bool is_ok(const struct test_run *run, enum verdict verdict)
{
    return verdict != VERDICT_XFAIL && !test_run_fails(run, verdict);
}

static const char *directive_of(enum verdict verdict)
{
    return verdict == VERDICT_SKIPPED ? " # SKIP" : verdict == VERDICT_XFAIL ? " # TODO" : "";
}

static void case_done(struct test_report *report, const struct case_result *result)
{
    struct tap_report *tap = (struct tap_report *)report;
    FILE *out = report->out;
    const char *directive = directive_of(result->verdict);

    tap->n_done++;
    fprintf(out, "%s %zu - ", is_ok(&report->run, result->verdict) ? "ok" : "not ok", tap->n_done);
    escape_tap(out, result->name);
    fputs(directive, out);
    if (*directive != '\0' && *result->reason != '\0') {
        fputc(' ', out);
        escape_tap(out, result->reason);
    }
    fputc('\n', out);
    if (result->verdict != VERDICT_PASS && result->verdict != VERDICT_SKIPPED) {
        print_yaml(out, result);
        escape_tap_comment(out, result->details);
    }
}

static void finish(struct test_report *report, const struct test_totals *totals)
{
    if (totals->fault != NULL || totals->was_interrupted) {
        fputs("Bail out! ", report->out);
        escape_tap(report->out, totals->fault != NULL ? totals->fault : "interrupted");
        fputc('\n', report->out);
    }
}

static const struct test_report_kind tap_report = {begin, NULL, case_done, finish, NULL};

struct test_report *tap_report_create(FILE *out, unsigned version)
{
    struct test_report *report = test_report_create(&tap_report, sizeof(struct tap_report), out);
    if (report != NULL) {
        ((struct tap_report *)report)->version = version;
    }
    return report;
}

unsigned tap_report_wanted_version(void)
{
    const char *wanted = getenv("TAP_VERSION");
    return wanted != NULL && (strcmp(wanted, "12") == 0 || strcmp(wanted, "13") == 0) ? 13 : 14;
}
