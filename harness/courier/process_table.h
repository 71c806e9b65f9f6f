/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes of a session: who they are, what they and others said of them, and what was read
 * from them.
 *
 * Made from events alone, so a courier that starts again makes the same table from the event log.
 * What takes room (arguments, stacks) stays in the log; here is where to find it.
 */
#pragma once

#include "harness/courier/event_log.h"
#include "harness/process_schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROCESS_NAME_SIZE 40 /* "FAMILY.SERIAL" and NUL */

/* Where a note of a process stands in the log. */
struct process_note {
    uint16_t kind; /* enum note_kind */
    uint64_t time_ns;
    uint64_t offset;
};

/* One image of a process: what exec made, or a fork of it. */
struct process {
    uint64_t family;
    uint64_t serial;
    char name[PROCESS_NAME_SIZE];
    uint32_t pid; /* 0: only rows are known of it */
    uint32_t parent_pid;
    uint64_t parent_serial; /* in the same family; 0: the one that made it */
    uint64_t claimed_ns;    /* CLOCK_BOOTTIME */
    uint64_t start_ns;      /* CLOCK_REALTIME of its START, else of its first sign of life */
    bool has_start;
    uint32_t made_by;      /* enum process_made_by */
    uint64_t start_offset; /* of RECORD_PROCESS_START in the log */
    bool has_end;
    uint32_t end_kind; /* enum process_end_kind */
    int32_t end_status;
    uint64_t end_ns;
    uint64_t end_offset; /* of RECORD_PROCESS_END in the log */
    bool is_gone;
    uint64_t gone_ns;
    uint64_t rows_damaged;
    uint64_t rows_refused;      /* of the whole family; serial 1 only */
    struct process_note *notes; /* its own, PROCESS_MAX_NOTES at most of each kind */
    size_t n_notes, notes_capacity;

    /* Not from events. */
    uint64_t rows_stored;   /* in the recording, or on the way to it */
    uint64_t next_row_inc;  /* of its next RowId */
    uint64_t block_rows;    /* rows that its closed blocks say they hold */
    uint64_t block_records; /* rows that were found in them */
    struct process *next;   /* in its bucket */
};

/* A wait status that somebody got. */
struct process_wait {
    uint32_t pid;
    int32_t status;
    uint64_t time_ns;
    bool by_supervisor;
    uint64_t offset; /* in the log */
};

/* What was said of a program that the shim will not enter (struct record_uncovered). */
struct process_forecast {
    uint32_t pid;
    uint16_t reason; /* enum uncovered_reason */
    uint64_t time_ns;
    uint64_t offset;         /* in the log: its path stands there */
    uint64_t family, serial; /* who said it; 0 the supervisor */
};

struct process_table {
    struct process **buckets;
    size_t n_buckets;
    struct process **all; /* in the order in which they were found */
    size_t n, capacity;
    struct process_wait *waits;
    size_t n_waits, waits_capacity;
    struct process_forecast *forecasts;
    size_t n_forecasts, forecasts_capacity;
    uint32_t root_pid; /* 0 unknown */
};

/* Makes an empty table in the caller's memory; allocates nothing. */
void process_table_init(struct process_table *table);
void process_table_done(struct process_table *table);

/* Finds a process, or returns NULL. It stays where it is as long as the table. */
struct process *process_table_find(const struct process_table *table, uint64_t family,
                                   uint64_t serial);

/* As find, but makes it if there is none. NULL: out of memory. */
struct process *process_table_get(struct process_table *table, uint64_t family, uint64_t serial);

/*
 * Takes in one event, which stands at `offset` in the log. Kinds that do not concern processes are
 * passed over. Returns 0; -EBADMSG: the payload is too short for its kind; -ENOMEM.
 */
__attribute__((warn_unused_result)) int process_table_apply(struct process_table *table,
                                                            const struct event *event,
                                                            const void *payload, size_t size,
                                                            uint64_t offset);
