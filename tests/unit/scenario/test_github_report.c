/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Annotations stand at their place in a file of the workspace; nasty texts: read_reports.py. */
#include "harness/scenario/report/github_report.h"

#include "tests/unit/scenario/report_cases.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/lastword-github.XXXXXX";

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(mkdir("s", 0777), 0);
    fclose(fopen("s/f.yaml", "w"));
    unsetenv("GITHUB_WORKSPACE");
}

static void remove_folder(void)
{
    cr_assert_eq(chdir(folder), 0);
    unlink("s/f.yaml");
    unlink("s2.yaml");
    rmdir("s");
    rmdir(folder);
}

TestSuite(github_report, .init = make_folder, .fini = remove_folder);

static void expect(const char *workspace, struct case_result result, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = github_report_create(open_memstream(&text, &size), workspace);
    cr_assert_eq(report_on(report, &result, 1), 0);
    cr_expect_str_eq(text, expected, "got:\n%s\nexpected:\n%s", text, expected);
    free(text);
}

static const struct case_problem problems[] = {{"missing /x", 9, 5}, {"no rows", 0, 0}};

static struct case_result failure_in(const char *file)
{
    return (struct case_result){.name = "f",
                                .file = file,
                                .verdict = VERDICT_FAIL,
                                .reason = "1 missing",
                                .n_problems = 2,
                                .problems = problems,
                                .details = ""};
}

Test(github_report, one_for_each_problem)
{
    expect(NULL, failure_in("s/f.yaml"),
           "::error file=s/f.yaml,line=9,col=5,title=f%3A fail::missing /x\n"
           "::error file=s/f.yaml,title=f%3A fail::no rows\n");
    struct case_result flaky = failure_in("s/f.yaml");
    flaky.verdict = VERDICT_FLAKY;
    flaky.n_problems = 1;
    expect(NULL, flaky, "::warning file=s/f.yaml,line=9,col=5,title=f%3A flaky::missing /x\n");
}

Test(github_report, no_problems_leave_the_reason)
{
    struct case_result result = failure_in("s/f.yaml");
    result.n_problems = 0;
    expect(NULL, result, "::error file=s/f.yaml,title=f%3A fail::1 missing\n");
    result.reason = "";
    expect(NULL, result, "::error file=s/f.yaml,title=f%3A fail::no more is known\n");
}

Test(github_report, strict_runs_fail_on_unknown)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = github_report_create(open_memstream(&text, &size), NULL);
    cr_assert_eq(report_strictly_on(report, &good_cases[4], 1), 0);
    cr_expect_str_eq(text, "::error file=s/e.yaml,title=e%3A unknown::pid 7\n");
    free(text);
}

Test(github_report, nothing_for_what_is_right)
{
    expect(NULL, good_cases[0], "");
    expect(NULL, good_cases[1], "");
    expect(NULL, good_cases[3], "");
}

static void expect_file(const char *workspace, const char *file, const char *expected)
{
    char wanted[256];
    struct case_result result = failure_in(file);
    result.n_problems = 0;
    snprintf(wanted, sizeof(wanted), "::error file=%s,title=f%%3A fail::1 missing\n", expected);
    expect(workspace, result, wanted);
}

Test(github_report, files_are_below_the_workspace)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/s/f.yaml", folder);
    expect_file(folder, path, "s/f.yaml");
    expect_file("s", "s/f.yaml", "f.yaml");
    expect_file("/", path, path + 1);
    /* Not there, not below, and below only by the look of it. */
    expect_file(folder, "gone.yaml", "gone.yaml");
    expect_file("/usr", "s/f.yaml", "s/f.yaml");
    fclose(fopen("s2.yaml", "w"));
    expect_file("s", "s2.yaml", "s2.yaml");
    setenv("GITHUB_WORKSPACE", folder, 1);
    cr_assert_eq(chdir("s"), 0);
    expect_file(NULL, "f.yaml", "s/f.yaml");
}

Test(github_report, auto_asks_the_workflow)
{
    unsetenv("GITHUB_ACTIONS");
    cr_expect_not(github_report_is_wanted());
    setenv("GITHUB_ACTIONS", "false", 1);
    cr_expect_not(github_report_is_wanted());
    setenv("GITHUB_ACTIONS", "true", 1);
    cr_expect(github_report_is_wanted());
}
