/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the files of the spool writer share. docs/spool.md tells the whole protocol.
 *
 * Three kinds of state, by what fork does to them:
 *   struct spool_state    ordinary memory: forked children inherit it, and it is right for them too
 *   struct spool_wiped    a page that the kernel zeroes in a forked child (MADV_WIPEONFORK): who
 * this process is struct spool_thread   thread-local: valid only while its serial equals the wiped
 * page's
 */
#pragma once

#include "sdk/spool/session.h"
#include "sdk/spool/spool.h"
#include "sdk/spool/spool_format.h"

#include <signal.h>

#define SPOOL_HIDDEN __attribute__((visibility("hidden")))

struct spool_wiped {
    _Atomic uint64_t serial; /* this process in its family; 0: has not claimed its slot yet */
    _Atomic uint32_t slot;
    _Atomic uint32_t pid;          /* for which the slot was claimed */
    _Atomic uint32_t announced;    /* 1: somebody has appended, or is about to, the PROCESS_START */
    _Atomic uint32_t claiming;     /* 1 while a thread claims the slot */
    _Atomic uint32_t opening;      /* 1 while a thread makes the family's file */
    _Atomic uint32_t next_message; /* fragmented records and side files */
    _Atomic uint32_t checks_pid;   /* kernel without MADV_WIPEONFORK: compare pids instead */
};

struct spool_state {
    struct spool_wiped *_Atomic wiped;
    struct spool_header
        *_Atomic header;    /* NULL until the family's file is mapped; then never changes */
    _Atomic int open_error; /* 0, or why the last attempt failed */
    _Atomic(const struct record_recording *) recording;
    _Atomic uint64_t stalled_at; /* 1 + the progress after which a wait for room was in vain */
    bool expects_courier;        /* somebody named the session: a courier serves it, or will */
    uint32_t full_wait_ms;
    uint32_t flush_timeout_ms;
    _Atomic uint64_t waited_at; /* 1 + the progress during which wait_thread waited in vain */
    uint64_t requested_size;    /* of the file; 0 the default */
    char session[SESSION_PATH_SIZE];
    char path[SESSION_PATH_SIZE + 64]; /* of the spool, for the bell */
};

struct spool_thread {
    uint64_t serial; /* of the process for which `block` was claimed; UINT64_MAX: none yet */
    uint64_t
        chain; /* of `block`, as it was claimed: another number there says that it was taken back */
    struct spool_block *block;
};

extern SPOOL_HIDDEN struct spool_state spool_state;
extern SPOOL_HIDDEN _Thread_local struct spool_thread spool_thread
    __attribute__((tls_model("initial-exec")));

/* Blocks all signals; returns the mask to restore. A handler that logs would spin on a half-done
 * claim. */
SPOOL_HIDDEN uint64_t signals_block(void);
SPOOL_HIDDEN void signals_restore(uint64_t mask);

/* state.c: reads the environment and makes the wiped page; idempotent. */
SPOOL_HIDDEN int state_init(void);

/* family.c: makes and maps the family's file in the session. */
SPOOL_HIDDEN int family_open(bool create_session);
/*
 * Puts one huge page behind region 0, whatever the system's setting for them, and keeps what is
 * there: one page fault instead of 512, and nothing to unmap page by page when a process ends.
 * False where the kernel (before 6.1) or the file system cannot, or has no huge page to give: then
 * small pages serve. 0.3 ms, but 5 ms where other cores are busy, since the kernel drains their
 * page lists: not for the path of a row.
 */
SPOOL_HIDDEN bool family_collapse(void);
/* Makes sure that the directories of regions up to `region` have memory; 0, -ENOSPC. */
SPOOL_HIDDEN int directory_back(uint32_t region);
/* Puts memory behind `size` bytes at `address` of the mapping; 0, -ENOSPC. Never SIGBUS. */
SPOOL_HIDDEN int family_back(void *address, size_t size);

/* process.c: claims a slot for this process unless it has one; 0, -ENOSPC. Signals must be blocked.
 */
SPOOL_HIDDEN int process_claim(void);

/* block.c */
#define BLOCK_FIRST_HALF (SPOOL_BLOCK_SIZE / 2)
/*
 * Takes a block for `state` (SPOOL_OWNED or SPOOL_DEFINITIONS). ret_index gets it with memory
 * behind, its header filled, records all zero. 0, -ENOSPC. Signals must be blocked.
 */
SPOOL_HIDDEN int block_claim(enum spool_block_state state, uint32_t *ret_index);
/* Reserves a record of `size` bytes, header included; NULL when it does not fit. */
SPOOL_HIDDEN struct spool_record *block_reserve(struct spool_block *block, uint32_t size);
/* Closes the block: nothing can be reserved in it any more. */
SPOOL_HIDDEN void block_seal(struct spool_block *block);
/* The offset at which the next record would begin. */
SPOOL_HIDDEN uint32_t block_end(struct spool_block *block);
/* Makes sure that a record of `size` bytes fits, with memory behind it, unless the block is full.
 */
SPOOL_HIDDEN bool block_make_room(struct spool_block *block, uint32_t size);

/* wait.c */
/*
 * The spool was full after `seen` was read from header.progress: waits for the courier's next
 * progress, at most until *deadline_ns, which the first call sets (0 before) from
 * LASTWORD_FULL_WAIT. 0: try again; -ENOSPC: no courier, or the time is over.
 */
SPOOL_HIDDEN int room_wait(uint32_t seen, uint64_t *deadline_ns);
SPOOL_HIDDEN int wait_stored(uint32_t timeout_ms);
SPOOL_HIDDEN int wait_thread(uint32_t timeout_ms);

/* definition.c, fragment.c, side_file.c: rows of struct spool_api and of writer.c. */
SPOOL_HIDDEN int definition_append(uint16_t kind, const void *payload, size_t size,
                                   const void **ret_copy);
SPOOL_HIDDEN int fragments_begin(struct spool_cursor *cursor);
SPOOL_HIDDEN void fragments_put(struct spool_cursor *cursor, const void *bytes, uint64_t size);
SPOOL_HIDDEN int fragments_end(struct spool_cursor *cursor);
SPOOL_HIDDEN int side_file_begin(struct spool_cursor *cursor);
SPOOL_HIDDEN int side_file_end(struct spool_cursor *cursor);

/*
 * writer.c: makes sure that this thread owns a block of this process with `size` bytes of room;
 * signals must be blocked. 0, -ENOENT, -ENOSPC.
 */
SPOOL_HIDDEN int thread_prepare(uint32_t size);
