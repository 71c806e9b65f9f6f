/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Notes from the log. Their texts come from programs: each is checked; columns mend what is not
 * UTF-8. No state.
 */
#include "harness/courier/process_notes.h"

#include <errno.h>
#include <string.h>

static bool has_text(const struct process_notes *notes, const char *text, size_t size)
{
    for (size_t i = 0; i < notes->n; i++) {
        if (notes->views[i].size == size && memcmp(notes->views[i].data, text, size) == 0)
            return true;
    }
    return false;
}

static void add_text(struct process_notes *notes, const char *text, size_t size)
{
    if (notes->n == PROCESS_MAX_NOTES || has_text(notes, text, size))
        return;
    memcpy(notes->texts[notes->n], text, size);
    notes->views[notes->n] = (struct string_view){notes->texts[notes->n], size};
    notes->n++;
}

static int add_note(struct process_notes *notes, const struct process_note *note,
                    const struct event_log *log, struct buffer *bytes)
{
    const struct event *event;
    struct record_note_view view;
    int result = event_log_read(log, note->offset, bytes);

    if (result == -EBADMSG || result == 0)
        return 0;
    if (result < 0)
        return result;
    event = (const struct event *)(const void *)bytes->data;
    if (event->kind == RECORD_NOTE &&
        record_note_parse(event + 1, event->size - sizeof(*event), &view) == 0)
        add_text(notes, view.text, view.head->text_size);
    return 0;
}

static int add_notes_of(struct process_notes *notes, const struct process *process, uint16_t kind,
                        uint64_t until_ns, const struct event_log *log, struct buffer *bytes)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < process->n_notes; i++) {
        if (process->notes[i].kind == kind && process->notes[i].time_ns <= until_ns)
            result = add_note(notes, &process->notes[i], log, bytes);
    }
    return result;
}

static bool is_inherited(uint16_t kind)
{
    return kind == NOTE_PROVIDER || kind == NOTE_NOT_COVERED;
}

/*
 * Serials grow from parent to child, which ends the way up even where a damaged spool makes a
 * circle.
 */
static const struct process *parent_in_family(const struct process_table *table,
                                              const struct process *process)
{
    if (process->parent_serial == 0 || process->parent_serial >= process->serial)
        return NULL;
    return process_table_find(table, process->family, process->parent_serial);
}

int process_notes_read(struct process_notes *notes, const struct process_table *table,
                       const struct process *process, uint16_t kind, const struct event_log *log,
                       struct buffer *bytes)
{
    uint64_t until_ns = UINT64_MAX;
    int result = 0;

    notes->n = 0;
    while (result == 0 && process != NULL) {
        result = add_notes_of(notes, process, kind, until_ns, log, bytes);
        until_ns = process->start_ns < until_ns ? process->start_ns : until_ns;
        process = is_inherited(kind) ? parent_in_family(table, process) : NULL;
    }
    return result;
}
