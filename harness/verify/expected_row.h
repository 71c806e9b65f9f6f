/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads one entry of `expect` or `forbid`.
 */
#pragma once

#include "harness/verify/expectation.h"

/*
 * Reads the mapping at `node`. Returns 0; -EINVAL with document->fault; -ENOMEM. On error `row` is
 * empty again.
 */
__attribute__((warn_unused_result)) int expected_row_read(struct yaml_document *document,
                                                          const yaml_node_t *node,
                                                          struct placeholder_names *names,
                                                          struct expected_row *row);

/* The same for an entry of `forbid`, which counts neither rows nor processes. */
__attribute__((warn_unused_result)) int forbidden_row_read(struct yaml_document *document,
                                                           const yaml_node_t *node,
                                                           struct placeholder_names *names,
                                                           struct expected_row *row);

/* Reads a scalar as a process selector. */
__attribute__((warn_unused_result)) int selector_read(struct yaml_document *document,
                                                      const yaml_node_t *node,
                                                      struct process_selector *ret_selector);
