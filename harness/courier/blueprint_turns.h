/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * In which order blueprints of different processes are taken in: the one that is activated last is
 * shown, so a process that waits for its child and then sends a blueprint must come behind it.
 * Spools are read block by block, which keeps the order of a thread only; rows have their RowIds
 * for that.
 *
 * A round looks at every spool. What was sent before a blueprint is seen in the round after the one
 * that saw it, at the latest; so it waits for two, and for all earlier ones that were seen.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BLUEPRINT_MAX_ROUNDS 100u /* that one waits, whatever the clock does */

/* Zeros are the beginning. */
struct blueprint_turns {
    uint64_t round;           /* in which one was seen last; from 1 */
    uint64_t earliest;        /* time of the earliest one seen in it */
    uint64_t earliest_before; /* in the round before; UINT64_MAX: none */
};

/*
 * Is it the turn of this blueprint? Called for each one in each round in which it is seen, until
 * then. first_round: in which it was seen first; time_ns: of its record.
 */
bool blueprint_turns_take(struct blueprint_turns *turns, uint64_t round, uint64_t first_round,
                          uint64_t time_ns);

/* Was a blueprint of before `time_ns` seen in this round so far, or in the round before? */
bool blueprint_turns_see(const struct blueprint_turns *turns, uint64_t round, uint64_t time_ns);
