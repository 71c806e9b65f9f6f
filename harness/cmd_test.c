/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lastword test: runs scenarios and says how each came out. What is asked for, the verdicts, goes
 * to standard output or into the files of the reports; what keeps it from judging to standard
 * error.
 */
#include "harness/cmd_test.h"

#include "harness/commands.h"
#include "harness/scenario/attempt.h"
#include "harness/scenario/report/console_report.h"
#include "harness/scenario/report/github_report.h"
#include "harness/scenario/report/json_report.h"
#include "harness/scenario/report/junit_report.h"
#include "harness/scenario/report/tap_report.h"
#include "harness/scenario/runner.h"
#include "harness/scenario/test_options.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: lastword test [OPTIONS] SCENARIO...\n"
    "\n"
    "Runs scenarios: YAML files that say what to run and what each of its processes must log, and\n"
    "folders of such files. Each runs under a supervisor of its own, its recording is verified.\n"
    "\n"
    "  run:    [./worker, --jobs, \"{n}\"]      # looked for beside this file, in --programs, in "
    "PATH\n"
    "  matrix: {n: [1, 3]}                     # a case for each value\n"
    "  within: 20s\n"
    "  ends:   {root: exit 0, child: _exit 0}\n"
    "  expect:\n"
    "    - {process: child, entity: /log, text: \"hello from {pid}\", count: 2}\n"
    "  lost:   [child]                         # what must be missing without the shim\n"
    "\n"
    "  -f, --filter TEXT    only cases whose name has TEXT in it, or matches it as a glob; again\n"
    "                       for more\n"
    "      --tag TAG        only scenarios with this tag; again for more\n"
    "      --programs DIR   where programs are looked for too; again for more\n"
    "  -j, --jobs N         cases at a time (default: as many as processors)\n"
    "      --list           names the cases and runs none\n"
    "\n"
    "      --repeat N       runs each case N times\n"
    "      --until-fail     runs all again and again, until one fails (with --repeat: N times at\n"
    "                       most)\n"
    "      --retries N      runs a case that failed up to N times more; if it passes then, it is\n"
    "                       called flaky\n"
    "      --shuffle        runs the cases in a random order\n"
    "      --seed S         in the order that S stands for; a shuffled run prints its S\n"
    "      --no-control     does not run cases with `lost` without the shim as well\n"
    "      --strict         fails cases with a process that could not be seen\n"
    "      --update         shows the difference, then writes what arrived into the scenario file\n"
    "\n"
    "      --tap            prints TAP 14 instead of lines for people\n"
    "      --junit FILE     writes a JUnit report\n"
    "      --json FILE      writes JSON lines; - is standard output\n"
    "      --github WHEN    prints annotations for GitHub: auto (in its workflows), always, never\n"
    "      --evidence DIR   keeps the recordings of cases that failed, NAME.rrd.zst\n"
    "  -q, --quiet          only failures and totals\n"
    "  -v, --verbose        also the details of cases that passed\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 all passed. 1 a case failed, or passed though its xfail says otherwise. 2 the\n"
    "command line or a scenario is wrong. 77 all were skipped. 125 lastword itself failed. 130\n"
    "interrupted.\n";

#define MAX_REPORTS 4
#define OTHER_FDS   32 /* for streams, reports and what is opened while a case is judged */

struct test {
    struct test_options options;
    struct case_list list;
    struct test_run run;
    struct test_totals totals;
    size_t n_reports;
    struct test_report *reports[MAX_REPORTS];
    char workspace[PATH_MAX];
};

/* --- Reports ---------------------------------------------------------------------------------- */

static int add_report(struct test *test, struct test_report *report)
{
    if (report == NULL) {
        return command_fail(STATUS_FAULT, "out of memory");
    }
    test->reports[test->n_reports++] = report;
    return STATUS_OK;
}

static int add_file_report(struct test *test, const char *path,
                           struct test_report *(*create)(FILE *out))
{
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");

    return out == NULL ? command_fail(STATUS_FAULT, "cannot write %s: %s", path, strerror(errno))
                       : add_report(test, create(out));
}

/* Standard output is one report's alone. */
static int open_main_report(struct test *test)
{
    const struct test_options *options = &test->options;
    bool is_json = options->json != NULL && strcmp(options->json, "-") == 0;
    enum console_volume volume = options->is_quiet                         ? CONSOLE_QUIET
                                 : options->is_verbose || options->updates ? CONSOLE_VERBOSE
                                                                           : CONSOLE_NORMAL;
    if (options->is_tap) {
        return add_report(test, tap_report_create(stdout, tap_report_wanted_version()));
    }
    return add_report(test, console_report_create(is_json ? stderr : stdout, volume));
}

static int open_reports(struct test *test)
{
    const struct test_options *options = &test->options;
    bool is_github = options->github == TEST_GITHUB_ALWAYS ||
                     (options->github == TEST_GITHUB_AUTO && github_report_is_wanted());

    int status = open_main_report(test);
    if (status == STATUS_OK && options->junit != NULL) {
        status = add_file_report(test, options->junit, junit_report_create);
    }
    if (status == STATUS_OK && options->json != NULL) {
        status = add_file_report(test, options->json, json_report_create);
    }
    if (status == STATUS_OK && is_github) {
        /* TAP has standard output to itself; GitHub reads both. */
        status = add_report(test, github_report_create(options->is_tap ? stderr : stdout, NULL));
    }
    return status;
}

static void on_started(void *context, const char *name)
{
    struct test *test = context;

    for (size_t i = 0; i < test->n_reports; i++) {
        test_report_started(test->reports[i], name);
    }
}

static bool on_ended(void *context, const struct case_result *result)
{
    struct test *test = context;

    test->totals.n[result->verdict]++;
    for (size_t i = 0; i < test->n_reports; i++) {
        test_report_case_done(test->reports[i], result);
    }
    return test_run_fails(&test->run, result->verdict);
}

static int finish_reports(struct test *test)
{
    int status = STATUS_OK;

    for (size_t i = 0; i < test->n_reports; i++) {
        int error = test_report_finish(test->reports[i], &test->totals);
        if (error < 0) {
            status = command_fail(STATUS_FAULT, "a report could not be written whole: %s",
                                  strerror(-error));
        }
        test_report_destroy(test->reports[i]);
    }
    return status;
}

/* --- Cases ------------------------------------------------------------------------------------ */

static int load_cases(struct test *test)
{
    const struct test_options *options = &test->options;
    const struct case_filter filter = {
        .globs = options->filters.words,
        .n_globs = options->filters.n,
        .tags = options->tags.words,
        .n_tags = options->tags.n,
    };
    char fault[YAML_FAULT_SIZE];

    for (size_t i = 0; options->scenarios[i] != NULL; i++) {
        int error = case_list_add(&test->list, options->scenarios[i], &filter, fault);
        if (error < 0) {
            return command_fail(error == -ENOMEM ? STATUS_FAULT : STATUS_USAGE, "%s", fault);
        }
    }
    if (test->list.n == 0) {
        return command_fail(STATUS_USAGE, "test: no case has this name or tag; --list without "
                                          "--filter and --tag shows all");
    }
    if (options->is_shuffled) {
        test->run.seed = options->has_seed ? options->seed : 1 + arc4random_uniform(999999);
        case_list_shuffle(&test->list, test->run.seed);
    }
    return STATUS_OK;
}

static int list_cases(const struct test *test)
{
    for (size_t i = 0; i < test->list.n; i++) {
        puts(test->list.cases[i].name);
    }
    return command_end(STATUS_OK);
}

/* --- Running ---------------------------------------------------------------------------------- */

static int make_workspace(struct test *test)
{
    const char *folder = getenv("TMPDIR");

    snprintf(test->workspace, sizeof test->workspace, "%s/lastword-test-XXXXXX",
             folder != NULL && *folder == '/' ? folder : "/tmp");
    if (mkdtemp(test->workspace) == NULL) {
        return command_fail(STATUS_FAULT, "cannot make %s: %s; name a folder of yours in TMPDIR",
                            test->workspace, strerror(errno));
    }
    return STATUS_OK;
}

/* The verdict of the run as a whole. */
static int judge(const struct test *test, int error)
{
    const struct test_totals *totals = &test->totals;
    size_t n = 0;

    if (error == -EINTR) {
        return 128 + SIGINT;
    }
    if (error < 0 || totals->n[VERDICT_FAULT] > 0) {
        return STATUS_FAULT;
    }
    for (size_t i = 0; i < N_VERDICTS; i++) {
        n += totals->n[i];
    }
    if (test_totals_n_failed(totals, &test->run) > 0) {
        return STATUS_FAIL;
    }
    /* Whoever reads TAP takes any status but 0 for a failure, and sees there that all was skipped.
     */
    return totals->n[VERDICT_SKIPPED] == n && !test->options.is_tap ? STATUS_SKIPPED : STATUS_OK;
}

/* As many as there are descriptors for; poll refuses to look at more than may be open, too. */
static long max_jobs(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
        limit.rlim_cur >= OTHER_FDS + (rlim_t)RUNNER_MAX_JOBS * ATTEMPT_N_FDS) {
        return RUNNER_MAX_JOBS;
    }
    return limit.rlim_cur > OTHER_FDS + ATTEMPT_N_FDS
               ? (long)((limit.rlim_cur - OTHER_FDS) / ATTEMPT_N_FDS)
               : 1;
}

static unsigned decide_jobs(const struct test *test)
{
    long n = test->options.n_jobs > 0 ? test->options.n_jobs : sysconf(_SC_NPROCESSORS_ONLN);

    long max = max_jobs();

    return n < 1 ? 1 : n > max ? (unsigned)max : (unsigned)n;
}

static int run_cases(struct test *test)
{
    const struct runner_options options = {
        .n_jobs = test->run.n_jobs,
        .n_repeats = test->options.n_repeats,
        .until_fail = test->options.until_fail,
        .n_retries = test->options.n_retries,
        .has_controls = test->options.has_controls && !test->options.updates,
        .updates = test->options.updates,
        .programs = test->options.programs.words,
        .n_programs = test->options.programs.n,
        .evidence = test->options.evidence,
        .workspace = test->workspace,
    };
    const struct runner_observer observer = {
        .context = test, .started = on_started, .ended = on_ended};
    int64_t began_us = attempt_now_us();

    for (size_t i = 0; i < test->n_reports; i++) {
        test_report_begin(test->reports[i], &test->run);
    }
    int error = runner_run(&options, &test->list, &observer);
    test->totals.duration_us = attempt_now_us() - began_us;
    test->totals.was_interrupted = error == -EINTR;
    test->totals.fault = error < 0 && error != -EINTR ? strerror(-error) : NULL;
    return error;
}

static int run_and_report(struct test *test)
{
    int status = make_workspace(test);
    if (status != STATUS_OK) {
        return status;
    }
    int verdict = judge(test, run_cases(test));
    rmdir(test->workspace);
    status = finish_reports(test);
    test->n_reports = 0;
    return status != STATUS_OK ? status : verdict;
}

/* Signals wait for runner_run from before there is a folder that they would leave behind. */
static int run(struct test *test)
{
    sigset_t set, old;

    test->run.n_jobs = decide_jobs(test);
    test->run.n_cases = test->list.n * test->options.n_repeats;
    test->run.started_at_s = time(NULL);
    test->run.is_strict = test->options.is_strict;
    test->totals.n_cases = test->run.n_cases;
    int status = open_reports(test);
    if (status != STATUS_OK) {
        return status;
    }
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, &old);
    status = run_and_report(test);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return status;
}

int cmd_test(int argc, char **argv)
{
    struct test test = {0};
    char error_text[512];

    int rc = command_reserve_streams();
    if (rc < 0) {
        return command_fail(STATUS_FAULT, "cannot open /dev/null: %s", strerror(-rc));
    }
    /* A reader that has gone (`| head`) is a report that was not written, not an end midway. */
    signal(SIGPIPE, SIG_IGN);
    /* Only what counts as a character: numbers are read and written as in C. */
    setlocale(LC_CTYPE, "");
    if (test_options_parse(&test.options, argc, argv, error_text, sizeof error_text) < 0) {
        return command_fail(STATUS_USAGE, "test: %s; see `lastword test --help`", error_text);
    }
    if (test.options.help) {
        fputs(help, stdout);
        return command_end(STATUS_OK);
    }
    int status = load_cases(&test);
    if (status == STATUS_OK) {
        status = test.options.lists ? list_cases(&test) : run(&test);
    }
    for (size_t i = 0; i < test.n_reports; i++) {
        test_report_destroy(test.reports[i]);
    }
    case_list_done(&test.list);
    return status;
}
