/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who was whose child, and how each process ended: what follows from all that is in the process
 * table, as of now.
 */
#pragma once

#include "harness/courier/process_table.h"

/* Of one process of the table; all pointers lead into it or to literals. */
struct process_fate {
    const struct process *process;
    const struct process *parent;   /* NULL unknown */
    const struct process *image_of; /* the image before, in the same process; NULL none */
    const char *made_by;            /* as PROCESS_MADE_BY */
    const char *ended_by;           /* as PROCESS_ENDED_BY */
    const char *seen_by;            /* as PROCESS_SEEN_BY */
    int64_t status;                 /* as PROCESS_STATUS */
    uint64_t end_ns;                /* CLOCK_REALTIME, the best that is known */
    int32_t wait_status;            /* as waitpid gives it; -1 nobody saw it */
    bool is_bad;                    /* ended by a signal or abort, or nobody saw how */
    bool is_lost_sight_of;          /* became another program, of which nothing was seen */
};

/*
 * Works out the fates of all processes, in the table's order. `ret_fates` gets table->n of them, to
 * be freed by the caller (NULL when there are none). now_ns: CLOCK_REALTIME, for the rows of
 * those that still run. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int
process_fates(const struct process_table *table, uint64_t now_ns, struct process_fate **ret_fates);

/* Tells how many processes there were, several images of one counted once. */
size_t process_fates_count(const struct process_fate *fates, size_t n);
