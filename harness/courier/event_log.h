/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is known of the session's processes: SESSION/processes, one event after the other.
 *
 * Spools are removed as soon as their processes are gone, and the recording gets the processes'
 * rows only at the end, so what they said is kept here meanwhile. Committed together with rows: the
 * journal says up to where the file counts. Events are appended to memory first and reach the file
 * with the next commit.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "sdk/record/record.h"

#define EVENT_LOG_NAME "processes" /* in the session directory */

/*
 * Kinds: those records of the spool that are kept as they are (RECORD_PROCESS_*,
 * RECORD_CHILD_ENDED, RECORD_NOTE, RECORD_UNCOVERED, RECORD_DEFINE_RECORDING), and the courier's
 * own.
 */
enum event_kind {
    EVENT_PROCESS = 256,      /* struct event_process: its slot was found */
    EVENT_PROCESS_GONE,       /* no payload: it does not live any more */
    EVENT_SUPERVISOR_SAW_END, /* struct event_saw_end */
    EVENT_ROOT,               /* struct record_child_ended, of which only pid counts */
    EVENT_DAMAGED,            /* struct event_rows: of this process, more that cannot be read */
    EVENT_REFUSED,            /* struct event_rows: of the family in all; serial is 1 */
    EVENT_BLUEPRINT, /* struct event_blueprint: a blueprint was sent on a stream of the family */
};

struct event {
    uint32_t size; /* with this header, multiple of 8 */
    uint16_t kind; /* enum event_kind or record_kind */
    uint16_t reserved;
    uint64_t family;
    uint64_t serial;  /* of the process in its family; 0: of none */
    uint64_t time_ns; /* CLOCK_REALTIME */
};

struct event_process {
    uint32_t pid;
    uint32_t parent_pid;
    uint64_t parent_serial;
    uint64_t claimed_ns; /* CLOCK_BOOTTIME */
};

struct event_saw_end {
    struct record_child_ended ended;
    char command[16]; /* of the process, NUL-terminated; "" not known */
};

struct event_rows {
    uint64_t n_rows;
};

/* Followed by a StoreId (message.h), store_size bytes. */
struct event_blueprint {
    uint32_t recording_id; /* of the stream's definition */
    uint32_t store_size;
};

struct event_log {
    int file;
    uint64_t size;         /* bytes committed */
    uint64_t reserved;     /* bytes for which there is room on the file system */
    struct buffer pending; /* not committed, to be written behind `size` */
};

/*
 * Opens the log of a session, or makes it, and cuts it to the `size` bytes that are committed.
 * Returns 0; -EBADMSG: it is shorter than that, or not a regular file; others of open(2).
 */
__attribute__((warn_unused_result)) int event_log_open(struct event_log *log, int session,
                                                       uint64_t size);
void event_log_close(struct event_log *log);
void event_log_remove(int session);

/*
 * Appends an event; event->size is filled in. The payload is copied and padded. ret_offset gets
 * where it will stand in the file. Returns 0; -EBADMSG: more than EVENT_MAX_PAYLOAD bytes; -ENOMEM;
 * -E2BIG: more than EVENT_LOG_MAX_PENDING bytes wait: commit first.
 */
#define EVENT_LOG_MAX_PENDING ((size_t)16 << 20)
#define EVENT_MAX_PAYLOAD     ((size_t)32 << 10) /* bytes; the shim's largest is below 9 KiB */
__attribute__((warn_unused_result)) int event_log_append(struct event_log *log,
                                                         const struct event *event,
                                                         const void *payload, size_t size,
                                                         uint64_t *ret_offset);

/*
 * Takes room for events to come, if it is getting short: where programs fill the file system with
 * rows, no row could be committed otherwise. Returns 0 or the negative errno of fallocate(2).
 */
__attribute__((warn_unused_result)) int event_log_reserve(struct event_log *log);

/* Writes what waits; it counts, and is forgotten here, with event_log_committed. Returns 0 or the
 * negative errno of pwrite(2). */
__attribute__((warn_unused_result)) int event_log_write(struct event_log *log);
void event_log_committed(struct event_log *log);

/*
 * Reads the event at `offset` and its payload (8-aligned) into `bytes`, which it replaces.
 * Returns 1; 0 at the end of what is committed; -EBADMSG: damaged; -ENOMEM; or what pread(2) says.
 */
__attribute__((warn_unused_result)) int event_log_read(const struct event_log *log, uint64_t offset,
                                                       struct buffer *bytes);
