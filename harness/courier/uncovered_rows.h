/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The programs that the shim did not enter, as rows of a recording: UNCOVERED_ENTITY of
 * process_schema.h.
 */
#pragma once

#include "harness/courier/process_rows.h"
#include "harness/courier/uncovered.h"

/*
 * Looks at the files of programs of which no reason is known but a path is: they are still there
 * mostly. Of UNCOVERED_MAX_ROWS at most.
 */
void uncovered_look(struct process_rows *rows, struct uncovered *list, size_t n);

/*
 * Appends a row for each of the n programs, UNCOVERED_MAX_ROWS at most, and one that counts the
 * others. Returns 0, -E2BIG, -ENOMEM, or the negative errno of pread(2).
 */
__attribute__((warn_unused_result)) int uncovered_rows_append(struct process_rows *rows,
                                                              const struct uncovered *list,
                                                              size_t n, struct buffer *out);

/* The path of a program, or at least a name: a view into rows->bytes, empty if not known. */
struct string_view uncovered_name(struct process_rows *rows, const struct uncovered *uncovered);
