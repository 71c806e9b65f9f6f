/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Taking turns. Nothing is kept of a blueprint that is not seen any more, as its spool was cut: it
 * cannot keep others waiting.
 */
#include "harness/courier/blueprint_turns.h"

/* Was that one the round before? There was none before the first. */
static bool is_last(const struct blueprint_turns *turns, uint64_t round)
{
    return turns->round > 0 && turns->round + 1 == round;
}

static void begin_round(struct blueprint_turns *turns, uint64_t round)
{
    turns->earliest_before = is_last(turns, round) ? turns->earliest : UINT64_MAX;
    turns->earliest = UINT64_MAX;
    turns->round = round;
}

bool blueprint_turns_take(struct blueprint_turns *turns, uint64_t round, uint64_t first_round,
                          uint64_t time_ns)
{
    if (turns->round != round)
        begin_round(turns, round);
    if (time_ns < turns->earliest)
        turns->earliest = time_ns;
    return first_round + 2 <= round &&
           (time_ns <= turns->earliest_before || first_round + BLUEPRINT_MAX_ROUNDS <= round);
}

bool blueprint_turns_see(const struct blueprint_turns *turns, uint64_t round, uint64_t time_ns)
{
    if (turns->round != round)
        return is_last(turns, round) && turns->earliest < time_ns;
    return turns->earliest < time_ns || turns->earliest_before < time_ns;
}
