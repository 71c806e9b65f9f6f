/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads the boxes of one entry of `expect`.
 */
#pragma once

#include "harness/verify/expectation.h"

/*
 * Reads a list of four numbers, or a list of such lists, into the row, which becomes their owner.
 * Returns 0; -EINVAL with document->fault, also when the row has boxes already; -ENOMEM.
 */
__attribute__((warn_unused_result)) int expected_boxes_read(struct yaml_document *document,
                                                            const yaml_node_t *node,
                                                            enum box_format format,
                                                            struct expected_row *row);
