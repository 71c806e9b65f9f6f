/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who is an image of whom, who made whom, who was born when. The recording may be damaged or made
 * by others, so that links can miss, cross or go round in circles: no walk here is longer than the
 * table, and all of them together take time in proportion to it.
 */
#include "harness/verify/process_roles.h"

#include "harness/cleanup.h"
#include "harness/verify/process_programs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t find_process(const struct recorded_processes *table, const char *name)
{
    if (name == NULL || name[0] == '\0') {
        return NO_PROCESS;
    }
    uint32_t index = string_pool_find(&table->names, string_view_of(name));
    return index != UINT32_MAX ? index : NO_PROCESS;
}

/* --- Images ----------------------------------------------------------------------------------- */

/* An image has one successor; a second claim to it is not believed. Marks who has a predecessor by
 * head = NO_PROCESS. */
static void link_successors(struct recorded_processes *table)
{
    for (size_t i = 0; i < table->n; i++) {
        size_t before = find_process(table, table->processes[i].image_of);
        table->processes[i].head = i;
        if (before != NO_PROCESS && before != i &&
            table->processes[before].next_image == NO_PROCESS) {
            table->processes[before].next_image = i;
            table->processes[i].head = NO_PROCESS;
        }
    }
}

/* Each image has now at most one neighbour on either side: there are only lines and circles. */
static void give_heads(struct recorded_processes *table)
{
    for (size_t i = 0; i < table->n; i++) {
        if (table->processes[i].head != i) {
            continue;
        }
        for (size_t next = table->processes[i].next_image; next != NO_PROCESS;
             next = table->processes[next].next_image) {
            table->processes[next].head = i;
        }
    }
    /* Nobody came by in a circle, which has no first image: its members stand for themselves. */
    for (size_t i = 0; i < table->n; i++) {
        if (table->processes[i].head == NO_PROCESS) {
            table->processes[i].head = i;
            table->processes[i].next_image = NO_PROCESS;
        }
    }
}

/* --- Parents and roles ------------------------------------------------------------------------ */

static void link_parents(struct recorded_processes *table)
{
    for (size_t i = 0; i < table->n; i++) {
        size_t parent = find_process(table, table->processes[i].parent);
        if (parent != NO_PROCESS && table->processes[parent].head != i) {
            table->processes[i].parent_index = table->processes[parent].head;
        }
    }
}

static bool is_made_by_run(const struct recorded_process *process)
{
    return process->made_by != NULL && strcmp(process->made_by, "run") == 0;
}

static bool is_root(const struct recorded_processes *table, const struct recorded_process *process,
                    bool has_run)
{
    if (has_run) {
        return is_made_by_run(process);
    }
    return process->parent_index == NO_PROCESS && (process->has_begun || table->n == 1);
}

enum { DEPTH_UNKNOWN = -2, DEPTH_NONE = -1 }; /* not looked at yet; no root above */

/*
 * Finds the depth of a process and of all on its way up, each of which is walked once. `depths`
 * holds what is known already, `path` has room for all.
 */
static void find_depth(const struct recorded_processes *table, size_t start, bool has_run,
                       long *depths, size_t *path)
{
    size_t n_path = 0;
    long depth = DEPTH_NONE;

    for (size_t i = start; i != NO_PROCESS; i = table->processes[i].parent_index) {
        if (depths[i] == DEPTH_UNKNOWN && is_root(table, &table->processes[i], has_run)) {
            depths[i] = 0;
        }
        if (depths[i] != DEPTH_UNKNOWN) {
            depth = depths[i];
            break;
        }
        depths[i] = DEPTH_NONE; /* who comes by again went round in a circle */
        path[n_path++] = i;
    }
    while (n_path > 0 && depth != DEPTH_NONE) {
        depths[path[--n_path]] = ++depth;
    }
}

static enum process_role role_at(long depth)
{
    return depth == DEPTH_NONE ? ROLE_UNKNOWN
           : depth == 0        ? ROLE_ROOT
           : depth == 1        ? ROLE_CHILD
                               : ROLE_GRANDCHILD;
}

static int give_roles(struct recorded_processes *table)
{
    CLEANUP(free_pointer) long *depths = calloc(table->n + 1, sizeof *depths);
    CLEANUP(free_pointer) size_t *path = calloc(table->n + 1, sizeof *path);
    bool has_run = false;
    if (depths == NULL || path == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < table->n; i++) {
        has_run |= is_made_by_run(&table->processes[i]);
        depths[i] = DEPTH_UNKNOWN;
    }
    for (size_t i = 0; i < table->n; i++) {
        size_t head = table->processes[i].head;
        find_depth(table, head, has_run, depths, path);
        table->processes[i].role = role_at(depths[head]);
    }
    return 0;
}

/* --- Births ----------------------------------------------------------------------------------- */

struct birth_order {
    const struct recorded_process *processes;
    bool has_times[ROLE_GRANDCHILD + 1];
};

/*
 * Whether its beginning was seen. Otherwise its time is that of its first sign of life: of a
 * spawned one, when its image was loaded.
 */
static bool was_seen_beginning(const struct recorded_process *process)
{
    return process->made_by != NULL && process->made_by[0] != '\0' &&
           strcmp(process->made_by, "unknown") != 0 && strcmp(process->made_by, "spawn") != 0;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/*
 * Sorts by role, ROLE_UNKNOWN last; then by the time of birth; then by pid, which is all there is
 * for processes whose beginning nobody saw: who ran first is no sign of who was born first.
 */
static int compare_births(const void *a, const void *b, void *context)
{
    const struct birth_order *order = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const struct recorded_process *x = &order->processes[i], *y = &order->processes[j];
    int result = compare_numbers((unsigned)x->role - 1, (unsigned)y->role - 1);
    if (result == 0 && order->has_times[x->role]) {
        result = compare_numbers(x->began_ns, y->began_ns);
    }
    if (result == 0) {
        result = compare_numbers(x->pid, y->pid);
    }
    return result != 0 ? result : compare_numbers((int64_t)i, (int64_t)j);
}

static int give_births(struct recorded_processes *table)
{
    struct birth_order order = {.processes = table->processes};
    unsigned births[ROLE_GRANDCHILD + 1] = {0};

    table->by_birth = calloc(table->n + 1, sizeof *table->by_birth);
    if (table->by_birth == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < table->n; i++) {
        const struct recorded_process *process = &table->processes[i];
        if (process->head == i) {
            table->by_birth[table->n_heads++] = i;
            order.has_times[process->role] |= was_seen_beginning(process);
        }
    }
    qsort_r(table->by_birth, table->n_heads, sizeof *table->by_birth, compare_births, &order);
    for (size_t i = 0; i < table->n_heads; i++) {
        struct recorded_process *process = &table->processes[table->by_birth[i]];
        process->birth = ++births[process->role];
    }
    return 0;
}

int process_roles_arrange(struct recorded_processes *table)
{
    link_successors(table);
    give_heads(table);
    link_parents(table);
    int error = give_roles(table);
    if (error == 0) {
        error = give_births(table);
    }
    return error < 0 ? error : process_programs_arrange(table);
}
