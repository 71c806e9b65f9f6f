/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One row of a recording, as far as an expectation can speak of it: TextLog and Boxes2D.
 * Plain data in memory of its own; thread-safe as long as nobody changes it.
 */
#pragma once

#include "harness/verify/box_format.h"
#include "harness/wire/chunk_decoder.h"

#include <stdint.h>

struct recorded_time {
    struct string_view timeline;
    enum time_type type;
    int64_t value;
};

struct recorded_row {
    struct tuid id;
    const char *entity; /* of the recording's own pool, as the ids and the component below */
    struct string_view recording_id, application_id; /* data is never NULL */
    const char *component; /* name of its first component: "Scalars:scalars" */
    bool has_log_time;
    int64_t log_time_ns;
    size_t n_times; /* one on each of its timelines; 0: static */
    struct recorded_time *times;
    /* A member that was not logged, or cleared, is absent. Texts have data that is never NULL. */
    bool has_text, has_level, has_boxes, has_labels;
    struct string_view text, level;
    size_t n_colors; /* of the text or of the boxes; 0xRRGGBBAA */
    uint32_t *colors;
    size_t n_boxes; /* as many as half sizes; where centres are fewer the last one repeats */
    struct box *boxes;
    size_t n_labels;
    struct string_view *labels;
    void *memory; /* holds all of the above */
    size_t memory_size;
};

/*
 * Reads row `row` of a chunk and copies what it needs; entity, ids and component are the caller's
 * to set. Returns 0; -EBADMSG: a component of TextLog or Boxes2D has another Arrow type than
 * Rerun's; -ENOMEM. On error there is nothing to free.
 */
__attribute__((warn_unused_result)) int recorded_row_read(struct recorded_row *ret_row,
                                                          const struct chunk *chunk, size_t row);

void recorded_row_done(struct recorded_row *row);
