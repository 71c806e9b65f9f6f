/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From an attempt and its recording to a verdict. The order of what is told: why the run itself
 * was not as it should be, then the diff, the tree of processes, and what the program printed.
 */
#include "harness/scenario/judgement.h"

#include "harness/cleanup.h"
#include "harness/duration.h"
#include "harness/scenario/judging.h"
#include "harness/scenario/update.h"
#include "harness/verify/diff.h"
#include "harness/verify/process_programs.h"
#include "harness/verify/process_tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define MAX_OUTPUT_LINES 40

/* --- The run ---------------------------------------------------------------------------------- */

static struct yaml_place place_of_run(const struct expectation *scenario)
{
    const struct run_plan *plan = &scenario->plan;
    return plan->within_ms > 0 ? plan->within_place : plan->place;
}

static void tell_time_out(struct judging *judging, const struct attempt *attempt)
{
    char after[24];
    const struct report_list *busy = &attempt->result.busy;

    duration_format(attempt->within_ms, after, sizeof after);
    judging_fail(judging, place_of_run(judging->scenario), "had not ended after %s", after);
    judging_say(judging, "had not ended after %s; then\n", after);
    for (size_t i = 0; i < busy->n_processes && i < REPORT_MAX_PROCESSES; i++) {
        judging_say(judging, "  process %d (%s) was %s\n", (int)busy->processes[i].pid,
                    busy->processes[i].name, busy->processes[i].doing);
    }
}

/* Is it expected that a process of that place in the tree outlives the run? */
static bool may_run_on(const struct expectation *scenario, const struct recorded_processes *table,
                       size_t head)
{
    for (size_t i = 0; i < scenario->n_endings; i++) {
        const struct expected_ending *ending = &scenario->endings[i];
        if (strcmp(ending->ending.by, "running") == 0 &&
            process_is_meant(table, head, &ending->selector)) {
            return true;
        }
    }
    return false;
}

static struct recorded_process *find_by_pid(struct recorded_processes *table, pid_t pid)
{
    for (size_t i = table->n; i-- > 0;) {
        if (table->processes[i].pid == pid) {
            return &table->processes[i];
        }
    }
    return NULL;
}

/*
 * The supervisor has killed what outlived the run, so that nothing stays behind. Of the program it
 * was running.
 */
static int judge_survivors(struct judging *judging, const struct supervisor_result *result,
                           struct recorded_processes *table)
{
    const struct report_list *survivors = &result->survivors;

    for (size_t i = 0; i < survivors->n_processes && i < REPORT_MAX_PROCESSES; i++) {
        const struct report_process *survivor = &survivors->processes[i];
        struct recorded_process *process = find_by_pid(table, survivor->pid);
        if (process != NULL) {
            free(process->ended_by);
            process->ended_by = strdup("running");
            if (process->ended_by == NULL) {
                return -ENOMEM;
            }
            process->status = -1;
        }
        if (process == NULL || !may_run_on(judging->scenario, table, process->head)) {
            judging_fail(judging, judging->scenario->plan.place, "left process %d (%s) running",
                         (int)survivor->pid, survivor->name);
            judging_say(judging, "left running, and killed: process %d (%s), %s\n",
                        (int)survivor->pid, survivor->name, survivor->doing);
        }
    }
    if (survivors->n_processes > REPORT_MAX_PROCESSES) {
        judging_fail(judging, judging->scenario->plan.place,
                     "left %zu processes running, more than the %d that can be told apart",
                     survivors->n_processes, REPORT_MAX_PROCESSES);
    }
    return 0;
}

/* --- The recording ---------------------------------------------------------------------------- */

static const char *const kind_texts[N_FINDING_KINDS] = {
    [FINDING_NO_ROWS] = "the recording holds no rows",
    [FINDING_NO_PROCESS] = "there is no such process",
    [FINDING_PROCESS_COUNT] = "another number of processes",
    [FINDING_MISSING] = "a row is missing",
    [FINDING_EXTRA] = "a row that nothing expects",
    [FINDING_MISPLACED] = "a row is not where the order has it",
    [FINDING_DIFFERENT] = "a row is different",
    [FINDING_MORE] = "more rows that nothing expects",
    [FINDING_ENDING] = "ended otherwise",
    [FINDING_NOT_STORED] = "rows were logged and not stored",
    [FINDING_FORBIDDEN] = "a row that is forbidden",
    [FINDING_UNDECIDED] = "too many ways to count its rows",
};

/* "child 2 (pid 4713)", or the selector of what is not there. The caller frees it. */
static char *name_process(const struct finding *finding, const struct recording *recording)
{
    char *name = NULL, text[SELECTOR_TEXT_SIZE];
    size_t size = 0;
    FILE *out = open_memstream(&name, &size);

    if (out == NULL) {
        return NULL;
    }
    if (finding->process != NO_PROCESS) {
        const struct terminal plain = {.out = out, .width = 80};
        diff_print_process(&plain, &recording->processes.processes[finding->process]);
    } else if (finding->expected != NULL || finding->ending != NULL) {
        process_selector_format(finding->expected != NULL ? &finding->expected->selector
                                                          : &finding->ending->selector,
                                text);
        fputs(text, out);
    } else {
        fputs("run", out);
    }
    if (fclose(out) != 0) {
        free(name);
        return NULL;
    }
    return name;
}

static void tell_finding(struct judging *judging, const struct finding *finding,
                         const struct recording *recording)
{
    CLEANUP(free_pointer) char *name = name_process(finding, recording);
    struct yaml_place place = finding->expected != NULL ? finding->expected->place
                              : finding->ending != NULL ? finding->ending->place
                                                        : judging->scenario->plan.place;
    const char *text = kind_texts[finding->kind];
    judging_fail(judging, place, "%s: %s", name != NULL ? name : "?", text != NULL ? text : "?");
}

/* The last lines of one stream. */
static void tell_output(struct judging *judging, const struct output_tail *tail, const char *name)
{
    if (tail->n_bytes > 0) {
        judging_say(judging, "%s, %" PRIu64 " byte%s:\n", name, tail->n_bytes,
                    tail->n_bytes == 1 ? "" : "s");
        output_tail_print(judging->out, tail, "  ", MAX_OUTPUT_LINES);
    }
}

static int match_recording(struct judging *judging, const struct recording *recording)
{
    struct match match;
    int error = match_run(&match, judging->scenario, recording);

    if (error < 0) {
        return error;
    }
    for (size_t i = 0; i < match.n; i++) {
        tell_finding(judging, &match.findings[i], recording);
    }
    diff_print(&judging->plain, &match, judging->scenario, recording);
    match_done(&match);
    return 0;
}

/* "PROGRAM: REASON" of one of the programs that the shim did not enter. */
static const char *name_unseen(const struct report_notes *notes)
{
    for (size_t i = 0; i < notes->n; i++) {
        if (notes->all[i].kind == NOTE_NOT_COVERED) {
            return notes->all[i].text;
        }
    }
    return "unknown";
}

static void judge_unseen(struct judgement *judgement, const struct supervisor_result *result)
{
    bool is_one = result->counts.n_unseen == 1;

    judgement->verdict = VERDICT_UNKNOWN;
    if (asprintf(&judgement->reason,
                 "%" PRIu32 " process%s could not be entered (%s%s), and nothing is expected of %s",
                 result->counts.n_unseen, is_one ? "" : "es", name_unseen(&result->notes),
                 is_one ? "" : ", ...", is_one ? "it" : "them") < 0) {
        judgement->reason = NULL;
    }
}

static int judge_recording(struct judging *judging, const struct attempt *attempt,
                           struct recording *recording)
{
    struct judgement *judgement = judging->judgement;
    int error = judge_survivors(judging, &attempt->result, &recording->processes);

    if (error == 0) {
        error = match_recording(judging, recording);
    }
    judgement->n_rows = recording->n_rows;
    judgement->n_processes = recording->processes.n_heads;
    if (judgement->verdict == VERDICT_PASS && attempt->result.counts.n_unseen > 0) {
        judge_unseen(judgement, &attempt->result);
    }
    if (error == 0) {
        judging_say(judging, "processes:\n");
        error = process_tree_print(&judging->plain, recording);
    }
    return error;
}

int judging_load(struct judging *judging, const char *path, struct recording *recording)
{
    const struct recording_options loading = match_recording_options(judging->scenario);
    struct rrd_error error = {""};
    int result = recording_load(recording, path, &loading, &error);

    if (result < 0 && result != -ENOMEM) {
        judgement_fault(judging->judgement, "%s", *error.text ? error.text : strerror(-result));
        return 0;
    }
    return result < 0 ? result : 1;
}

static int judge_whole(struct judging *judging, const struct attempt *attempt, const char *path)
{
    struct recording recording;
    int loaded = judging_load(judging, path, &recording);

    if (loaded <= 0) {
        return loaded;
    }
    if (attempt->result.timed_out) {
        tell_time_out(judging, attempt);
    }
    int error = judge_recording(judging, attempt, &recording);
    recording_done(&recording);
    return error;
}

/* There is no run to judge: the program could not be started, or its supervisor broke. */
static void judge_no_result(struct judging *judging, const struct attempt *attempt)
{
    int status = attempt->wait_status;

    if (WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127)) {
        judging_fail(judging, judging->scenario->plan.place, "cannot be run");
        judging->judgement->never_ran = true;
    } else if (WIFSIGNALED(status)) {
        judgement_fault(judging->judgement, "its supervisor died of signal %d", WTERMSIG(status));
    } else {
        judgement_fault(judging->judgement, "could not be supervised");
    }
}

int judgement_make(struct judgement *judgement, const struct expectation *scenario,
                   const struct attempt *attempt, const char *recording)
{
    struct judging judging;
    int error = 0;

    *judgement = (struct judgement){.verdict = VERDICT_PASS};
    judging_begin(&judging, scenario, judgement);
    if (judging.out == NULL) {
        return -ENOMEM;
    }
    if (!attempt_has_result(attempt)) {
        judge_no_result(&judging, attempt);
    } else if (!attempt->result.stored) {
        judgement_fault(judgement, "%s",
                        *attempt->result.error_text ? attempt->result.error_text
                                                    : "the recording was not finished");
    } else {
        error = judge_whole(&judging, attempt, recording);
    }
    tell_output(&judging, &attempt->outputs[0], "standard output");
    tell_output(&judging, &attempt->outputs[1], "standard error");
    int ended = judging_end(&judging);
    if (error < 0 || ended < 0) {
        judgement_done(judgement);
        return -ENOMEM;
    }
    return 0;
}

/* --- Updating --------------------------------------------------------------------------------- */

int judgement_update(struct judgement *judgement, const struct expectation *scenario,
                     const struct attempt *attempt, const char *path)
{
    struct judging judging = {.scenario = scenario, .judgement = judgement};
    struct recording recording;
    char fault[YAML_FAULT_SIZE];

    if (judgement->verdict != VERDICT_FAIL || !attempt_has_result(attempt) ||
        attempt->result.timed_out || !attempt->result.stored) {
        return 0;
    }
    int loaded = judging_load(&judging, path, &recording);
    if (loaded <= 0) {
        return loaded;
    }
    int error = update_scenario(scenario, &recording, fault);
    recording_done(&recording);
    if (error < 0) {
        judgement_note(judgement, "%s\n", fault);
        return error == -ENOMEM ? error : 0;
    }
    free(judgement->reason);
    judgement->reason = strdup("updated");
    judgement->verdict = VERDICT_PASS;
    judgement_note(judgement, "%s was updated\n", scenario->path);
    return 0;
}
