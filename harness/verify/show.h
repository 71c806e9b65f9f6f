/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A whole recording for the eye: the tree of processes, what each logged as text, and its boxes to
 * scale with their labels.
 */
#pragma once

#include "harness/verify/recording.h"
#include "harness/verify/terminal.h"

#define SHOW_MAX_TEXTS 100  /* of one process */
#define SHOW_MAX_BOXES 1000 /* in the picture */

/* Writes all three, each only when there is something. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int show_print(const struct terminal *terminal,
                                                   const struct recording *recording);
