/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The programs that the shim did not enter: what was said of them before, and who saw them end.
 */
#pragma once

#include "harness/courier/process_fate.h"

/* One of them. Pointers lead into the table or to literals. */
struct uncovered {
    uint32_t pid;
    enum uncovered_reason reason;
    const struct process *image_of; /* which exec'd it; NULL: none, or not known */
    const struct process *parent;   /* NULL not known */
    const char *made_by;            /* run, exec, spawn, unknown */
    uint64_t time_ns;   /* CLOCK_REALTIME of its exec if that was seen, else of its end */
    bool has_ended;     /* somebody saw it */
    bool by_supervisor; /* who: else its parent */
    int32_t wait_status;
    /* Where in the log its name stands; UINT64_MAX: nowhere. In this order: */
    uint64_t forecast_offset; /* RECORD_UNCOVERED: a path */
    uint64_t end_offset;      /* RECORD_PROCESS_END of image_of: the path that exec was given */
    uint64_t wait_offset;     /* EVENT_SUPERVISOR_SAW_END: a command */
};

/*
 * Finds them all, ordered by pid and time. `fates`: of the whole table. ret_list gets *ret_n of
 * them, to be freed by the caller; NULL if there are none. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int uncovered_find(const struct process_table *table,
                                                       const struct process_fate *fates,
                                                       struct uncovered **ret_list, size_t *ret_n);

/* The reason in words, as recordings and reports have it: "static". Never NULL. */
const char *uncovered_reason_text(enum uncovered_reason reason);
