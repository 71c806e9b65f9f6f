/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Processes as rows of a recording: what process_schema.h promises.
 */
#pragma once

#include "harness/courier/event_log.h"
#include "harness/courier/process_fate.h"
#include "harness/wire/chunk_encoder.h"

/* Where the rows go, and what is needed on the way. */
struct process_rows {
    const struct event_log *log;
    const struct process_table *processes; /* for what forked children inherit */
    struct store_id store;
    bool record_args; /* false: leave the arguments out */
    struct tuid_generator *ids;
    struct chunk_workspace *workspace;
    struct buffer bytes; /* of one event; init and done by the caller */
};

/*
 * Appends the row of the beginning and the row of the end of one process to `out`. What the log
 * holds of it may be damaged: then those columns are empty. Returns 0, -E2BIG, -ENOMEM, or the
 * negative errno of pread(2).
 */
__attribute__((warn_unused_result)) int
process_rows_append(struct process_rows *rows, const struct process_fate *fate, struct buffer *out);

/* The payload of the event at `offset`, if it is of that kind: a view into rows->bytes. */
struct string_view process_rows_event(struct process_rows *rows, uint64_t offset, uint16_t kind);

/* The path that a process gave to its last exec: a view into rows->bytes, empty if unknown. */
struct string_view process_rows_target(struct process_rows *rows, const struct process *process);

/* The executable of a process, as its START says: a view into rows->bytes, empty if unknown. */
struct string_view process_rows_executable(struct process_rows *rows,
                                           const struct process *process);
