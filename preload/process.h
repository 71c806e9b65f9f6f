/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The life of this process, as the spool shall tell it: start, end, children's ends. All functions
 * keep errno, allocate nothing, and may be called in a fork child at once.
 */
#pragma once

#include "preload/caller.h"
#include "preload/env.h"
#include "sdk/record/record.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Whether the shim does anything in this process: it has a session, is not disabled, and found the
 * functions behind its own. First thing in every wrapper. When another library's constructor calls
 * a wrapper before our own constructor has run, this does the constructor's work; while that is
 * going on it answers false.
 */
bool process_covered(void);

/* What exec'd programs shall find, path of our dynamic loader. Valid once process_covered. */
const struct env_start *process_env_start(void);
const char *process_loader(void);

/*
 * Appends PROCESS_END with the registers and the stack of the caller (NULL: unknown, then neither).
 * `text`: path of the new program for END_EXEC, else NULL. Returns false, and appends nothing, when
 * this is not the process on record: a vfork child, or clone(CLONE_VM), lives in its parent's
 * memory, and its end is not the parent's.
 */
bool process_ending(enum process_end_kind kind, int status, const struct caller *caller,
                    const char *text);
/* Takes the last END back: the exec failed. Only after process_ending returned true. */
void process_ending_cancelled(void);
/* With LASTWORD_WAIT: waits until the courier has stored our rows, at most LASTWORD_FLUSH_TIMEOUT.
 */
void process_wait_stored(void);
/* From exit() on the destructor has nothing to tell any more. Whether that is so. */
bool process_exit_seen(void);

/* A child was reaped; `wait_status` as waitpid gives it. Ignores stops and continues. */
void process_child_ended(pid_t pid, int wait_status);

/*
 * The bracket around a call that forks: all signals stay blocked from before the fork until the
 * child has told its start, so that no handler runs in a process that does not know who it is.
 */
struct fork_bracket {
    bool covered;
    sigset_t mask; /* the program's */
    uint64_t serial;
};
void process_before_fork(struct fork_bracket *bracket, enum process_made_by made_by,
                         const struct caller *caller);
/* In the parent, in the child, and after a failed fork alike. */
void process_after_fork(const struct fork_bracket *bracket);
