/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sums over processes. No state.
 */
#include "harness/ps/ps_totals.h"

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

static void add(struct ps_totals *totals, const struct recorded_process *process)
{
    totals->rows_logged += process->rows_logged > 0 ? (uint64_t)process->rows_logged : 0;
    totals->rows_stored += process->rows_stored > 0 ? (uint64_t)process->rows_stored : 0;
    totals->rows_lost += ps_rows_lost(process);
    totals->n_not_covered += process->not_covered.n;
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
        add(&totals, &table->processes[i]);
    }
    return totals;
}
