/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the index of one store says: where each chunk lies, and which times it has of which timeline
 * and component.
 *
 * Chunks are added in the order of the file. Memory grows with the number of chunks, and with that
 * of timelines and components, not with rows. Not thread-safe. Source: rerun 0.41, re_log_encoding,
 * RrdManifestBuilder; docs/wire.md.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "harness/wire/chunk.h"
#include "harness/wire/key_index.h"
#include "harness/wire/rrd_error.h"

#include <nanoarrow/nanoarrow.h>

/* Where a chunk's message is in the file. */
struct manifest_place {
    uint64_t
        offset;    /* bytes from the start of the file to the protobuf, behind the frame's header */
    uint64_t size; /* bytes of the protobuf */
};

struct manifest_chunk {
    uint32_t entity; /* number of its path in manifest.entities */
    bool is_static;
    struct tuid id;
    uint64_t n_rows;
    uint64_t uncompressed_size;
    struct manifest_place place;
};

/* The times that one chunk has on a timeline, or of a component on it. */
struct manifest_range {
    uint32_t chunk;
    uint64_t n_rows;    /* with a list that is not null */
    int64_t start, end; /* inclusive; only when n_rows is not 0 */
};

struct manifest_timeline {
    struct string_view name;
    enum time_type type;
    struct buffer ranges; /* struct manifest_range */
};

/* A component by its descriptor, on whatever entities. */
struct manifest_component {
    struct column_descriptor descriptor;
    struct buffer static_chunks; /* uint32_t */
};

/* A component on a timeline. */
struct manifest_pair {
    uint32_t timeline, component;
    struct buffer ranges; /* struct manifest_range */
};

/* A component of an entity: a column of the recording's schema. */
struct manifest_field {
    uint32_t entity, component;
    struct ArrowSchema type; /* the list, own copy */
    bool is_static;          /* in any chunk */
    bool is_empty;           /* in all chunks: nothing but nulls and empty lists */
};

/* Elements found by key: element i belongs to key i. */
struct manifest_set {
    struct key_index keys;
    struct buffer elements;
};

struct manifest {
    struct store_id store;
    struct buffer chunks;           /* struct manifest_chunk */
    struct key_index entities;      /* paths */
    struct manifest_set timelines;  /* by name */
    struct manifest_set components; /* by descriptor */
    struct manifest_set pairs;      /* by timeline and component */
    struct manifest_set fields;     /* by entity, component and type */
    struct buffer key;              /* one being made */
};

/* `store` is copied, its strings must outlive the manifest. */
void manifest_init(struct manifest *manifest, const struct store_id *store);
void manifest_done(struct manifest *manifest);

/*
 * Adds a chunk of the store. Returns 0; -ENOMEM; -ENOTSUP when a timeline had another type before:
 * then no index can be made (`error`, may be NULL, names it). The manifest is of no use after an
 * error.
 */
__attribute__((warn_unused_result)) int manifest_add(struct manifest *manifest,
                                                     const struct chunk *chunk,
                                                     struct manifest_place place,
                                                     struct rrd_error *error);

/* The sets' elements, and how many. */
size_t manifest_count(const struct manifest_set *set);
struct manifest_timeline *manifest_timeline_at(const struct manifest *manifest, size_t i);
struct manifest_component *manifest_component_at(const struct manifest *manifest, size_t i);
struct manifest_pair *manifest_pair_at(const struct manifest *manifest, size_t i);
struct manifest_field *manifest_field_at(const struct manifest *manifest, size_t i);
struct manifest_chunk *manifest_chunk_at(const struct manifest *manifest, size_t i);
size_t manifest_n_chunks(const struct manifest *manifest);
