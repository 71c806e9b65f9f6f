/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes what arrived into a scenario file, as its new expectations.
 */
#pragma once

#include "harness/verify/expectation.h"
#include "harness/verify/recording.h"

/*
 * Replaces the keys `ends` and `expect` of the file by what the recording holds: an entry for each
 * row, with {pid} and {recording_id} where those stand, an ending for each process. All other lines
 * stay, comments between the replaced ones do not. The file is replaced as a whole.
 *
 * Returns 0; -EINVAL: the file has a matrix, which would be lost, or is one mapping in braces,
 * whose keys share lines, or rows were not kept; the
 * errno of open(2), write(2), rename(2); -ENOMEM. On error `fault` has one line, and the file is as
 * it was.
 */
__attribute__((warn_unused_result)) int update_scenario(const struct expectation *scenario,
                                                        const struct recording *recording,
                                                        char fault[static YAML_FAULT_SIZE]);
