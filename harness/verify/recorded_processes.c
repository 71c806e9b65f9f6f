/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Processes as the rows of a recording tell of them: reads, and judges nothing. What follows from
 * it is process_roles.c's.
 */
#include "harness/verify/recorded_processes.h"

#include "harness/process_schema.h"
#include "harness/verify/recorded_cell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void recorded_processes_init(struct recorded_processes *table)
{
    *table = (struct recorded_processes){0};
    string_pool_init(&table->names);
}

static void free_texts(struct recorded_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        free(texts->texts[i]);
    }
    free(texts->texts);
    *texts = (struct recorded_texts){0};
}

void recorded_processes_done(struct recorded_processes *table)
{
    if (table == NULL) {
        return;
    }
    for (size_t i = 0; i < table->n; i++) {
        struct recorded_process *process = &table->processes[i];
        free_texts(&process->args);
        free_texts(&process->providers);
        free_texts(&process->not_covered);
        free_texts(&process->timed_out);
        free_texts(&process->viewers);
        free(process->name);
        free(process->parent);
        free(process->image_of);
        free(process->made_by);
        free(process->executable);
        free(process->ended_by);
        free(process->seen_by);
        free(process->target);
    }
    free(table->processes);
    free(table->by_birth);
    string_pool_done(&table->names);
    recorded_processes_init(table);
}

static int grow(struct recorded_processes *table)
{
    size_t capacity = table->capacity > 0 ? 2 * table->capacity : 16;
    void *processes = reallocarray(table->processes, capacity, sizeof *table->processes);
    if (processes == NULL) {
        return -ENOMEM;
    }
    table->processes = processes;
    table->capacity = capacity;
    return 0;
}

int recorded_processes_find(struct recorded_processes *table, struct string_view name,
                            size_t *ret_index)
{
    uint32_t index = string_pool_find(&table->names, name);
    if (index != UINT32_MAX) {
        *ret_index = index;
        return 0;
    }
    if (table->n == table->capacity && grow(table) < 0) {
        return -ENOMEM;
    }
    char *copy = strndup(name.size > 0 ? name.data : "", name.size);
    if (copy == NULL || string_pool_add(&table->names, name, &index) < 0) {
        free(copy);
        return -ENOMEM;
    }
    table->processes[table->n] = (struct recorded_process){
        .name = copy,
        .status = -1,
        .rows_logged = -1,
        .rows_stored = -1,
        .head = table->n,
        .next_image = NO_PROCESS,
        .parent_index = NO_PROCESS,
    };
    *ret_index = table->n++;
    return 0;
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* Leaves the texts as they are when the row does not have the component. */
static int read_texts(const struct chunk *chunk, const char *component, size_t row,
                      struct recorded_texts *texts)
{
    struct chunk_values cell = recorded_cell(chunk, component, row);
    if (cell.n == 0) {
        return 0;
    }
    free_texts(texts);
    texts->texts = calloc(cell.n, sizeof *texts->texts);
    if (texts->texts == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < cell.n; i++) {
        int error = recorded_cell_copy(&cell, i, &texts->texts[i]);
        if (error < 0) {
            return error;
        }
        texts->n++;
    }
    return 0;
}

static int read_begin(struct recorded_process *process, const struct chunk *chunk, size_t row)
{
    const struct {
        const char *component;
        char **text;
    } texts[] = {{PROCESS_PARENT, &process->parent},
                 {PROCESS_IMAGE_OF, &process->image_of},
                 {PROCESS_MADE_BY, &process->made_by},
                 {PROCESS_EXECUTABLE, &process->executable}};
    int error = 0;

    for (size_t i = 0; error == 0 && i < sizeof texts / sizeof texts[0]; i++) {
        error = recorded_cell_text(chunk, texts[i].component, row, texts[i].text);
    }
    if (error == 0) {
        error = recorded_cell_int(chunk, PROCESS_PID, row, &process->pid);
    }
    if (error == 0) {
        error = recorded_cell_int(chunk, PROCESS_PARENT_PID, row, &process->parent_pid);
    }
    if (error == 0) {
        error = read_texts(chunk, PROCESS_ARGS, row, &process->args);
    }
    process->began_ns = recorded_cell_time(chunk, row);
    process->has_begun = error == 0;
    return error;
}

static int read_notes(struct recorded_process *process, const struct chunk *chunk, size_t row)
{
    const struct {
        const char *component;
        struct recorded_texts *texts;
    } lists[] = {{PROCESS_PROVIDERS, &process->providers},
                 {PROCESS_NOT_COVERED, &process->not_covered},
                 {PROCESS_TIMED_OUT, &process->timed_out},
                 {PROCESS_VIEWERS, &process->viewers}};
    int error = 0;

    for (size_t i = 0; error == 0 && i < sizeof lists / sizeof lists[0]; i++) {
        error = read_texts(chunk, lists[i].component, row, lists[i].texts);
    }
    return error;
}

static int read_end(struct recorded_process *process, const struct chunk *chunk, size_t row)
{
    const struct {
        const char *component;
        int64_t *number;
    } numbers[] = {{PROCESS_STATUS, &process->status},
                   {PROCESS_ROWS_LOGGED, &process->rows_logged},
                   {PROCESS_ROWS_STORED, &process->rows_stored}};
    int error = recorded_cell_text(chunk, PROCESS_ENDED_BY, row, &process->ended_by);

    if (error == 0) {
        error = recorded_cell_text(chunk, PROCESS_SEEN_BY, row, &process->seen_by);
    }
    if (error == 0) {
        error = recorded_cell_text(chunk, PROCESS_TARGET, row, &process->target);
    }
    for (size_t i = 0; error == 0 && i < sizeof numbers / sizeof numbers[0]; i++) {
        error = recorded_cell_int(chunk, numbers[i].component, row, numbers[i].number);
    }
    process->ended_ns = recorded_cell_time(chunk, row);
    process->has_ended = error == 0;
    return error;
}

int recorded_processes_read(struct recorded_processes *table, size_t index,
                            const struct chunk *chunk, size_t row)
{
    struct recorded_process *process = &table->processes[index];
    int error = 0;
    if (recorded_cell(chunk, PROCESS_PID, row).n > 0) {
        error = read_begin(process, chunk, row);
    }
    if (error == 0 && recorded_cell(chunk, PROCESS_ENDED_BY, row).n > 0) {
        error = read_end(process, chunk, row);
    }
    return error == 0 ? read_notes(process, chunk, row) : error;
}

const struct recorded_process *recorded_processes_last_image(const struct recorded_processes *table,
                                                             size_t head)
{
    while (table->processes[head].next_image != NO_PROCESS) {
        head = table->processes[head].next_image;
    }
    return &table->processes[head];
}
