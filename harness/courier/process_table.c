/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table and how events change it. Prints nothing, reads no file. Events come from spools, so
 * each payload is measured before it is looked at.
 */
#include "harness/courier/process_table.h"

#include "harness/courier/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define FIRST_BUCKETS 256u

void process_table_init(struct process_table *table)
{
    *table = (struct process_table){0};
}

void process_table_done(struct process_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        free(table->all[i]->notes);
        free(table->all[i]);
    }
    free(table->all);
    free(table->buckets);
    free(table->waits);
    free(table->forecasts);
    process_table_init(table);
}

static size_t bucket_of(const struct process_table *table, uint64_t family, uint64_t serial)
{
    return (size_t)((family ^ serial * 0x9e3779b97f4a7c15ull) & (table->n_buckets - 1));
}

struct process *process_table_find(const struct process_table *table, uint64_t family,
                                   uint64_t serial)
{
    struct process *process;

    if (table->n_buckets == 0)
        return NULL;
    process = table->buckets[bucket_of(table, family, serial)];
    while (process != NULL && (process->family != family || process->serial != serial))
        process = process->next;
    return process;
}

static void insert(struct process_table *table, struct process *process)
{
    struct process **bucket = &table->buckets[bucket_of(table, process->family, process->serial)];

    process->next = *bucket;
    *bucket = process;
}

/* Makes room for one more: the list, and a bucket for each on average. */
static int grow(struct process_table *table)
{
    size_t capacity = table->capacity ? table->capacity * 2 : FIRST_BUCKETS;
    struct process **all;
    struct process **buckets;

    if (table->n < table->capacity)
        return 0;
    all = reallocarray(table->all, capacity, sizeof(*all));
    if (all == NULL)
        return -ENOMEM;
    table->all = all;
    buckets = calloc(capacity, sizeof(*buckets));
    if (buckets == NULL)
        return -ENOMEM;
    free(table->buckets);
    table->buckets = buckets;
    table->n_buckets = capacity;
    table->capacity = capacity;
    for (size_t i = 0; i < table->n; i++)
        insert(table, table->all[i]);
    return 0;
}

struct process *process_table_get(struct process_table *table, uint64_t family, uint64_t serial)
{
    struct process *process = process_table_find(table, family, serial);

    if (process != NULL || grow(table) < 0)
        return process;
    process = calloc(1, sizeof(*process));
    if (process == NULL)
        return NULL;
    process->family = family;
    process->serial = serial;
    snprintf(process->name, sizeof(process->name), "%016llx.%llu", (unsigned long long)family,
             (unsigned long long)serial);
    table->all[table->n++] = process;
    insert(table, process);
    return process;
}

static int add_wait(struct process_table *table, const struct process_wait *wait)
{
    struct process_wait *waits;

    if (!WIFEXITED(wait->status) && !WIFSIGNALED(wait->status))
        return 0;
    waits = array_grow(table->waits, table->n_waits, &table->waits_capacity, sizeof(*waits));
    if (waits == NULL)
        return -ENOMEM;
    table->waits = waits;
    table->waits[table->n_waits++] = *wait;
    return 0;
}

static int apply_wait(struct process_table *table, const struct event *event, const void *payload,
                      uint64_t offset)
{
    const struct record_child_ended *ended = payload;

    return add_wait(table, &(struct process_wait){
                               .pid = ended->pid,
                               .status = ended->wait_status,
                               .time_ns = event->time_ns,
                               .by_supervisor = event->kind == EVENT_SUPERVISOR_SAW_END,
                               .offset = offset,
                           });
}

static int apply_forecast(struct process_table *table, const struct event *event,
                          const void *payload, uint64_t offset)
{
    const struct record_uncovered *uncovered = payload;
    struct process_forecast *forecasts = array_grow(table->forecasts, table->n_forecasts,
                                                    &table->forecasts_capacity, sizeof(*forecasts));

    if (forecasts == NULL)
        return -ENOMEM;
    table->forecasts = forecasts;
    forecasts[table->n_forecasts++] = (struct process_forecast){
        .pid = uncovered->pid,
        .reason = uncovered->reason,
        .time_ns = event->time_ns,
        .offset = offset,
        .family = event->family,
        .serial = event->serial,
    };
    return 0;
}

/* A program may repeat itself without end: the first of each kind are kept. */
static int apply_note(struct process *process, const struct record_note *note, uint64_t time_ns,
                      uint64_t offset)
{
    struct process_note *notes;
    size_t n_alike = 0;

    for (size_t i = 0; i < process->n_notes; i++)
        n_alike += process->notes[i].kind == note->kind;
    if (note->kind < NOTE_PROVIDER || note->kind > NOTE_VIEWER || n_alike == PROCESS_MAX_NOTES)
        return 0;
    notes = array_grow(process->notes, process->n_notes, &process->notes_capacity, sizeof(*notes));
    if (notes == NULL)
        return -ENOMEM;
    process->notes = notes;
    notes[process->n_notes++] = (struct process_note){note->kind, time_ns, offset};
    return 0;
}

static void apply_process(struct process *process, const struct event_process *seen,
                          uint64_t time_ns)
{
    process->pid = seen->pid;
    process->parent_pid = seen->parent_pid;
    process->parent_serial = seen->parent_serial;
    process->claimed_ns = seen->claimed_ns;
    if (!process->has_start)
        process->start_ns = time_ns;
}

static void apply_start(struct process *process, const struct record_process_start *start,
                        uint64_t time_ns, uint64_t offset)
{
    if (process->has_start)
        return;
    process->has_start = true;
    process->start_ns = time_ns;
    process->start_offset = offset;
    process->made_by = start->made_by;
    process->pid = start->pid;
    process->parent_pid = start->parent_pid;
}

/* The last one counts: what is called from within an exit handler comes later. */
static void apply_end(struct process *process, const struct record_process_end *end,
                      uint64_t time_ns, uint64_t offset)
{
    process->has_end = true;
    process->end_kind = end->kind;
    process->end_status = end->status;
    process->end_ns = time_ns;
    process->end_offset = offset;
}

static void apply_gone(struct process *process, uint64_t time_ns)
{
    if (process->is_gone)
        return;
    process->is_gone = true;
    process->gone_ns = time_ns;
}

static size_t least_payload(uint16_t kind)
{
    switch (kind) {
    case RECORD_PROCESS_START:
        return sizeof(struct record_process_start);
    case RECORD_PROCESS_END:
        return sizeof(struct record_process_end);
    case RECORD_CHILD_ENDED:
    case EVENT_SUPERVISOR_SAW_END:
    case EVENT_ROOT:
        return sizeof(struct record_child_ended);
    case RECORD_NOTE:
        return sizeof(struct record_note);
    case RECORD_UNCOVERED:
        return sizeof(struct record_uncovered);
    case EVENT_PROCESS:
        return sizeof(struct event_process);
    case EVENT_DAMAGED:
    case EVENT_REFUSED:
        return sizeof(struct event_rows);
    default:
        return 0;
    }
}

static int apply_to_process(struct process_table *table, const struct event *event,
                            const void *payload, uint64_t offset)
{
    struct process *process = process_table_get(table, event->family, event->serial);

    if (process == NULL)
        return -ENOMEM;
    if (process->start_ns == 0)
        process->start_ns = event->time_ns;
    if (event->kind == EVENT_PROCESS)
        apply_process(process, payload, event->time_ns);
    else if (event->kind == EVENT_PROCESS_GONE)
        apply_gone(process, event->time_ns);
    else if (event->kind == EVENT_DAMAGED)
        process->rows_damaged += ((const struct event_rows *)payload)->n_rows;
    else if (event->kind == EVENT_REFUSED)
        process->rows_refused = ((const struct event_rows *)payload)->n_rows;
    else if (event->kind == RECORD_PROCESS_START)
        apply_start(process, payload, event->time_ns, offset);
    else if (event->kind == RECORD_PROCESS_END)
        apply_end(process, payload, event->time_ns, offset);
    else if (event->kind == RECORD_PROCESS_END_CANCELLED)
        process->has_end = false;
    else if (event->kind == RECORD_NOTE)
        return apply_note(process, payload, event->time_ns, offset);
    return 0;
}

int process_table_apply(struct process_table *table, const struct event *event, const void *payload,
                        size_t size, uint64_t offset)
{
    if (size < least_payload(event->kind))
        return -EBADMSG;
    switch (event->kind) {
    case RECORD_CHILD_ENDED:
    case EVENT_SUPERVISOR_SAW_END:
        return apply_wait(table, event, payload, offset);
    case RECORD_UNCOVERED:
        return apply_forecast(table, event, payload, offset);
    case EVENT_ROOT:
        table->root_pid = ((const struct record_child_ended *)payload)->pid;
        return 0;
    case EVENT_PROCESS:
    case EVENT_PROCESS_GONE:
    case EVENT_DAMAGED:
    case EVENT_REFUSED:
    case RECORD_PROCESS_START:
    case RECORD_PROCESS_END:
    case RECORD_PROCESS_END_CANCELLED:
    case RECORD_NOTE:
        return apply_to_process(table, event, payload, offset);
    default:
        return 0;
    }
}
