/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes of a recording for people.
 */
#pragma once

#include "harness/ps/ps_totals.h"
#include "harness/verify/terminal.h"

#define PS_MAX_LINES 2000 /* of processes, and of what follows them; the rest is counted */

/*
 * Writes a line for each process, in the order of the tree; then the programs that were not
 * covered, and what else is noted of processes; last the totals. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int ps_list_print(const struct terminal *terminal,
                                                      const struct recording *recording);
