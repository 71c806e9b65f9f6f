/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes of a recording as a tree: who made whom, how each ended, how much it logged.
 */
#pragma once

#include "harness/verify/process_columns.h"
#include "harness/verify/recording.h"
#include "harness/verify/terminal.h"

#define PROCESS_TREE_MAX_LINES 200 /* images that are written out; the rest is counted */

/* Writes the tree, one line for each image. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int process_tree_print(const struct terminal *terminal,
                                                           const struct recording *recording);

#define PROCESS_TREE_MAX_COLUMNS 12

/* What is written of each image, in the order of the columns; the tree is drawn in the first. */
struct process_tree_view {
    const enum process_column *columns;
    size_t n_columns; /* 1 to PROCESS_TREE_MAX_COLUMNS */
    bool has_titles;
    size_t max_lines;
};

/* The same as its caller wants it. */
__attribute__((warn_unused_result)) int
process_tree_print_view(const struct terminal *terminal, const struct recording *recording,
                        const struct process_tree_view *view);

/* Returns the colour of a process in all views: by its place in the order of births. */
enum hue process_tree_hue(const struct recording *recording, size_t head);
