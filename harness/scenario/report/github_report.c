/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes workflow commands ("::error file=...::text"). The runner of GitHub reads them from
 * standard output, a line each, so every text is escaped into one line.
 */
#include "harness/scenario/report/github_report.h"

#include "harness/cleanup.h"
#include "harness/scenario/report/escape.h"

#include <stdlib.h>
#include <string.h>

struct github_report {
    struct test_report base;
    char *workspace; /* without links; NULL: not known */
};

/* Returns where in `path` the part below the folder begins, or NULL when it is not in there. */
static const char *path_below(const char *path, const char *folder)
{
    size_t size = strlen(folder);
    if (strncmp(path, folder, size) != 0) {
        return NULL;
    }
    if (size > 0 && folder[size - 1] == '/') {
        return path + size;
    }
    return path[size] == '/' ? path + size + 1 : NULL;
}

static void print_file(FILE *out, const char *workspace, const char *file)
{
    CLEANUP(free_pointer) char *path = realpath(file, NULL);
    const char *below = path != NULL && workspace != NULL ? path_below(path, workspace) : NULL;
    escape_github_property(out, below != NULL ? below : file);
}

/* One annotation; without a place it is one of the file. */
static void annotate(struct github_report *github, const struct case_result *result, size_t line,
                     size_t column, const char *text)
{
    FILE *out = github->base.out;
    bool fails = test_run_fails(&github->base.run, result->verdict);

    fputs(fails ? "::error file=" : "::warning file=", out);
    print_file(out, github->workspace, result->file);
    if (line > 0) {
        fprintf(out, ",line=%zu,col=%zu", line, column);
    }
    fputs(",title=", out);
    escape_github_property(out, result->name);
    fprintf(out, "%%3A %s::", verdict_name(result->verdict));
    escape_github(out, text);
    fputc('\n', out);
}

static void case_done(struct test_report *report, const struct case_result *result)
{
    struct github_report *github = (struct github_report *)report;
    if (!test_run_fails(&report->run, result->verdict) && result->verdict != VERDICT_FLAKY &&
        result->verdict != VERDICT_UNKNOWN) {
        return;
    }
    for (size_t i = 0; i < result->n_problems; i++) {
        const struct case_problem *problem = &result->problems[i];
        annotate(github, result, problem->line, problem->column, problem->text);
    }
    if (result->n_problems == 0) {
        annotate(github, result, 0, 0,
                 *result->reason != '\0' ? result->reason : "no more is known");
    }
}

static void finish(struct test_report *report, const struct test_totals *totals)
{
    if (totals->fault != NULL) {
        fputs("::error title=lastword test ended early::", report->out);
        escape_github(report->out, totals->fault);
        fputc('\n', report->out);
    }
}

static void done(struct test_report *report)
{
    free(((struct github_report *)report)->workspace);
}

static const struct test_report_kind github_report = {NULL, NULL, case_done, finish, done};

struct test_report *github_report_create(FILE *out, const char *workspace)
{
    struct test_report *report =
        test_report_create(&github_report, sizeof(struct github_report), out);
    const char *given = workspace != NULL ? workspace : getenv("GITHUB_WORKSPACE");
    if (report != NULL) {
        given = given != NULL && *given != '\0' ? given : ".";
        ((struct github_report *)report)->workspace = realpath(given, NULL);
    }
    return report;
}

bool github_report_is_wanted(void)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    return actions != NULL && strcmp(actions, "true") == 0;
}
