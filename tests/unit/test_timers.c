/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Deadlines: when the loop wakes, and what is due then. */
#include "harness/supervise/timers.h"

#include <criterion/criterion.h>
#include <limits.h>

static struct timers timers;

static void clear(void)
{
    timers_clear(&timers);
}

TestSuite(timers, .init = clear);

Test(timers, none_is_for_ever)
{
    cr_expect_eq(timers_poll_timeout(&timers), -1);
    cr_expect_eq(timers_take_due(&timers), -1);
    cr_expect_not(timers_is_set(&timers, 0));
}

Test(timers, the_first_counts)
{
    timers_set(&timers, 0, 3600000);
    timers_set(&timers, 5, 60000);
    cr_expect(timers_is_set(&timers, 5));
    cr_expect_geq(timers_poll_timeout(&timers), 59000);
    cr_expect_leq(timers_poll_timeout(&timers), 60000);
    cr_expect_eq(timers_take_due(&timers), -1);
    timers_unset(&timers, 5);
    cr_expect_gt(timers_poll_timeout(&timers), 3500000);
}

Test(timers, what_is_due_is_taken_once)
{
    timers_set(&timers, 7, 0);
    timers_set(&timers, 2, -5);
    cr_expect_eq(timers_poll_timeout(&timers), 0);
    cr_expect_eq(timers_take_due(&timers), 2);
    cr_expect_eq(timers_take_due(&timers), 7);
    cr_expect_eq(timers_take_due(&timers), -1);
}

Test(timers, a_year_fits_into_poll)
{
    timers_set(&timers, 1, 365LL * 24 * 3600 * 1000);
    cr_expect_eq(timers_poll_timeout(&timers), INT_MAX);
}
