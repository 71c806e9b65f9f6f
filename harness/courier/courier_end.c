/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The end of a session, as far as the supervisor and the spools are concerned; finish.c has the
 * files.
 */
#include "harness/courier/courier_internal.h"

#include "harness/courier/clock_ns.h"
#include "harness/courier/finish.h"
#include "harness/courier/session_files.h"
#include "harness/courier/supervisor_link.h"
#include "harness/courier/uncovered_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LAST_PASSES_NS 3000000000ull /* FINISH while programs still log: no longer than this */
#define MAX_BAD_ENDS   64u
#define WORD_NS        200000000ull /* between two words of progress */

/* --- Finishing ---------------------------------------------------------------------------------
 */

/* Everything that is there now; programs that go on logging are not waited for. */
int courier_read_rest(struct courier *courier)
{
    uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + LAST_PASSES_NS;
    size_t n_families;
    int result;

    courier->must_finish = true;
    result = session_visit_spools(courier->shared.session, courier_add_family, courier);
    if (result < 0)
        return result;
    /* Who ended before we were told to finish is no survivor, though nobody has polled since. */
    for (size_t i = 0; i < courier->n_families; i++)
        served_family_check_members(courier->families[i]);
    do {
        courier_check_use(courier);
        n_families = courier->n_families;
        result = courier_go_round(courier);
    } while (result >= 0 && clock_ns(CLOCK_MONOTONIC) < until_ns &&
             (result > 0 || courier_has_pending(courier) || courier->n_families < n_families));
    for (size_t i = 0; result >= 0 && i < courier->n_families; i++)
        result = served_family_log_refused(courier->families[i]);
    return result < 0 ? result : courier_commit(courier);
}

static void name_process(struct courier *courier, const struct process *process,
                         struct courier_message *message)
{
    struct process_rows rows = {.log = &courier->recorder.events};
    struct string_view executable;

    buffer_init(&rows.bytes, BUFFER_NO_LIMIT);
    executable = process_rows_executable(&rows, process);
    if (executable.size == 0) {
        /* A fork says nothing of the image that it shares with the first of the family. */
        const struct process *first =
            process_table_find(&courier->recorder.processes, process->family, 1);
        if (first != NULL)
            executable = process_rows_executable(&rows, first);
    }
    snprintf(message->text, sizeof(message->text), "%.*s", (int)executable.size,
             executable.size > 0 ? executable.data : "");
    buffer_done(&rows.bytes);
}

static void tell_of_process(struct courier *courier, enum courier_message_kind kind,
                            const struct process *process, int wait_status)
{
    struct courier_message message = {
        .kind = kind,
        .pid = (int32_t)process->pid,
        .wait_status = wait_status,
        .time_ns = clock_ns(CLOCK_REALTIME),
    };

    if (courier->control < 0)
        return;
    name_process(courier, process, &message);
    supervisor_send(courier->control, &message, !courier->only_delivers);
}

/* Somebody maps the spool who has not logged, so nobody knows who it is. */
static void tell_of_stranger(const struct courier *courier)
{
    const struct courier_message message = {
        .kind = COURIER_SURVIVOR,
        .wait_status = -1,
        .time_ns = clock_ns(CLOCK_REALTIME),
        .text = "a process that has logged nothing",
    };

    supervisor_send(courier->control, &message, !courier->only_delivers);
}

static void tell_of_survivors(struct courier *courier)
{
    for (size_t i = 0; i < courier->n_families; i++) {
        const struct member *member = courier->families[i]->members;
        bool is_known = false;

        for (; member != NULL; member = member->next) {
            if (member->is_over || member->process->is_gone)
                continue;
            tell_of_process(courier, COURIER_SURVIVOR, member->process, -1);
            is_known = true;
        }
        if (!is_known && !courier->families[i]->is_unused)
            tell_of_stranger(courier);
    }
}

static void tell_of_bad_ends(struct courier *courier, const struct process_fate *fates)
{
    size_t n = 0;

    for (size_t i = 0; i < courier->recorder.processes.n && n < MAX_BAD_ENDS; i++) {
        if (!fates[i].is_bad)
            continue;
        tell_of_process(courier, COURIER_BAD_END, fates[i].process, fates[i].wait_status);
        n++;
    }
}

void courier_tell_progress(struct courier *courier, uint64_t bytes)
{
    const struct process_table *processes = &courier->recorder.processes;
    struct courier_message message = {.kind = COURIER_PROGRESS, .bytes = bytes};
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

    if (!(courier->must_finish || courier->finishes_alone) || now_ns < courier->next_word_ns)
        return;
    courier->next_word_ns = now_ns + WORD_NS;
    for (size_t i = 0; i < processes->n; i++)
        message.rows_stored += processes->all[i]->rows_stored;
    supervisor_send(courier->control, &message, false);
}

static void tell_progress(void *context, uint64_t bytes)
{
    courier_tell_progress(context, bytes);
}

static int place(struct courier *courier, const struct finish *finish,
                 const struct process_fate *fates, struct courier_message *report)
{
    int result = 0;

    tell_of_survivors(courier);
    tell_of_bad_ends(courier, fates);
    if (journal_phase(&courier->recorder.journal) == JOURNAL_OPEN)
        result = finish_place(finish, fates, courier->error);
    if (result == 0)
        result = finish_sinks(finish, courier->error);
    if (result < 0)
        return result;
    finish_report(&courier->recorder, fates, report);
    result = courier_tell_notes(courier, finish->uncovered, finish->n_uncovered, report);
    if (result < 0)
        return result;
    supervisor_send(courier->control, report, !courier->only_delivers);
    /* What could not be read, or is still being written, is for another courier. */
    if (courier->n_families == 0 && !session_has_spools(courier->shared.session)) {
        finish_clean(&courier->recorder);
        session_remove_rest(courier->shared.session);
    }
    return 0;
}

static struct finish make_finish(struct courier *courier)
{
    return (struct finish){
        .recorder = &courier->recorder,
        .sinks = &courier->sinks,
        .options = courier->options,
        .id = courier->id,
        .may_write_sinks = courier->shared.owner == geteuid(),
        .progress = tell_progress,
        .context = courier,
    };
}

void courier_finish_stream(void *context, const struct stream *stream)
{
    const struct finish finish = make_finish(context);

    finish_stream(&finish, stream);
}

static void look_at_files(struct courier *courier, struct uncovered *uncovered, size_t n)
{
    struct process_rows rows = {.log = &courier->recorder.events};

    buffer_init(&rows.bytes, BUFFER_NO_LIMIT);
    uncovered_look(&rows, uncovered, n);
    buffer_done(&rows.bytes);
}

int courier_end(struct courier *courier, struct courier_message *report)
{
    struct finish finish = make_finish(courier);
    struct process_fate *fates;
    struct uncovered *uncovered = NULL;
    int result = process_fates(&courier->recorder.processes, clock_ns(CLOCK_REALTIME), &fates);

    if (result < 0)
        return result;
    result = uncovered_find(&courier->recorder.processes, fates, &uncovered, &finish.n_uncovered);
    finish.uncovered = uncovered;
    if (result == 0)
        look_at_files(courier, uncovered, finish.n_uncovered);
    if (result == 0)
        result = place(courier, &finish, fates, report);
    free(uncovered);
    free(fates);
    return result;
}
