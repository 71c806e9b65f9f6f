/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows in words, expected and recorded ones alike: `/task_1 box_xywh [20, 25, 30, 40] label "a"`.
 */
#pragma once

#include "harness/verify/row_comparison.h"
#include "harness/verify/terminal.h"

/* Writes all that an entry asks for. */
void row_text_print_expected(const struct terminal *terminal, const struct expected_row *row);

/* Writes all that is known of a row, boxes in the given format. */
void row_text_print_recorded(const struct terminal *terminal, const struct recorded_row *row,
                             enum box_format format);

/* Returns the word for a field: "text", "box_xywh". */
const char *row_text_field_name(const struct expected_row *expected, enum row_field field);

/* Write one field of either; "none" where a row does not have it. */
void row_text_print_expected_field(const struct terminal *terminal, const struct expected_row *row,
                                   enum row_field field);
void row_text_print_recorded_field(const struct terminal *terminal, const struct recorded_row *row,
                                   enum row_field field, enum box_format format);
