/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Values of a decoded chunk: runs of one type, inside the memory of the chunk's decoder. They are
 * good as long as the chunk is. Thread-safe.
 */
#pragma once

#include "harness/wire/string_view.h"
#include "sdk/record/datatype.h"

#include <stdbool.h>
#include <stdint.h>

struct ArrowArrayView;

/* A run of values: the list in a cell, or the elements of one of its values. */
struct chunk_values {
    const struct ArrowArrayView *view;
    int64_t first;
    size_t n;
    bool is_null; /* the whole list is null: not logged in this row; n is 0 then */
};

/* Returns the list in row `row` of a list array, as chunk columns have one. */
struct chunk_values chunk_values_of_row(const struct ArrowArrayView *lists, size_t row);

/*
 * Returns the kind of the values; timestamps, durations, times and dates are INT32 or INT64 here,
 * intervals of months INT32, other intervals and decimals FORMATTED. 0 is an Arrow type that has no
 * kind: the decoder lets no such chunk pass.
 */
enum datatype_kind chunk_values_kind(const struct chunk_values *values);

/* Tells whether value i (below n) is null. */
bool chunk_value_is_null(const struct chunk_values *values, size_t i);

/*
 * Read value i (below n). Return 0; -EINVAL when the values are of another kind (int: all integers,
 * timestamps and durations; float: the three float kinds); -ENODATA when it is null; -ERANGE for an
 * unsigned number above INT64_MAX. bytes: UTF8, BINARY, their LARGE relatives, FIXED_SIZE_BINARY
 * and FORMATTED; text is what the file holds, not checked to be UTF-8.
 */
__attribute__((warn_unused_result)) int chunk_value_int(const struct chunk_values *values, size_t i,
                                                        int64_t *ret_value);
__attribute__((warn_unused_result)) int chunk_value_float(const struct chunk_values *values,
                                                          size_t i, double *ret_value);
__attribute__((warn_unused_result)) int chunk_value_bool(const struct chunk_values *values,
                                                         size_t i, bool *ret_value);
__attribute__((warn_unused_result)) int chunk_value_bytes(const struct chunk_values *values,
                                                          size_t i, struct string_view *ret_value);

/*
 * The elements of value i: of a list, of a fixed-size list (a Vec2 has two floats), or the entries
 * of a map. Returns 0, -EINVAL when the values are no lists, -ENODATA when value i is null.
 */
__attribute__((warn_unused_result)) int chunk_value_elements(const struct chunk_values *values,
                                                             size_t i,
                                                             struct chunk_values *ret_elements);

/*
 * Value i of a union, as a run of one value of the type that it has. It may be null. Returns 0,
 * -EINVAL when the values are no unions, -EBADMSG when it lies behind its child's values.
 */
__attribute__((warn_unused_result)) int
chunk_value_of_union(const struct chunk_values *values, size_t i, struct chunk_values *ret_value);

/* The same run in field number `field` of a struct. Returns 0, -EINVAL when the values are no
 * structs, -ENOENT. */
__attribute__((warn_unused_result)) int
chunk_values_field(const struct chunk_values *values, size_t field, struct chunk_values *ret_field);
