/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The life of this process, as the spool shall tell it: start, end, children's ends. All functions
 * keep errno, allocate nothing, and may be called in a forked child at once.
 */
#pragma once

#include "preload/caller.h"
#include "preload/env.h"
#include "sdk/record/record.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum phase {
    PHASE_NEW,
    PHASE_STARTING, /* in the constructor */
    PHASE_COVERED,
    PHASE_INERT, /* no session, disabled, or something is missing: every call goes straight through
                  */
};

/*
 * All state of the shim but what is thread-local. Written by start.c, and read-only from then on
 * but for the serial: it is compared with the spool's, so a forked child, which inherits its
 * parent's, has nothing to repair. What every child has to write lies in the spool's wiped page, in
 * its own.
 */
struct shim {
    _Atomic int phase;  /* enum phase */
    bool waits_at_end;  /* LASTWORD_WAIT */
    uint32_t max_stack; /* bytes of the last call's stack that are copied at most */
    bool flushes;       /* there is a provider: without one, no other state of theirs is touched */
    uint32_t flush_timeout_ms;
    bool has_sdk;       /* LASTWORD_SDK: programs linked with librerun_c.so are to get it */
    uint32_t user;      /* effective, at the start */
    const char *loader; /* path of the dynamic loader */
    const struct env_start *env;
    _Atomic uint64_t exiting; /* serial of the process that has called exit() */
};
extern struct shim shim;

/*
 * start.c: does the constructor's work if a wrapper is called before it, by the constructor of
 * another library; the program's arguments are not known then. Does nothing while that is going on.
 */
void start_early(void);

/*
 * Whether the shim does anything in this process. First thing in every wrapper, and what all other
 * functions here rest on.
 */
static inline bool process_covered(void)
{
    if (__builtin_expect(atomic_load_explicit(&shim.phase, memory_order_acquire) == PHASE_NEW, 0))
        start_early();
    return atomic_load_explicit(&shim.phase, memory_order_acquire) == PHASE_COVERED;
}

/* The pid and the parent's, as the kernel has them: getpid() may be somebody's who tells others. */
uint32_t process_pid(void);
uint32_t process_parent_pid(void);

/* CLOCK_REALTIME, by a system call. */
uint64_t process_now_ns(void);

/* How this process came into being. */
struct process_birth {
    enum process_made_by made_by;
    uint32_t parent_pid;
    uint64_t time_ns; /* of the call in the parent, where it is known: siblings sort by it */
};

/*
 * Appends PROCESS_START, if this process has not told it yet: of a child; of an image, with its
 * executable and its arguments (NUL-terminated each, `flags` START_*).
 */
void process_announce(const struct process_birth *birth);
void process_announce_image(struct env_part executable, struct env_part args, uint32_t flags);

/*
 * Whether the process on record is this one: a vfork child, or clone(CLONE_VM), lives in its
 * parent's memory, and has no life of its own to tell. A child that was made behind our back, by a
 * raw system call, is noticed here, and told.
 */
bool process_on_record(void);

/*
 * Appends PROCESS_END with the registers and the stack of the caller (NULL: unknown, then neither).
 * `text`: path of the new program for END_EXEC, else NULL. Returns whether it did: not unless
 * process_on_record.
 */
bool process_ending(enum process_end_kind kind, int status, const struct caller *caller,
                    const char *text);
/* Takes the last END back: exec or daemon failed. Only after process_ending returned true. */
void process_ending_cancelled(void);
/* Whether this process has called exit(): then its destructors are no return from main. */
bool process_exit_seen(void);
/* With LASTWORD_WAIT: waits until the courier has stored our rows, at most LASTWORD_FLUSH_TIMEOUT.
 */
void process_wait_stored(void);

/* A program that the shim will not be in. */
struct process_forecast {
    uint32_t pid;
    enum uncovered_reason reason;
    uint64_t time_ns; /* 0: now */
    const char *path;
};

/* Appends UNCOVERED. For vfork children too: it is their parent's spool that they append to. */
void process_uncovered(const struct process_forecast *forecast);

/* Appends a NOTE, cut at RECORD_MAX_NOTE bytes. Not for an empty text, nor unless
 * process_on_record. */
void process_note(enum note_kind kind, const char *text);

/* A child was reaped; `wait_status` as waitpid gives it. Ignores stops and continues. */
void process_child_ended(pid_t pid, int wait_status);
