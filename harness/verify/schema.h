/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a YAML mapping may say: one table of keys for each kind of mapping, and readers for the
 * values that are found in many of them.
 *
 * All readers return 0, -EINVAL with document->fault naming file, line, column and remedy, or
 * -ENOMEM; `ret_` and `into` are only written on success, but by schema_read_mapping, which fills
 * `into` key by key: the caller frees what it got also after an error. Not thread-safe.
 */
#pragma once

#include "harness/verify/yaml_document.h"

#include <stdint.h>

/* One key of a mapping. */
struct schema_key {
    const char *name;
    bool is_required;
    /* Reads the value into the caller's struct. */
    int (*read)(struct yaml_document *document, const yaml_node_t *value, void *into);
};

#define SCHEMA_MAX_KEYS 64 /* in one table */

/* A kind of mapping. */
struct schema {
    const char *what; /* for messages, with its article: "an expectation" */
    const struct schema_key *keys;
    size_t n_keys; /* up to SCHEMA_MAX_KEYS */
};

/*
 * Reads a mapping: each key must be in the table and stand there once, required ones must stand
 * there; each value goes to its key's `read`, in the order of the file.
 */
__attribute__((warn_unused_result)) int schema_read_mapping(struct yaml_document *document,
                                                            const yaml_node_t *node,
                                                            const struct schema *schema,
                                                            void *into);

/* Returns how many items a list has; 0: it is none. */
size_t schema_n_items(const yaml_node_t *node);

/* Calls `read` for each item of a list of min..max items, in order, with the same `into`. */
__attribute__((warn_unused_result)) int
schema_read_list(struct yaml_document *document, const yaml_node_t *node, size_t min, size_t max,
                 int (*read)(struct yaml_document *, const yaml_node_t *, void *), void *into);

/*
 * Tells how many pairs a mapping has whose keys are its author's own: 1..max. For messages:
 * `example`, a whole mapping, and `what` its pairs are ("entries").
 */
__attribute__((warn_unused_result)) int schema_count_pairs(struct yaml_document *document,
                                                           const yaml_node_t *node,
                                                           const char *example, const char *what,
                                                           size_t max, size_t *ret_n);

/* Calls `read` for each pair of a mapping, in order, with the same `into`. */
__attribute__((warn_unused_result)) int
schema_read_pairs(struct yaml_document *document, const yaml_node_t *node,
                  int (*read)(struct yaml_document *, const yaml_node_pair_t *, void *),
                  void *into);

/* A scalar of any kind as text: not empty, without NUL. The caller frees it. */
__attribute__((warn_unused_result)) int schema_read_text(struct yaml_document *document,
                                                         const yaml_node_t *node, char **ret_text);

/* A scalar that may be empty ("" is a value; nothing at all after the key is not). */
__attribute__((warn_unused_result)) int
schema_read_any_text(struct yaml_document *document, const yaml_node_t *node, char **ret_text);

/* A decimal integer in min..max and nothing else: no spaces, no "3x", no "3.0". */
__attribute__((warn_unused_result)) int schema_read_integer(struct yaml_document *document,
                                                            const yaml_node_t *node, int64_t min,
                                                            int64_t max, int64_t *ret_value);

/* A finite decimal number and nothing else. */
__attribute__((warn_unused_result)) int
schema_read_number(struct yaml_document *document, const yaml_node_t *node, double *ret_value);

/* A span of time with its unit, 500ms, 20s, 2m, 1h: at least 1 ms. */
__attribute__((warn_unused_result)) int
schema_read_duration(struct yaml_document *document, const yaml_node_t *node, int64_t *ret_ms);

/*
 * Returns that of n names which one would have meant by writing `word`, or NULL when none is near:
 * at most a third of its letters changed, missing, swapped or too many. `name_at` gives name i.
 */
const char *schema_nearest(const char *word, size_t n,
                           const char *(*name_at)(const void *context, size_t i),
                           const void *context);
