/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Arrow schemas as Rerun writes them, made with nanoarrow.
 *
 * A schema must have been initialised (ArrowSchemaInit, or as the child of one) and is released by
 * the caller, on errors too. Thread-safe. All return 0, -ENOMEM, or -EINVAL for names with a NUL
 * inside.
 */
#pragma once

#include "harness/wire/chunk_encoder.h"
#include "sdk/record/datatype.h"

struct ArrowSchema;

/* A pair of metadata whose key is a C string. */
#define CHUNK_METADATA(k, v) ((struct chunk_metadata){string_view_of(k), (v)})

/* Makes `schema` a struct of n fields, as the schema of a record batch is one. */
__attribute__((warn_unused_result)) int arrow_schema_set_struct(struct ArrowSchema *schema,
                                                                size_t n_fields);

/* Gives the schema the flat tree's type, names and nullable flags. The tree must have passed
 * datatype_check. */
__attribute__((warn_unused_result)) int
arrow_schema_set_datatype(struct ArrowSchema *schema, const struct datatype_node *nodes);

/* Makes the schema a nullable List of the flat tree, as a component column is. */
__attribute__((warn_unused_result)) int arrow_schema_set_list(struct ArrowSchema *schema,
                                                              const struct datatype_node *nodes);

/* Makes the schema the nullable type of a timeline. */
__attribute__((warn_unused_result)) int arrow_schema_set_time(struct ArrowSchema *schema,
                                                              enum time_type type);

/* Sets the name; bytes that are not UTF-8 are mended, as in the metadata, since readers refuse the
 * whole chunk for them. */
__attribute__((warn_unused_result)) int arrow_schema_set_name(struct ArrowSchema *schema,
                                                              struct string_view name);

/*
 * Sets the metadata, in alphabetical order of the keys whatever order they come in (`pairs` is
 * sorted in place). Returns -EEXIST when a key comes twice.
 */
__attribute__((warn_unused_result)) int
arrow_schema_set_metadata(struct ArrowSchema *schema, struct chunk_metadata *pairs, size_t n_pairs);

/* Type and name of the column of row ids, then its metadata. */
__attribute__((warn_unused_result)) int arrow_schema_set_row_id(struct ArrowSchema *schema);
__attribute__((warn_unused_result)) int arrow_schema_set_row_id_metadata(struct ArrowSchema *schema,
                                                                         bool is_sorted);

/* Type and name of a timeline, then its metadata. */
__attribute__((warn_unused_result)) int
arrow_schema_set_timeline(struct ArrowSchema *schema, struct string_view name, enum time_type type);
__attribute__((warn_unused_result)) int
arrow_schema_set_timeline_metadata(struct ArrowSchema *schema, bool is_sorted);

/* Counts the flatbuffers tables that the schema takes in a message: fields, types, and pairs of
 * metadata. */
size_t arrow_schema_count_tables(const struct ArrowSchema *schema);
