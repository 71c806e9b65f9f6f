/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which processes are the program's: our descendants, but for the courier and for children that we
 * had before there was a program.
 */
#pragma once

#include "harness/supervise/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct descendants {
    const char *session;  /* borrowed; not NULL: also what names it in its environment */
    const pid_t *courier; /* borrowed; what it points to may change; 0: none */
    pid_t *strangers;     /* children from before; owned, with room for the courier behind them */
    size_t n_strangers;
};

/*
 * Looks for strangers, so call it before the program is started: lastword may have been exec'd by a
 * process that had children, as in `exec lastword run -- PROG > >(tee log)`. They are ours by
 * inheritance, but nobody asked us to wait for them. Errors: -ENOMEM.
 */
__attribute__((warn_unused_result)) int descendants_init(struct descendants *descendants,
                                                         const char *session, const pid_t *courier);
void descendants_done(struct descendants *descendants);

/* Those that live now; see tree_scan. */
__attribute__((warn_unused_result)) int descendants_scan(const struct descendants *descendants,
                                                         struct tree *ret_tree);

/* How many live now, or a negative errno where /proc is missing. */
long descendants_count(const struct descendants *descendants);

/* Ends those that are our children now; see tree_kill_children. */
void descendants_kill_children(const struct descendants *descendants);

/* Whether `pid` is one of them now. */
bool descendants_contain(const struct descendants *descendants, pid_t pid);

/*
 * To be told of each child that was reaped, since its pid may pass on to one of the program's.
 * Returns whether it was a stranger.
 */
bool descendants_forget_stranger(struct descendants *descendants, pid_t pid);
