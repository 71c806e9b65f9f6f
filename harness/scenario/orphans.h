/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What dying supervisors leave to the runner, which is the subreaper: programs, and the courier
 * that completes their recording. Not thread-safe: waits for children.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* In the caller's memory; begin with zeros. */
struct orphans {
    pid_t *others; /* children that are none, supervisors too once `end` runs; owned */
    size_t n_strangers;
};

/*
 * Notes the children that there are before anything is started: `exec lastword test > >(tee log)`
 * has one, which is nobody's orphan. Up to max_supervisors may be named later. Errors: -ENOMEM.
 */
__attribute__((warn_unused_result)) int orphans_init(struct orphans *orphans,
                                                     size_t max_supervisors);

/*
 * Ends all children, and all below them, but for strangers and the supervisors given, which live:
 * SIGKILL for programs; a courier has 10 s to finish, so that its session does not stay. Returns
 * when they are gone and reaped.
 */
void orphans_end(struct orphans *orphans, const pid_t *supervisors, size_t n_supervisors);

/* Frees. NULL does nothing. */
void orphans_done(struct orphans *orphans);
