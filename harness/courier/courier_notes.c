/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the report of a run tells beside counts and ends: programs that were not covered, providers
 * that ran out of time, viewers that got nothing. All are counted, and the first of each kind told.
 */
#include "harness/courier/courier_internal.h"

#include "harness/courier/clock_ns.h"
#include "harness/courier/process_notes.h"
#include "harness/courier/supervisor_link.h"
#include "harness/courier/uncovered_rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_TOLD_NOTES 64u /* of a kind */

struct teller {
    struct courier *courier;
    struct courier_message *report; /* gets the counts */
    struct process_rows rows;       /* reads the log */
    size_t n_told[NOTE_VIEWER + 1];
};

/* Where the counts of a kind stand. */
static uint32_t *count_of(struct courier_message *report, uint16_t kind)
{
    switch (kind) {
    case NOTE_NOT_COVERED:
        return &report->n_not_covered;
    case NOTE_TIMED_OUT:
        return &report->n_timed_out;
    case NOTE_VIEWER:
        return &report->n_viewers;
    default:
        return NULL; /* a provider that works is no news */
    }
}

/* "name: text", the name without its folder; or one of both. */
static void tell(struct teller *teller, uint16_t kind, uint32_t pid, struct string_view name,
                 struct string_view text)
{
    struct courier_message message = {
        .kind = COURIER_NOTE,
        .note_kind = kind,
        .pid = (int32_t)pid,
        .time_ns = clock_ns(CLOCK_REALTIME),
    };
    const char *slash = name.size > 0 ? memrchr(name.data, '/', name.size) : NULL;
    size_t folder = slash != NULL ? (size_t)(slash + 1 - name.data) : 0;

    ++*count_of(teller->report, kind);
    if (teller->courier->control < 0 || teller->n_told[kind]++ >= MAX_TOLD_NOTES)
        return;
    snprintf(message.text, sizeof(message.text), "%.*s%s%.*s", (int)(name.size - folder),
             name.size > 0 ? name.data + folder : "", name.size > 0 ? ": " : "", (int)text.size,
             text.data);
    supervisor_send(teller->courier->control, &message, !teller->courier->only_delivers);
}

/* --- Of processes ------------------------------------------------------------------------------
 */

static int tell_note(struct teller *teller, const struct process *process,
                     const struct process_note *note)
{
    const struct event *event;
    struct record_note_view view;
    int result;

    if (count_of(teller->report, note->kind) == NULL)
        return 0;
    result = event_log_read(teller->rows.log, note->offset, &teller->rows.bytes);
    if (result <= 0)
        return result == -EBADMSG ? 0 : result;
    event = (const struct event *)(const void *)teller->rows.bytes.data;
    if (record_note_parse(event + 1, event->size - sizeof(*event), &view) == 0)
        tell(teller, note->kind, process->pid, (struct string_view){NULL, 0},
             (struct string_view){view.text, view.head->text_size});
    return 0;
}

static int tell_notes(struct teller *teller)
{
    const struct process_table *table = &teller->courier->recorder.processes;
    int result = 0;

    for (size_t i = 0; result == 0 && i < table->n; i++) {
        const struct process *process = table->all[i];

        for (size_t k = 0; result == 0 && k < process->n_notes; k++)
            result = tell_note(teller, process, &process->notes[k]);
    }
    return result;
}

/* --- Of programs without a shim ----------------------------------------------------------------
 */

static void tell_uncovered(struct teller *teller, const struct uncovered *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        tell(teller, NOTE_NOT_COVERED, list[i].pid, uncovered_name(&teller->rows, &list[i]),
             string_view_of(uncovered_reason_text(list[i].reason)));
    teller->report->n_unseen = (uint32_t)n;
}

int courier_tell_notes(struct courier *courier, const struct uncovered *uncovered,
                       size_t n_uncovered, struct courier_message *report)
{
    struct teller teller = {
        .courier = courier,
        .report = report,
        .rows = {.log = &courier->recorder.events, .processes = &courier->recorder.processes},
    };
    int result;

    buffer_init(&teller.rows.bytes, BUFFER_NO_LIMIT);
    tell_uncovered(&teller, uncovered, n_uncovered);
    result = tell_notes(&teller);
    buffer_done(&teller.rows.bytes);
    return result;
}
