/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The control of a scenario with `lost`: without the shim rows must be missing. Who logged a row is
 * often not known there, so an entry's rows are counted over the whole recording.
 */
#include "harness/scenario/judging.h"
#include "harness/verify/process_programs.h"
#include "harness/verify/row_comparison.h"

#include <errno.h>
#include <inttypes.h>

struct control {
    struct judging *judging;
    struct row_comparison comparison;
    const struct recording *with, *without;
};

/* The processes, in the run with the shim, of which both speak. */
static uint64_t count_processes(const struct control *control, const struct process_selector *lost,
                                const struct process_selector *other)
{
    const struct recorded_processes *table = &control->with->processes;
    uint64_t n = 0;

    for (size_t i = 0; i < table->n_heads; i++) {
        n += process_is_meant(table, table->by_birth[i], lost) &&
             process_is_meant(table, table->by_birth[i], other);
    }
    return n;
}

/* Rows of the run without the shim that are as the entry says. */
static uint64_t count_rows(struct control *control, const struct expected_row *expected)
{
    uint64_t n = 0;

    for (size_t i = 0; i < control->without->n_queues; i++) {
        const struct row_queue *queue = &control->without->rows[i];
        for (size_t j = 0; j < queue->n; j++) {
            struct bindings bindings = {0};
            n +=
                row_comparison_run(&control->comparison, expected, &queue->rows[j], &bindings) == 0;
        }
    }
    return n;
}

static void judge_lost(struct control *control, const struct process_selector *lost)
{
    const struct expectation *scenario = control->judging->scenario;
    char text[SELECTOR_TEXT_SIZE];
    uint64_t n_needed = 0, n_missing = 0;

    for (size_t i = 0; i < scenario->n_rows; i++) {
        const struct expected_row *expected = &scenario->rows[i];
        uint64_t n = count_processes(control, lost, &expected->selector) * expected->min_count;
        uint64_t n_there = n > 0 ? count_rows(control, expected) : 0;
        n_needed += n;
        n_missing += n > n_there ? n - n_there : 0;
    }
    process_selector_format(lost, text);
    if (n_missing > 0) {
        judging_say(control->judging,
                    "without the shim: %" PRIu64 " of %" PRIu64 " rows of %s missing\n", n_missing,
                    n_needed, text);
        return;
    }
    judging_fail(control->judging, scenario->plan.lost_place,
                 "proves nothing: without the shim no row of %s is missing", text);
    judging_say(control->judging,
                "proves nothing: without the shim all %" PRIu64 " rows of %s arrived as well\n",
                n_needed, text);
}

static int judge_loaded(struct control *control)
{
    const struct run_plan *plan = &control->judging->scenario->plan;
    int error = row_comparison_init(&control->comparison, control->judging->scenario);

    for (size_t i = 0; error == 0 && i < plan->n_lost; i++) {
        judge_lost(control, &plan->lost[i]);
    }
    row_comparison_done(&control->comparison);
    return error;
}

static int judge_paths(struct judging *judging, const char *recording, const char *without)
{
    struct recording with, control;
    int loaded = judging_load(judging, recording, &with);

    if (loaded <= 0) {
        return loaded;
    }
    loaded = judging_load(judging, without, &control);
    if (loaded > 0) {
        loaded =
            judge_loaded(&(struct control){.judging = judging, .with = &with, .without = &control});
        recording_done(&control);
    }
    recording_done(&with);
    return loaded;
}

int judgement_add_control(struct judgement *judgement, const struct expectation *scenario,
                          const struct attempt *attempt, const char *recording, const char *control)
{
    struct judging judging;
    int error = 0;

    judging_begin(&judging, scenario, judgement);
    if (judging.out == NULL) {
        return -ENOMEM;
    }
    if (!attempt_has_result(attempt) || !attempt->result.stored) {
        judgement_fault(judgement, "the run without the shim could not be supervised");
    } else {
        error = judge_paths(&judging, recording, control);
    }
    int ended = judging_end(&judging);
    return error < 0 ? error : ended;
}
