/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sums over processes. No state.
 */
#include "harness/ps/ps_totals.h"

#include <string.h>

bool ps_has_processes(const struct recording *recording)
{
    for (size_t i = 0; i < recording->processes.n; i++) {
        if (recording->processes.processes[i].has_begun) {
            return true;
        }
    }
    return recording->uncovered.n > 0;
}

uint64_t ps_rows_lost(const struct recorded_process *process)
{
    return process->rows_stored >= 0 && process->rows_logged > process->rows_stored
               ? (uint64_t)(process->rows_logged - process->rows_stored)
               : 0;
}

bool ps_is_inherited(const struct recording *recording, const struct recorded_process *process,
                     const char *text)
{
    const struct recorded_processes *table = &recording->processes;
    uint32_t index = UINT32_MAX;

    if (process->parent != NULL && process->parent[0] != '\0') {
        index = string_pool_find(&table->names, string_view_of(process->parent));
    }
    if (index == UINT32_MAX || process->made_by == NULL || strcmp(process->made_by, "exec") == 0 ||
        strcmp(process->made_by, "spawn") == 0) {
        return false;
    }
    const struct recorded_texts *parents = &table->processes[index].not_covered;
    for (size_t i = 0; i < parents->n; i++) {
        if (strcmp(parents->texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static uint64_t count_not_covered(const struct recording *recording,
                                  const struct recorded_process *process)
{
    uint64_t n = 0;
    for (size_t i = 0; i < process->not_covered.n; i++) {
        n += !ps_is_inherited(recording, process, process->not_covered.texts[i]);
    }
    return n;
}

static void add(struct ps_totals *totals, const struct recording *recording,
                const struct recorded_process *process)
{
    totals->rows_logged += process->rows_logged > 0 ? (uint64_t)process->rows_logged : 0;
    totals->rows_stored += process->rows_stored > 0 ? (uint64_t)process->rows_stored : 0;
    totals->rows_lost += ps_rows_lost(process);
    totals->n_not_covered += count_not_covered(recording, process);
    totals->n_timed_out += process->timed_out.n;
    totals->n_viewers += process->viewers.n;
}

struct ps_totals ps_totals_of(const struct recording *recording)
{
    const struct recorded_processes *table = &recording->processes;
    struct ps_totals totals = {
        .n_not_covered =
            recording->uncovered.n +
            (uint64_t)(recording->uncovered.n_more > 0 ? recording->uncovered.n_more : 0),
    };

    for (size_t i = 0; i < table->n; i++) {
        totals.n_processes += table->processes[i].has_begun && table->processes[i].head == i;
        add(&totals, recording, &table->processes[i]);
    }
    return totals;
}
