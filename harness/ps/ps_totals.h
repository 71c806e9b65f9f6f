/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the processes of a recording come to.
 */
#pragma once

#include "harness/verify/recording.h"

struct ps_totals {
    size_t n_processes; /* several images of one counted once; of those that told of themselves */
    uint64_t rows_logged, rows_stored, rows_lost;
    uint64_t n_not_covered; /* programs without the shim, and notes that something is not safe,
                               where they were made: what a fork inherits is no news */
    uint64_t n_timed_out, n_viewers;
};

/* Says whether a recording tells of processes at all: others than ours do not. */
bool ps_has_processes(const struct recording *recording);

/* Adds up. A process of which no count is known adds nothing. */
struct ps_totals ps_totals_of(const struct recording *recording);

/* Says whether a process has what `text` says of it from its parent. */
bool ps_is_inherited(const struct recording *recording, const struct recorded_process *process,
                     const char *text);

/* Rows of a process that are missing: 0 where that is not known. */
uint64_t ps_rows_lost(const struct recorded_process *process);
