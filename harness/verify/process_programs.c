/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who was which program. A process that exec'd was several, and is counted once for each name: as
 * the second worker of a recording it stays the second, whatever it became later.
 */
#include "harness/verify/process_programs.h"

#include "harness/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Names ------------------------------------------------------------------------------------ */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/*
 * A fork says nothing of the image that it shares with the first of its family, "FAMILY.1" of
 * "FAMILY.7" (harness/process_schema.h).
 */
static const struct recorded_process *first_of_family(const struct recorded_processes *table,
                                                      const struct recorded_process *image)
{
    const char *dot = strrchr(image->name, '.');
    char name[64];
    if (dot == NULL || (size_t)(dot - image->name) > sizeof name - sizeof ".1") {
        return NULL;
    }
    snprintf(name, sizeof name, "%.*s.1", (int)(dot - image->name), image->name);
    uint32_t index = string_pool_find(&table->names, string_view_of(name));
    return index != UINT32_MAX ? &table->processes[index] : NULL;
}

static const char *find_program(const struct recorded_processes *table,
                                const struct recorded_process *image)
{
    if (image->executable != NULL && image->executable[0] != '\0') {
        return file_name(image->executable);
    }
    const struct recorded_process *first = first_of_family(table, image);
    return first != NULL && first->executable != NULL ? file_name(first->executable) : "";
}

/* --- Births ----------------------------------------------------------------------------------- */

struct order {
    const struct recorded_process *processes;
    bool has_times; /* else the pids decide: see process_roles.c */
};

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* By name, then by the birth of the process, then images in their own order. */
static int compare_images(const void *a, const void *b, void *context)
{
    const struct order *order = context;
    const struct recorded_process *x = &order->processes[*(const size_t *)a];
    const struct recorded_process *y = &order->processes[*(const size_t *)b];
    const struct recorded_process *x_head = &order->processes[x->head];
    const struct recorded_process *y_head = &order->processes[y->head];
    int result = strcmp(x->program, y->program);
    if (result == 0 && order->has_times) {
        result = compare_numbers(x_head->began_ns, y_head->began_ns);
    }
    if (result == 0) {
        result = compare_numbers(x_head->pid, y_head->pid);
    }
    if (result == 0) {
        result = compare_numbers((int64_t)x->head, (int64_t)y->head);
    }
    return result != 0 ? result : compare_numbers(x - y, 0);
}

static bool was_seen_beginning(const struct recorded_process *process)
{
    return process->made_by != NULL && process->made_by[0] != '\0' &&
           strcmp(process->made_by, "unknown") != 0;
}

int process_programs_arrange(struct recorded_processes *table)
{
    struct order order = {.processes = table->processes};
    CLEANUP(free_pointer) size_t *images = calloc(table->n + 1, sizeof *images);
    if (images == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < table->n; i++) {
        images[i] = i;
        table->processes[i].program = find_program(table, &table->processes[i]);
        order.has_times |= was_seen_beginning(&table->processes[i]);
    }
    qsort_r(images, table->n, sizeof *images, compare_images, &order);
    for (size_t i = 0; i < table->n; i++) {
        struct recorded_process *image = &table->processes[images[i]];
        const struct recorded_process *before = i > 0 ? &table->processes[images[i - 1]] : NULL;
        bool is_same_name = before != NULL && strcmp(before->program, image->program) == 0;
        bool is_same_process = is_same_name && before->head == image->head;
        image->program_birth = is_same_name ? before->program_birth + !is_same_process : 1;
    }
    return 0;
}

/* --- Selectors -------------------------------------------------------------------------------- */

bool process_is_meant(const struct recorded_processes *table, size_t head,
                      const struct process_selector *selector)
{
    const struct recorded_process *first = &table->processes[head];
    if (selector->program[0] == '\0') {
        return process_selector_covers(selector, first->role, first->birth);
    }
    for (size_t i = head; i != NO_PROCESS; i = table->processes[i].next_image) {
        const struct recorded_process *image = &table->processes[i];
        if (strcmp(image->program, selector->program) == 0) {
            return selector->birth == 0 || selector->birth == image->program_birth;
        }
    }
    return false;
}
