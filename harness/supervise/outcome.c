/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The report of a run and its exit status, from the supervisor's result. No state.
 */
#include "harness/supervise/outcome.h"

#include "harness/commands.h"
#include "harness/duration.h"
#include "harness/supervise/report.h"

#include <sys/wait.h>
#include <unistd.h>

static bool is_whole(const struct supervisor_result *result)
{
    return result->stored || result->left;
}

/* Were rows lost, was a process not covered, or does nobody know yet? */
static bool is_incomplete(const struct supervisor_result *result)
{
    return result->left || (result->stored && (report_has_losses(&result->counts) ||
                                               result->counts.n_not_covered > 0));
}

static void print_failure(FILE *out, const struct outcome *outcome)
{
    char how[64];

    fprintf(out, "lastword: %s is not whole: %s\n", outcome->recording,
            outcome->result->error_text);
    fprintf(out,
            "lastword: %s %s; what was logged is kept: `lastword deliver %s` finishes the "
            "recording\n",
            outcome->program, report_describe_end(outcome->result->wait_status, how, sizeof(how)),
            outcome->session);
}

static void print_time_out(FILE *out, const struct outcome *outcome)
{
    char limit[24];
    size_t n_ended = outcome->result->n_ended;

    fprintf(out, "lastword: %s had not ended after %s: ended its %zu process%s\n", outcome->program,
            duration_format(outcome->timeout_ms, limit, sizeof(limit)), n_ended,
            n_ended == 1 ? "" : "es");
}

static void print_stored(FILE *out, const struct outcome *outcome)
{
    const struct courier_message *counts = &outcome->result->counts;

    if (access(outcome->session, F_OK) == 0) {
        fprintf(out, "lastword: `lastword deliver %s` stores what is still logged there\n",
                outcome->session);
    }
    if (*counts->text != '\0') {
        fprintf(out, "lastword: damaged: %s\n", counts->text);
    }
    report_print_notes(out, &outcome->result->notes, counts, outcome->recording);
    report_print_counts(out, counts, outcome->recording);
}

/* What --strict promises. */
static bool breaks_promise(const struct outcome *outcome)
{
    return outcome->strict_status != 0 && is_incomplete(outcome->result);
}

void outcome_print(FILE *out, const struct outcome *outcome, bool quiet)
{
    const struct supervisor_result *result = outcome->result;

    if (!is_whole(result)) {
        print_failure(out, outcome);
        return;
    }
    if (quiet &&
        !(result->stored && (report_has_losses(&result->counts) || breaks_promise(outcome)))) {
        return;
    }
    if (result->timed_out) {
        print_time_out(out, outcome);
        report_print_busy(out, &result->busy);
    }
    if (result->n_courier_deaths > 0) {
        fprintf(out, "lastword: %u courier%s died, and the next went on\n",
                result->n_courier_deaths, result->n_courier_deaths == 1 ? "" : "s");
    }
    report_print_ends(out, &result->ends);
    report_print_survivors(out, &result->survivors, result->survivors_killed);
    if (result->stored) {
        print_stored(out, outcome);
    } else {
        fprintf(out, "lastword: not waiting: process %d goes on storing to %s\n",
                (int)outcome->courier, outcome->recording);
    }
}

int outcome_status(const struct outcome *outcome)
{
    const struct supervisor_result *result = outcome->result;

    if (!is_whole(result)) {
        return STATUS_FAULT;
    }
    if (result->timed_out) {
        return STATUS_TIMEOUT;
    }
    if (WIFSIGNALED(result->wait_status)) {
        return 128 + WTERMSIG(result->wait_status);
    }
    if (result->wait_status == 0 && breaks_promise(outcome)) {
        return outcome->strict_status;
    }
    return WEXITSTATUS(result->wait_status);
}

int outcome_signal(const struct supervisor_result *result)
{
    bool is_programs = is_whole(result) && !result->timed_out;

    return is_programs && WIFSIGNALED(result->wait_status) ? WTERMSIG(result->wait_status) : 0;
}
