/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the calling thread's rows stand on the timelines of each stream. A forked child has the
 * times of the thread that forked. Rows may be logged from a signal handler at any moment; only the
 * thread itself sets times.
 */
#pragma once

#include "sdk/stream.h"
#include "sdk/timeline.h"

/* Timelines that a thread can have set at once, in all streams. */
#ifndef TIMES_MAX
#define TIMES_MAX 32
#endif

/* And in one of them: what a row can have, less log_tick. */
#define TIMES_MAX_PER_STREAM (RECORD_MAX_TIMELINES - 1)

/* The times of one row. */
struct times {
    uint32_t n_times;
    uint32_t names_size; /* bytes of all names together */
    struct times_entry {
        const struct timeline *timeline;
        int64_t value;
        uint16_t type; /* RR_TIME_TYPE_* */
    } entries[TIMES_MAX_PER_STREAM + 1];
};

/*
 * Collects the thread's times on the stream, and its next log_tick where that is on. What the SDK
 * itself puts on log_time and log_tick takes precedence over what the program has set there.
 */
void times_collect(struct stream *stream, struct times *ret_times);

/* Collects only those that the program has set; nothing is counted. */
void times_collect_set(const struct stream *stream, struct times *ret_times);

/* Sets one; false when that would be more than TIMES_MAX, TIMES_MAX_PER_STREAM or TIMELINE_MAX. */
bool times_set(struct stream *stream, struct text timeline, rr_time_type type, int64_t value);

/* Forgets one, if it is set; and all of the stream. */
void times_disable(struct stream *stream, struct text timeline);
void times_reset(struct stream *stream);
