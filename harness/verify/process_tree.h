/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes of a recording as a tree: who made whom, how each ended, how much it logged.
 */
#pragma once

#include "harness/verify/recording.h"
#include "harness/verify/terminal.h"

#define PROCESS_TREE_MAX_LINES 200 /* images that are written out; the rest is counted */

/* Writes the tree, one line for each image. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int process_tree_print(const struct terminal *terminal,
                                                           const struct recording *recording);

/* Returns the colour of a process in all views: by its place in the order of births. */
enum hue process_tree_hue(const struct recording *recording, size_t head);
