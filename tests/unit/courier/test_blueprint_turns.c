/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blueprints that are seen in the wrong order are taken in the right one, and none waits for ever.
 */
#include "harness/courier/blueprint_turns.h"

#include <criterion/criterion.h>

Test(blueprint_turns, one_alone_waits_for_two_rounds)
{
    struct blueprint_turns turns = {0};

    cr_assert_not(blueprint_turns_take(&turns, 7, 7, 100));
    cr_assert_not(blueprint_turns_take(&turns, 7, 7, 100), "seen twice in a round");
    cr_assert_not(blueprint_turns_take(&turns, 8, 7, 100));
    cr_assert(blueprint_turns_take(&turns, 9, 7, 100));
}

/* The block of the earlier one stands behind, and was not known in the first round. */
Test(blueprint_turns, an_earlier_one_that_is_seen_later_goes_first)
{
    struct blueprint_turns turns = {0};

    cr_assert_not(blueprint_turns_take(&turns, 1, 1, 200));
    cr_assert_not(blueprint_turns_take(&turns, 2, 1, 200));
    cr_assert_not(blueprint_turns_take(&turns, 2, 2, 100));
    cr_assert_not(blueprint_turns_take(&turns, 3, 1, 200), "the earlier one was seen");
    cr_assert_not(blueprint_turns_take(&turns, 3, 2, 100));
    cr_assert_not(blueprint_turns_take(&turns, 4, 1, 200));
    cr_assert(blueprint_turns_take(&turns, 4, 2, 100));
    cr_assert_not(blueprint_turns_take(&turns, 5, 1, 200), "it was there a round ago");
    cr_assert(blueprint_turns_take(&turns, 6, 1, 200));
}

Test(blueprint_turns, one_that_vanished_keeps_nobody_waiting)
{
    struct blueprint_turns turns = {0};

    (void)blueprint_turns_take(&turns, 1, 1, 100);
    (void)blueprint_turns_take(&turns, 1, 1, 200);
    cr_assert_not(blueprint_turns_take(&turns, 2, 1, 200));
    cr_assert(blueprint_turns_take(&turns, 3, 1, 200));
}

/* A clock that goes back: others are always earlier. */
Test(blueprint_turns, none_waits_for_ever)
{
    struct blueprint_turns turns = {0};
    uint64_t round = 1;

    while (!blueprint_turns_take(&turns, round, 1, 1000000)) {
        (void)blueprint_turns_take(&turns, round, round, round);
        round++;
    }
    cr_assert_eq(round, 1 + BLUEPRINT_MAX_ROUNDS);
}

Test(blueprint_turns, those_that_wait_are_seen)
{
    struct blueprint_turns turns = {0};

    cr_assert_not(blueprint_turns_see(&turns, 1, 1000));
    (void)blueprint_turns_take(&turns, 5, 5, 100);
    cr_assert(blueprint_turns_see(&turns, 5, 101));
    cr_assert_not(blueprint_turns_see(&turns, 5, 100));
    cr_assert(blueprint_turns_see(&turns, 6, 101), "a round ago");
    (void)blueprint_turns_take(&turns, 6, 6, 300);
    cr_assert(blueprint_turns_see(&turns, 6, 101), "this round has another one");
    cr_assert_not(blueprint_turns_see(&turns, 8, 1000));
}
