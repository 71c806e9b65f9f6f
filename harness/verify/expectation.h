/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What must be in a recording: the content of an expectation file, or of a whole scenario file.
 * docs/verify.md is the reference of its keys.
 *
 * Plain data after loading: thread-safe as long as nobody changes it, but that one thread at a time
 * may use an expression.
 */
#pragma once

#include "harness/verify/box_format.h"
#include "harness/verify/ending.h"
#include "harness/verify/expected_times.h"
#include "harness/verify/expression.h"
#include "harness/verify/pattern.h"
#include "harness/verify/process_selector.h"
#include "harness/verify/run_plan.h"
#include "harness/verify/yaml_document.h"

#include <stdint.h>

#define EXPECTATION_MAX_ROWS    10000      /* entries of `expect` in one file */
#define EXPECTATION_MAX_COUNT   1000000000 /* of one entry */
#define EXPECTATION_MAX_ENDINGS 1000
#define EXPECTATION_TOLERANCE   1e-4 /* of box numbers, unless the entry says otherwise */

#define COUNT_UNLIMITED UINT64_MAX

/* One entry of `expect`: so many rows in each process that the selector covers. */
struct expected_row {
    struct yaml_place place;
    struct process_selector selector;
    struct pattern entity;
    uint64_t min_count, max_count; /* 0 <= min <= max, 1 <= max <= COUNT_UNLIMITED */
    /* What the row must hold; what is absent here is not looked at. */
    struct pattern text;
    struct expression *text_matches;       /* NULL: absent; not together with text */
    struct expression *label_matches;      /* NULL: absent; not together with labels */
    struct pattern recording, application; /* ids of the row's recording */
    struct expected_times at;
    bool has_static, is_static; /* a row without any time, or with */
    char *level;                /* NULL: absent */
    bool has_color;
    uint32_t color; /* 0xRRGGBBAA */
    bool has_boxes;
    enum box_format box_format;
    size_t n_boxes;
    double (*boxes)[4];
    double tolerance;
    bool has_labels;
    size_t n_labels;
    struct pattern *labels;
};

/* One entry of `ends`: each process that the selector covers must have ended so. */
struct expected_ending {
    struct yaml_place place;
    struct process_selector selector;
    struct ending ending;
};

struct expectation {
    char *path; /* for messages */
    char *about;
    struct placeholder_names names;
    /* For each name: several entries use it, so it means the same in all rows of a process;
     * else it is captured anew for each row. */
    bool is_shared[PATTERN_MAX_NAMES];
    size_t n_rows;
    struct expected_row *rows; /* at least one, in the order of the file */
    size_t n_forbidden;
    struct expected_row *forbidden; /* entries of `forbid`; their counts mean nothing */
    bool allows_others;             /* rows that no entry expects are no failure */
    size_t n_endings;
    struct expected_ending *endings;
    struct run_plan plan; /* how its program is run: for the scenario runner */
};

#define EXPECTATION_ONLY_CASE SIZE_MAX

/*
 * Reads an expectation file. `index`: the case of its matrix (see matrix.h), 0 without one;
 * EXPECTATION_ONLY_CASE: it may have one case only. Returns 0; -EINVAL when the file says something
 * that it may not; the errno of open(2) and read(2); -ENOMEM. On error `fault` holds one line with
 * file, line, column and remedy, and there is nothing to free.
 */
__attribute__((warn_unused_result)) int expectation_load(struct expectation *expectation,
                                                         const char *path, size_t index,
                                                         char fault[static YAML_FAULT_SIZE]);

/* The same for bytes in memory with one case; `name` stands for the file in messages. */
__attribute__((warn_unused_result)) int expectation_parse(struct expectation *expectation,
                                                          const char *name, const void *bytes,
                                                          size_t size,
                                                          char fault[static YAML_FAULT_SIZE]);

/* Frees everything. NULL does nothing. */
void expectation_done(struct expectation *expectation);

/* Frees one entry, of either list; for those who make entries by hand. NULL does nothing. */
void expected_row_done(struct expected_row *row);
