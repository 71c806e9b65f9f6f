/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Recordings made for tests, row by row, by the encoder of harness/wire: processes as the courier
 * writes them, texts and boxes. Each row is a chunk of its own. Ends the test program on trouble.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/chunk_encoder.h"
#include "harness/wire/tuid.h"

#include <stdbool.h>
#include <stdint.h>

#define MADE_MAX_TIMES 4

/* A time besides log_time. */
struct made_time {
    const char *timeline;
    enum time_type type;
    int64_t value;
};

struct recording_maker {
    struct buffer bytes;
    const char *recording_id;
    uint64_t next_id; /* of chunks, and of rows that are given none */
    int64_t time_ns;  /* log_time of the next row; grows by a millisecond with each */
    bool is_static;   /* rows have no times at all */
    size_t n_times;
    struct made_time times[MADE_MAX_TIMES]; /* of the rows that follow */
};

/* What a process's first row says; NULL and 0 are left out. */
struct made_process {
    const char *name; /* "00000000000000aa.1" */
    int64_t pid, parent_pid;
    const char *parent, *image_of, *made_by, *executable;
    const char *args[8];
};

/* What its last row says. */
struct made_end {
    const char *name, *ended_by, *seen_by, *target;
    int64_t status, rows_logged, rows_stored;
};

/* Notes of a process, in a row of their own. */
struct made_notes {
    const char *providers[4], *not_covered[4], *timed_out[4], *viewers[4];
};

/* A program that was not covered; or, if `more` is not 0, the number of others. */
struct made_uncovered {
    int64_t pid;
    const char *parent, *image_of, *made_by, *executable, *reason, *ended_by;
    int64_t status, more;
};

struct made_text {
    const char *process; /* NULL: the chunk names none */
    const char *entity, *text, *level;
    uint32_t color;  /* 0 none */
    uint64_t row_id; /* 0: the next one */
};

struct made_boxes {
    const char *process, *entity;
    uint32_t n;
    const float (*centers)[2]; /* NULL: left out */
    const float (*half_sizes)[2];
    uint32_t n_labels;
    const char *const *labels;
    uint32_t n_colors;
    const uint32_t *colors;
};

/* Begins a recording with its header and store. `recording_id` is not copied. */
void recording_maker_init(struct recording_maker *maker, const char *recording_id);
void recording_maker_done(struct recording_maker *maker);

void make_process(struct recording_maker *maker, const struct made_process *process);
void make_end(struct recording_maker *maker, const struct made_end *end);
void make_notes(struct recording_maker *maker, const char *process, const struct made_notes *notes);
void make_uncovered(struct recording_maker *maker, const struct made_uncovered *uncovered);
void make_text(struct recording_maker *maker, const struct made_text *text);
void make_boxes(struct recording_maker *maker, const struct made_boxes *boxes);

/* One box written as XYWH. */
void make_box(struct recording_maker *maker, const char *process, const char *entity,
              const float xywh[static 4], const char *label);

/* Writes what there is to a new temporary file and returns its path, which the caller removes and
 * frees. */
char *recording_maker_save(const struct recording_maker *maker);
