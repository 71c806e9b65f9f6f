/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names of timelines, each kept once, so that a thread's times need no text of their own.
 * Thread-safe, fork-safe; names are never dropped.
 */
#pragma once

#include "sdk/argument.h"

#define TIMELINE_MAX_NAME 255 /* bytes */
#define TIMELINE_MAX      1024

/* Numbers that every process has. 0 is no timeline. */
enum {
    TIMELINE_LOG_TIME = 1,
    TIMELINE_LOG_TICK = 2,
};

struct timeline {
    uint16_t size;
    char name[]; /* not terminated */
};

/*
 * Returns the number of the timeline with that name (1..TIMELINE_MAX_NAME bytes), which it gets
 * here if it is new; 0 when there are TIMELINE_MAX, or memory is short.
 */
uint16_t timeline_number(struct text name);

/* Returns the timeline with a number that timeline_number gave. */
const struct timeline *timeline_at(uint16_t number);
