/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * When a row must lie on its timelines: `at: {frame: 3, sim_time: 0.5s to 1s}`.
 */
#pragma once

#include "harness/verify/recorded_row.h"
#include "harness/verify/yaml_document.h"

#define EXPECTED_TIMES_MAX 64 /* timelines in one entry */

struct expected_time {
    char *timeline;
    char *source; /* the value as written */
    enum time_type type;
    int64_t min, max; /* both inclusive */
};

struct expected_times {
    size_t n; /* 0: nothing is asked */
    struct expected_time *times;
};

/*
 * Reads the mapping at `node`. Returns 0; -EINVAL with document->fault; -ENOMEM. In any case
 * `times` is to be freed by expected_times_done.
 */
__attribute__((warn_unused_result)) int expected_times_read(struct yaml_document *document,
                                                            const yaml_node_t *node,
                                                            struct expected_times *times);
void expected_times_done(struct expected_times *times);

/* Tells whether a row is on all of the timelines, at a time that was asked for. */
bool expected_times_match(const struct expected_times *times, const struct recorded_row *row);
