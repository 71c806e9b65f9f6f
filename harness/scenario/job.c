/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The order of attempts: with the shim; if that passed and the scenario has `lost`, without; if it
 * failed and retries are left, again.
 */
#include "harness/scenario/job.h"

#include "harness/cleanup.h"
#include "harness/scenario/evidence.h"
#include "harness/supervise/output.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_WITHIN_MS 60000
#define GRACE_MS          5000 /* for what outlives the program */

/* --- The program ------------------------------------------------------------------------------ */

static bool is_program(const char *path)
{
    struct stat status;

    /* A folder may be entered, which access calls executable as well. */
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* Returns FOLDER/NAME, absolute, if it can be executed: it is, from another folder. */
static char *try_folder(const char *folder, const char *name)
{
    CLEANUP(free_pointer) char *path = NULL;

    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        path = NULL;
        return NULL;
    }
    return is_program(path) ? realpath(path, NULL) : NULL;
}

/* In the scenario's folder, in the folders for programs, in PATH. NULL without memory. */
static char *find_program(const struct job *job)
{
    const char *name = job->scenario.plan.words[0];
    char *found = NULL;

    if (name[0] == '/') {
        return strdup(name);
    }
    found = try_folder(job->test->file->folder, name);
    for (size_t i = 0; found == NULL && i < job->options->n_programs; i++) {
        found = try_folder(job->options->programs[i], name);
    }
    return found != NULL ? found : strdup(name);
}

/* --- Recordings ------------------------------------------------------------------------------- */

/* The file and what a courier that was killed has left of it. */
static void remove_recording(const char *path)
{
    char part[PATH_MAX];

    if (path != NULL) {
        unlink(path);
        snprintf(part, sizeof part, "%s" OUTPUT_PART_SUFFIX, path);
        unlink(part);
    }
}

/* --- Attempts --------------------------------------------------------------------------------- */

static int start(struct job *job, bool is_control)
{
    const char *recording = is_control ? job->control : job->recording;
    const struct run_plan *plan = &job->scenario.plan;
    const struct attempt_options options = {
        .plan = plan,
        .program = job->program,
        .folder = job->test->file->folder,
        .recording = recording,
        .shim = !is_control,
        .within_ms = plan->within_ms > 0 ? plan->within_ms : DEFAULT_WITHIN_MS,
        .grace_ms = GRACE_MS,
    };

    remove_recording(recording); /* what is there later is this attempt's */
    job->is_control = is_control;
    job->n_attempts += !is_control;
    int error = attempt_start(&job->attempt, &options);
    if (error == 0) {
        return 1;
    }
    judgement_done(&job->judgement);
    judgement_fault(&job->judgement, "cannot start a process: %s", strerror(-error));
    return 0;
}

static int prepare(struct job *job)
{
    char fault[YAML_FAULT_SIZE];
    int error = expectation_load(&job->scenario, job->test->file->path, job->test->index, fault);

    if (error < 0) {
        judgement_fault(&job->judgement, "%s", fault); /* it was read before, so it was changed */
        return error == -ENOMEM ? error : 0;
    }
    job->is_loaded = true;
    if (job->scenario.plan.n_words == 0) {
        judgement_fault(&job->judgement, "%s was changed, and has no key 'run' any more",
                        job->test->file->path);
        return 0;
    }
    job->program = find_program(job);
    if (job->program == NULL ||
        asprintf(&job->recording, "%s/%zu.rrd", job->options->workspace, job->slot) < 0 ||
        asprintf(&job->control, "%s/%zu.control.rrd", job->options->workspace, job->slot) < 0) {
        return -ENOMEM;
    }
    return 1;
}

static int name_job(struct job *job, unsigned repetition)
{
    int size = repetition > 0 ? asprintf(&job->name, "%s #%u", job->test->name, repetition)
                              : asprintf(&job->name, "%s", job->test->name);
    if (size < 0) {
        job->name = NULL;
        return -ENOMEM;
    }
    return 0;
}

int job_begin(struct job *job, const struct runner_options *options, const struct test_case *test,
              unsigned repetition, size_t slot)
{
    const struct skip_condition *skip = NULL;
    int error;

    *job = (struct job){.options = options,
                        .test = test,
                        .slot = slot,
                        .started_us = attempt_now_us(),
                        .attempt = {.outputs = {{.fd = -1}, {.fd = -1}}}};
    error = name_job(job, repetition);
    error = error < 0 ? error : prepare(job);
    if (error <= 0) {
        return error;
    }
    skip = run_plan_skips(&job->scenario.plan);
    if (skip != NULL) {
        char text[SKIP_TEXT_SIZE];
        skip_condition_format(skip, text);
        job->judgement.verdict = VERDICT_SKIPPED;
        job->judgement.reason = strdup(text);
        return 0;
    }
    return start(job, false);
}

/* Judges the attempt that is over. Returns 0 or -ENOMEM. */
static int judge(struct job *job)
{
    if (job->is_control) {
        return judgement_add_control(&job->judgement, &job->scenario, &job->attempt, job->recording,
                                     job->control);
    }
    judgement_done(&job->judgement);
    int error = judgement_make(&job->judgement, &job->scenario, &job->attempt, job->recording);
    /* What an interrupted program has logged is not what it logs. */
    return error == 0 && job->options->updates && !job->is_cancelled
               ? judgement_update(&job->judgement, &job->scenario, &job->attempt, job->recording)
               : error;
}

/* Of the last attempt that failed; a file that cannot be kept is told of, and changes no verdict.
 */
static void keep_evidence(struct job *job)
{
    const struct judgement *judgement = &job->judgement;
    int error;

    if (judgement->verdict != VERDICT_FAIL || job->options->evidence == NULL || job->is_control ||
        access(job->recording, F_OK) < 0) {
        return;
    }
    free(job->evidence);
    job->evidence = NULL;
    error = evidence_keep(job->options->evidence, job->name, job->recording, &job->evidence);
    if (error < 0) {
        judgement_note(&job->judgement, "the recording could not be kept in %s: %s\n",
                       job->options->evidence, strerror(-error));
    }
}

static bool wants_control(const struct job *job)
{
    return !job->is_control && job->options->has_controls && job->scenario.plan.n_lost > 0 &&
           (job->judgement.verdict == VERDICT_PASS || job->judgement.verdict == VERDICT_UNKNOWN);
}

static bool wants_retry(const struct job *job)
{
    return job->judgement.verdict == VERDICT_FAIL && job->n_attempts <= job->options->n_retries &&
           job->scenario.plan.xfail == NULL;
}

int job_go_on(struct job *job)
{
    int error = judge(job);

    attempt_done(&job->attempt);
    if (error < 0) {
        return error;
    }
    keep_evidence(job);
    if (job->is_cancelled) {
        if (job->is_control || wants_control(job)) {
            judgement_fault(&job->judgement,
                            "interrupted before the run without the shim had ended");
        }
        return 0;
    }
    if (wants_control(job)) {
        return start(job, true);
    }
    return wants_retry(job) ? start(job, false) : 0;
}

/* --- The end ---------------------------------------------------------------------------------- */

static enum verdict conclude(const struct job *job)
{
    enum verdict verdict = job->judgement.verdict;
    bool passed = verdict == VERDICT_PASS || verdict == VERDICT_UNKNOWN;

    /* A program that is not there is not what the author knows to fail. */
    if (job->is_loaded && job->scenario.plan.xfail != NULL && !job->judgement.never_ran) {
        verdict = verdict == VERDICT_FAIL ? VERDICT_XFAIL : passed ? VERDICT_XPASS : verdict;
    } else if (verdict == VERDICT_PASS && job->n_attempts > 1) {
        verdict = VERDICT_FLAKY;
    }
    return verdict;
}

static const char *conclude_reason(struct job *job, enum verdict verdict)
{
    if (verdict == VERDICT_XFAIL || verdict == VERDICT_XPASS) {
        return job->scenario.plan.xfail;
    }
    if (verdict == VERDICT_FLAKY && job->judgement.reason == NULL &&
        asprintf(&job->judgement.reason, "passed at attempt %u", job->n_attempts) < 0) {
        job->judgement.reason = NULL;
    }
    return job->judgement.reason != NULL ? job->judgement.reason : "";
}

void job_conclude(struct job *job, struct case_result *ret_result)
{
    enum verdict verdict = conclude(job);

    *ret_result = (struct case_result){
        .name = job->name,
        .file = job->test->file->path,
        .verdict = verdict,
        .reason = conclude_reason(job, verdict),
        .duration_us = attempt_now_us() - job->started_us,
        .n_attempts = job->n_attempts,
        .n_rows = job->judgement.n_rows,
        .n_processes = job->judgement.n_processes,
        .n_problems = job->judgement.n_problems,
        .problems = job->judgement.problems,
        .details = job->judgement.details != NULL ? job->judgement.details : "",
        .evidence = job->evidence,
    };
}

void job_done(struct job *job)
{
    attempt_done(&job->attempt);
    judgement_done(&job->judgement);
    remove_recording(job->recording);
    remove_recording(job->control);
    if (job->is_loaded) {
        expectation_done(&job->scenario);
    }
    free(job->evidence);
    free(job->recording);
    free(job->control);
    free(job->program);
    free(job->name);
    *job = (struct job){0};
}
