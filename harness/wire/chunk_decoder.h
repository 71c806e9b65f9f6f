/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads an ArrowMsg into a chunk whose every part was checked: nothing that a chunk holds can lead
 * outside its memory.
 *
 * Not thread-safe. A chunk and all views of it are good until the next call on its decoder, and as
 * long as the message's own bytes are.
 */
#pragma once

#include "harness/wire/chunk_encoder.h"
#include "harness/wire/message.h"
#include "harness/wire/rrd_error.h"
#include "harness/wire/string_view.h"
#include "harness/wire/tuid.h"
#include "sdk/record/datatype.h"

struct ArrowArrayView;
struct chunk_decoder;

/* The time column of one timeline. */
struct chunk_times {
    struct string_view name;
    enum time_type type;
    const int64_t *values; /* one a row, never null */
    bool is_sorted;        /* as the chunk claims */
};

/* A component. Its cells, one a row, are lists of values. */
struct chunk_column {
    struct column_descriptor descriptor; /* archetype and component_type may be empty */
    const struct ArrowArrayView *view;   /* the list array */
};

struct chunk {
    struct store_id store; /* application_id is empty if the message leaves it out */
    struct tuid id;
    struct string_view entity_path;
    size_t n_rows; /* may be 0 */
    const struct tuid *row_ids;
    size_t n_metadata; /* all of the schema's metadata, Rerun's own keys included */
    const struct chunk_metadata *metadata;
    size_t n_timelines; /* 0: static */
    const struct chunk_times *timelines;
    size_t n_columns;
    const struct chunk_column *columns;
    uint64_t uncompressed_size; /* bytes of the IPC stream */
};

#define CHUNK_MAX_UNCOMPRESSED ((size_t)2 << 30) /* bytes; larger claims are refused */

/* Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int chunk_decoder_create(struct chunk_decoder **ret_decoder);
void chunk_decoder_destroy(struct chunk_decoder *decoder);

/*
 * Decodes the payload of an RRD_ARROW_MSG frame. `message` may be any bytes.
 * Returns 0; -EBADMSG: damaged, or not a chunk as Rerun defines it; -ENOTSUP: whole but of a kind
 * that is not read (Arrow types that Rerun does not use); -E2BIG: above CHUNK_MAX_UNCOMPRESSED;
 * -ENOMEM. `error` (may be NULL) says what is wrong, without file and offset, which the caller
 * knows.
 */
__attribute__((warn_unused_result)) int chunk_decoder_decode(struct chunk_decoder *decoder,
                                                             struct string_view message,
                                                             struct chunk *ret_chunk,
                                                             struct rrd_error *error);

/* Returns the value of a metadata key; empty with data NULL when there is none. */
struct string_view chunk_find_metadata(const struct chunk *chunk, const char *key);

/* Returns the component or timeline of that name ("TextLog:text", "log_time"), or NULL. */
const struct chunk_column *chunk_find_column(const struct chunk *chunk, const char *component);
const struct chunk_times *chunk_find_timeline(const struct chunk *chunk, const char *name);

/*
 * A run of values of one type: the list in a cell, or the elements of one of its values.
 */
struct chunk_values {
    const struct ArrowArrayView *view;
    int64_t first;
    size_t n;
    bool is_null; /* the whole list is null: not logged in this row; n is 0 then */
};

/* Returns the cell of a row (below chunk->n_rows). */
struct chunk_values chunk_cell(const struct chunk_column *column, size_t row);

/* Returns the kind of the values (enum datatype_kind). */
enum datatype_kind chunk_values_kind(const struct chunk_values *values);

/* Tells whether value i (below n) is null. */
bool chunk_value_is_null(const struct chunk_values *values, size_t i);

/*
 * Read value i (below n). Return 0; -EINVAL when the values are of another kind (int: all integers,
 * timestamps and durations; float: the three float kinds); -ENODATA when it is null; -ERANGE for an
 * unsigned number above INT64_MAX. bytes: UTF8, BINARY and FIXED_SIZE_BINARY; text is what the file
 * holds, not checked to be UTF-8.
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
 * The elements of value i: of a list, or of a fixed-size list (a Vec2 has two floats). Returns 0,
 * -EINVAL when the values are no lists, -ENODATA when value i is null.
 */
__attribute__((warn_unused_result)) int chunk_value_elements(const struct chunk_values *values,
                                                             size_t i,
                                                             struct chunk_values *ret_elements);

/* The same run in field `field` of a struct. Returns 0, -EINVAL when the values are no structs,
 * -ENOENT. */
__attribute__((warn_unused_result)) int chunk_values_field(const struct chunk_values *values,
                                                           const char *field,
                                                           struct chunk_values *ret_field);
