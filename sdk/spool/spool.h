/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The writer's side of the spool, for SDK and shim.
 *
 * Both libraries contain this module and both export its table `lastword_spool_v1`. The dynamic
 * linker binds every use of that symbol to the first one loaded, so a process has one writer, one
 * set of thread-local state and one wiped page, whichever library came first. Always call through
 * the table.
 *
 * All functions are thread-safe, async-signal-safe, and safe in children made by fork, _Fork,
 * vfork, clone and clone(CLONE_VM), without any call in between. None allocates from the heap,
 * takes a lock that a fork could inherit, prints, or changes errno.
 */
#pragma once

#include "sdk/record/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A record being written: between begin and end. In the caller's memory, opaque but for the fast
 * path of spool_put. Must not outlive the call that began it.
 */
struct spool_cursor {
    uint8_t *at;   /* next byte of payload */
    uint8_t *end;  /* end of this window: of the payload, or of this fragment */
    void *record;  /* struct spool_record that is reserved */
    void *first;   /* FRAGMENT_FIRST of a large record, else NULL */
    uint64_t left; /* payload bytes after this window */
    uint64_t total;
    uint64_t time_ns;
    uint64_t signal_mask; /* as it was before a fragmented record */
    uint32_t message;
    uint16_t kind;
    int16_t error; /* 0, or the negative errno that `end` will return */
    void *side;    /* side file of a record larger than the spool */
};

struct spool_api {
    uint32_t version; /* 1 */
    uint32_t size;    /* sizeof(struct spool_api) of who made the table */

    /*
     * Makes sure that the family has its spool: finds the session in LASTWORD_SESSION, or makes one
     * if `create_session`, then makes the file and maps it. Cheap when done before. Errors: -ENOENT
     * no session and not asked to make one; -EACCES, -EPERM, -ELOOP the session directory is not
     * ours alone; -ENOSPC, -EROFS, -ENOMEM ... from the system calls. A failure is not repeated at
     * every row: it is remembered for this process until the next call with create_session.
     */
    int (*open)(bool create_session);

    /*
     * Reserves room for a record of `size` payload bytes (any multiple of 8 up to 1 TiB) and opens
     * `cursor` on it. Opens the spool if that has not happened (without making a session). time_ns:
     * CLOCK_REALTIME. Waits up to LASTWORD_FULL_WAIT when the spool is full and a courier serves
     * it. Errors: -ENOENT no session; -ENOSPC spool or file system full; -EMSGSIZE too large even
     * for a side file; what `open` says. Nothing is reserved then, and a refused row is counted
     * (RECORD_ROW only).
     */
    int (*begin)(struct spool_cursor *cursor, uint16_t kind, uint64_t time_ns, uint64_t size);

    /* The slow path of spool_put: the bytes cross the end of the window. */
    void (*put)(struct spool_cursor *cursor, const void *bytes, uint64_t size);

    /*
     * Commits: from here on the record outlives the process. Exactly `size` bytes must have been
     * put. Returns 0, or the first error since begin (then the record does not exist, and is
     * counted as refused).
     */
    int (*end)(struct spool_cursor *cursor);

    /*
     * Appends a definition (RECORD_DEFINE_*) to the family's definition blocks. `payload`: size
     * bytes, a multiple of 8, at most SPOOL_MAX_PAYLOAD. ret_copy (may be NULL) gets the address of
     * the payload in the spool, which stays valid and unchanged as long as the process and its
     * forked children live. Errors: as begin; -ENOSPC also when definitions hold a quarter of the
     * spool.
     */
    int (*define)(uint16_t kind, const void *payload, size_t size, const void **ret_copy);

    /* Returns a fresh id for a definition, unique in the family; 0 when there is no spool. */
    uint32_t (*next_id)(void);

    /*
     * The recording that exec'd programs should find: a payload that `define` gave back, or NULL.
     * Inherited by forked children.
     */
    void (*set_recording)(const struct record_recording *recording);
    const struct record_recording *(*get_recording)(void);

    /*
     * Waits until the courier has stored all that this process has logged, at most timeout_ms.
     * Returns 0 also when no courier serves the session (the rows are safe in the spool),
     * -ETIMEDOUT otherwise.
     */
    int (*wait_stored)(uint32_t timeout_ms);

    /* Number of this process in its family, from 1; claims it if needed; 0 without a spool. */
    uint64_t (*serial)(void);

    /*
     * True for one caller in each process: who then appends its PROCESS_START. Claims the process's
     * number if needed; false without a spool, and in a vfork child of a process that was
     * announced.
     */
    bool (*announce)(void);

    /*
     * Path of the session directory, static, "" if there is none; and the pid for which this
     * process's slot was claimed, 0 if none: in a vfork child it is the parent's.
     */
    const char *(*session)(void);
    uint32_t (*owner_pid)(void);

    /*
     * As wait_stored, but only for what the calling thread has logged, and at most timeout_ms and
     * LASTWORD_FLUSH_TIMEOUT (2 s). Waits for a courier that is still to come where the session was
     * named by LASTWORD_SESSION, but not twice in vain.
     */
    int (*wait_thread)(uint32_t timeout_ms);
};

/* Exported by liblastword.so and by liblastword-preload.so; the one loaded first serves both. */
extern const struct spool_api lastword_spool_v1 __attribute__((visibility("default")));

/* Appends `size` bytes to the record under the cursor. */
static inline void spool_put(struct spool_cursor *cursor, const void *bytes, size_t size)
{
    if (__builtin_expect(size <= (size_t)(cursor->end - cursor->at), 1)) {
        memcpy(cursor->at, bytes, size);
        cursor->at += size;
    } else {
        lastword_spool_v1.put(cursor, bytes, size);
    }
}

/* Appends the zeros that pad `size` bytes just put to a multiple of 8. */
static inline void spool_put_padding(struct spool_cursor *cursor, size_t size)
{
    static const uint8_t zeros[8];

    spool_put(cursor, zeros, -size & 7);
}
