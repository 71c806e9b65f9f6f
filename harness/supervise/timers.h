/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A few points in time at which something is due, for a loop that waits in poll().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TIMERS_MAX 8

/* By CLOCK_MONOTONIC. In the caller's memory, begun by timers_clear. `timer`: 0 to TIMERS_MAX - 1.
 */
struct timers {
    int64_t due_ms[TIMERS_MAX];
};

int64_t timers_now_ms(void);

void timers_clear(struct timers *timers);
void timers_set(struct timers *timers, unsigned timer, int64_t in_ms);
void timers_unset(struct timers *timers, unsigned timer);
bool timers_is_set(const struct timers *timers, unsigned timer);

/* Milliseconds until the first is due, as poll() wants them: -1 for ever. */
int timers_poll_timeout(const struct timers *timers);

/* Unsets one that is due and returns its number, -1 if there is none. */
int timers_take_due(struct timers *timers);
