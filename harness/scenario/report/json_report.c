/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes JSON lines. What it writes is documented in docs/test-json.md, and that page is what a
 * change here changes first.
 */
#include "harness/scenario/report/json_report.h"

#include "harness/scenario/report/escape.h"

#include <inttypes.h>

static void print_string(FILE *out, const char *key, const char *value)
{
    fprintf(out, ",\"%s\":", key);
    if (value == NULL) {
        fputs("null", out);
    } else {
        escape_json(out, value);
    }
}

static void print_number(FILE *out, const char *key, uint64_t value)
{
    fprintf(out, ",\"%s\":%" PRIu64, key, value);
}

static void print_flag(FILE *out, const char *key, bool value)
{
    fprintf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

/* The seed is a string: half of the readers keep 53 bits of a number. */
static void begin(struct test_report *report)
{
    const struct test_run *run = &report->run;
    FILE *out = report->out;

    fprintf(out, "{\"event\":\"begin\",\"schema\":%d,\"lastword\":\"" LASTWORD_VERSION "\"",
            JSON_REPORT_SCHEMA);
    print_number(out, "n_cases", run->n_cases);
    print_number(out, "n_jobs", run->n_jobs);
    fprintf(out, ",\"seed\":\"%" PRIu64 "\",\"started_at_s\":%" PRId64, run->seed,
            run->started_at_s);
    print_flag(out, "is_strict", run->is_strict);
    fputs("}\n", out);
}

/* No place is null, and not 0, which is the first line to some. */
static void print_place(FILE *out, const struct case_problem *problem)
{
    if (problem->line > 0) {
        fprintf(out, ",\"line\":%zu,\"column\":%zu}", problem->line, problem->column);
    } else {
        fputs(",\"line\":null,\"column\":null}", out);
    }
}

static void print_problems(FILE *out, const struct case_result *result)
{
    fputs(",\"problems\":[", out);
    for (size_t i = 0; i < result->n_problems; i++) {
        fputs(i > 0 ? ",{\"text\":" : "{\"text\":", out);
        escape_json(out, result->problems[i].text);
        print_place(out, &result->problems[i]);
    }
    fputc(']', out);
}

static void case_done(struct test_report *report, const struct case_result *result)
{
    FILE *out = report->out;

    fputs("{\"event\":\"case\"", out);
    print_string(out, "name", result->name);
    print_string(out, "file", result->file);
    print_string(out, "verdict", verdict_name(result->verdict));
    print_flag(out, "fails_run", test_run_fails(&report->run, result->verdict));
    print_string(out, "reason", result->reason);
    fprintf(out, ",\"duration_us\":%" PRId64, result->duration_us);
    print_number(out, "n_attempts", result->n_attempts);
    print_number(out, "n_rows", result->n_rows);
    print_number(out, "n_processes", result->n_processes);
    print_problems(out, result);
    print_string(out, "details", result->details);
    print_string(out, "evidence", result->evidence);
    fputs("}\n", out);
}

static void finish(struct test_report *report, const struct test_totals *totals)
{
    FILE *out = report->out;

    fprintf(out, "{\"event\":\"end\",\"duration_us\":%" PRId64 ",\"verdicts\":{",
            totals->duration_us);
    for (enum verdict verdict = 0; verdict < N_VERDICTS; verdict++) {
        fprintf(out, "%s\"%s\":%zu", verdict > 0 ? "," : "", verdict_name(verdict),
                totals->n[verdict]);
    }
    fputc('}', out);
    print_number(out, "n_failed", test_totals_n_failed(totals, &report->run));
    print_number(out, "n_not_run", test_totals_n_not_run(totals));
    print_flag(out, "was_interrupted", totals->was_interrupted);
    print_string(out, "fault", totals->fault);
    fputs("}\n", out);
}

static const struct test_report_kind json_report = {begin, NULL, case_done, finish, NULL};

struct test_report *json_report_create(FILE *out)
{
    return test_report_create(&json_report, sizeof(struct test_report), out);
}
