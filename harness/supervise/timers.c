/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Deadlines without descriptors. Owned by the thread whose loop it serves.
 */
#include "harness/supervise/timers.h"

#include <limits.h>
#include <time.h>

#define NEVER INT64_MAX

int64_t timers_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void timers_clear(struct timers *timers)
{
    for (unsigned i = 0; i < TIMERS_MAX; i++) {
        timers->due_ms[i] = NEVER;
    }
}

void timers_set(struct timers *timers, unsigned timer, int64_t in_ms)
{
    timers->due_ms[timer] = timers_now_ms() + in_ms;
}

void timers_unset(struct timers *timers, unsigned timer)
{
    timers->due_ms[timer] = NEVER;
}

bool timers_is_set(const struct timers *timers, unsigned timer)
{
    return timers->due_ms[timer] != NEVER;
}

int timers_poll_timeout(const struct timers *timers)
{
    int64_t first_ms = NEVER;

    for (unsigned i = 0; i < TIMERS_MAX; i++) {
        first_ms = timers->due_ms[i] < first_ms ? timers->due_ms[i] : first_ms;
    }
    if (first_ms == NEVER) {
        return -1;
    }
    int64_t left_ms = first_ms - timers_now_ms();
    return left_ms < 0 ? 0 : left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

int timers_take_due(struct timers *timers)
{
    int64_t now_ms = timers_now_ms();

    for (unsigned i = 0; i < TIMERS_MAX; i++) {
        if (timers->due_ms[i] <= now_ms) {
            timers->due_ms[i] = NEVER;
            return (int)i;
        }
    }
    return -1;
}
