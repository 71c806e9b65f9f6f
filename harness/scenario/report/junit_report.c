/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes JUnit XML: each case is held back as it ends and all are written behind the counts.
 * Whatever is not a tag or a number of ours is escaped.
 */
#include "harness/scenario/report/junit_report.h"

#include "harness/scenario/report/elapsed.h"
#include "harness/scenario/report/escape.h"
#include "harness/scenario/report/held_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct junit_report {
    struct test_report base;
    struct held_text cases;
};

static void print_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    escape_xml_attribute(out, value);
    fputc('"', out);
}

static void print_time(FILE *out, int64_t duration_us)
{
    char seconds[ELAPSED_SIZE];
    print_attribute(out, "time", elapsed_format_seconds(duration_us, seconds));
}

/* --- Cases ------------------------------------------------------------------------------------ */

/* Jenkins takes what stands behind the last point for the class and the rest for its package. */
static int print_classname(FILE *out, const char *file)
{
    char *name = strdup(file);
    if (name == NULL) {
        return -ENOMEM;
    }
    char *point = strrchr(name, '.');
    if (point != NULL && (strcmp(point, ".yaml") == 0 || strcmp(point, ".yml") == 0)) {
        *point = '\0';
    }
    const char *start = name + (strncmp(name, "./", 2) == 0 ? 2 : 0);
    start += strspn(start, "/");
    for (char *c = name; *c != '\0'; c++) {
        *c = *c == '.' ? '_' : *c == '/' ? '.' : *c;
    }
    print_attribute(out, "classname", start);
    free(name);
    return 0;
}

static void print_body(FILE *out, const struct case_result *result)
{
    for (size_t i = 0; i < result->n_problems; i++) {
        const struct case_problem *problem = &result->problems[i];
        escape_xml(out, result->file);
        if (problem->line > 0) {
            fprintf(out, ":%zu:%zu", problem->line, problem->column);
        }
        fputs(": ", out);
        escape_xml(out, problem->text);
        fputc('\n', out);
    }
    escape_xml(out, result->details);
    if (result->evidence != NULL) {
        fputs("\nrecording: ", out);
        escape_xml(out, result->evidence);
        fputc('\n', out);
    }
}

static void print_element(FILE *out, const char *name, const struct case_result *result)
{
    fprintf(out, "<%s", name);
    print_attribute(out, "type", verdict_name(result->verdict));
    print_attribute(out, "message", result->reason);
    fputc('>', out);
    if (result->verdict != VERDICT_SKIPPED) {
        print_body(out, result);
    }
    fprintf(out, "</%s>\n", name);
}

static void print_warning(FILE *out, const struct case_result *result)
{
    fprintf(out, "<system-err>%s: ", verdict_name(result->verdict));
    escape_xml(out, result->reason);
    fputc('\n', out);
    print_body(out, result);
    fputs("</system-err>\n", out);
}

/* What stands inside of a testcase. */
static void print_outcome(FILE *out, const struct test_run *run, const struct case_result *result)
{
    if (result->verdict == VERDICT_FAULT) {
        print_element(out, "error", result);
    } else if (test_run_fails(run, result->verdict)) {
        print_element(out, "failure", result);
    } else if (result->verdict == VERDICT_SKIPPED || result->verdict == VERDICT_XFAIL) {
        print_element(out, "skipped", result);
    } else if (result->verdict == VERDICT_FLAKY) {
        print_element(out, "flakyFailure", result);
    } else if (result->verdict == VERDICT_UNKNOWN) {
        print_warning(out, result);
    }
}

static void case_done(struct test_report *report, const struct case_result *result)
{
    struct junit_report *junit = (struct junit_report *)report;
    FILE *out = held_text_open(&junit->cases);
    if (out == NULL) {
        test_report_fail(report, -errno);
        return;
    }
    fputs("<testcase", out);
    int error = print_classname(out, result->file);
    if (error < 0) {
        test_report_fail(report, error);
    }
    print_attribute(out, "name", result->name);
    print_time(out, result->duration_us);
    fputs(">\n", out);
    print_outcome(out, &report->run, result);
    fputs("</testcase>\n", out);
}

/* --- The suite -------------------------------------------------------------------------------- */

static void print_counts(FILE *out, const struct test_run *run, const struct test_totals *totals)
{
    size_t n_failed = test_totals_n_failed(totals, run), n_faults = totals->n[VERDICT_FAULT];
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
            totals->n_cases - test_totals_n_not_run(totals), n_failed - n_faults, n_faults);
    print_time(out, totals->duration_us);
}

static void print_start(FILE *out, const struct test_run *run, const struct test_totals *totals)
{
    char timestamp[32] = "";
    struct tm tm;
    time_t started_at = (time_t)run->started_at_s;

    if (gmtime_r(&started_at, &tm) != NULL) {
        strftime(timestamp, sizeof(timestamp), "%Y-%m-%dT%H:%M:%S", &tm);
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lastword\"", out);
    print_counts(out, run, totals);
    fputs(">\n<testsuite name=\"lastword\"", out);
    print_counts(out, run, totals);
    fprintf(out, " skipped=\"%zu\" timestamp=\"%s\">\n",
            totals->n[VERDICT_SKIPPED] + totals->n[VERDICT_XFAIL], timestamp);
    fprintf(out,
            "<properties>\n<property name=\"seed\" value=\"%" PRIu64 "\"/>\n"
            "<property name=\"lastword\" value=\"" LASTWORD_VERSION "\"/>\n</properties>\n",
            run->seed);
}

static void finish(struct test_report *report, const struct test_totals *totals)
{
    FILE *out = report->out;
    print_start(out, &report->run, totals);
    int error = held_text_copy(&((struct junit_report *)report)->cases, out);
    if (error < 0) {
        test_report_fail(report, error);
    }
    if (totals->fault != NULL || totals->was_interrupted) {
        fprintf(out, "<system-err>ended early, %zu cases not run: ", test_totals_n_not_run(totals));
        escape_xml(out, totals->fault != NULL ? totals->fault : "interrupted");
        fputs("</system-err>\n", out);
    }
    fputs("</testsuite>\n</testsuites>\n", out);
}

static void done(struct test_report *report)
{
    held_text_done(&((struct junit_report *)report)->cases);
}

static const struct test_report_kind junit_report = {NULL, NULL, case_done, finish, done};

struct test_report *junit_report_create(FILE *out)
{
    return test_report_create(&junit_report, sizeof(struct junit_report), out);
}
