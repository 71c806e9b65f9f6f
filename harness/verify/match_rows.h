/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Judges the rows of one process. A part of match.
 */
#pragma once

#include "harness/verify/match.h"

/* Adds a finding for each row of the process that is not as expected. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int match_rows_run(struct match *match,
                                                       struct row_comparison *comparison,
                                                       const struct recording *recording,
                                                       size_t head);

/* Adds a copy of a finding. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int match_add(struct match *match,
                                                  const struct finding *finding);
