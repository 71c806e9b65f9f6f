/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads the count of one entry of `expect`.
 */
#pragma once

#include "harness/verify/expectation.h"

/*
 * Reads "3", "at least 3", "at most 5" or "3 to 5" into the row's bounds. Returns 0; -EINVAL with
 * document->fault; -ENOMEM.
 */
__attribute__((warn_unused_result)) int expected_count_read(struct yaml_document *document,
                                                            const yaml_node_t *node,
                                                            struct expected_row *row);
