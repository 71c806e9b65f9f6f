/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of timelines, filled from the front by compare-and-swap. It belongs to the process; a
 * forked child owns its own copy. No lock, no heap.
 */
#include "sdk/timeline.h"

#include "sdk/arena.h"

#include <stdatomic.h>
#include <string.h>

static const struct timeline log_time = {8, {"log_time"}};
static const struct timeline log_tick = {8, {"log_tick"}};

/* By number; the first place stays empty. */
static _Atomic(const struct timeline *) timelines[TIMELINE_MAX + 1] = {
    [TIMELINE_LOG_TIME] = &log_time,
    [TIMELINE_LOG_TICK] = &log_tick,
};

static const struct timeline *make(struct text name)
{
    struct timeline *timeline = arena_allocate(sizeof(*timeline) + name.size);

    if (!timeline)
        return NULL;
    timeline->size = (uint16_t)name.size;
    memcpy(timeline->name, name.bytes, name.size);
    return timeline;
}

uint16_t timeline_number(struct text name)
{
    const struct timeline *made = NULL;

    for (uint16_t number = 1; number <= TIMELINE_MAX; number++) {
        const struct timeline *found = atomic_load(&timelines[number]);

        if (!found) {
            if (!made)
                made = make(name);
            if (!made || atomic_compare_exchange_strong(&timelines[number], &found, made))
                return made ? number : 0;
        }
        /* Here `found` is whole, if only because another thread was faster. */
        if (found->size == name.size && !memcmp(found->name, name.bytes, name.size))
            return number;
    }
    return 0;
}

const struct timeline *timeline_at(uint16_t number)
{
    return atomic_load_explicit(&timelines[number], memory_order_acquire);
}
