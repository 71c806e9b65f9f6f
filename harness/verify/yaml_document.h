/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A YAML file as a tree of nodes that know where they stand.
 *
 * A file holds exactly one document, and no more than YAML_MAX_SIZE bytes. Aliases (`*name`) are
 * refused: with them a small file can stand for gigabytes, and a node can be its own descendant. So
 * what is read from the nodes takes memory in proportion to the file. Not thread-safe.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#define YAML_MAX_SIZE   ((size_t)1 << 20) /* bytes of a file */
#define YAML_MAX_DEPTH  32                /* lists and mappings inside each other */
#define YAML_FAULT_SIZE 768

/* Where something stands in its file, both from 1; columns count characters. */
struct yaml_place {
    size_t line, column;
};

struct yaml_document {
    char *name; /* of the file, for messages */
    bool is_parsed;
    yaml_document_t tree;
    char fault[YAML_FAULT_SIZE]; /* why the last call failed: "FILE:LINE:COLUMN: what", one line */
};

/*
 * Reads and parses a file. Returns 0; -EINVAL: no YAML, empty, too large, aliases, or more
 * than one document; the errno of open(2) and read(2); -ENOMEM. On error document->fault says more,
 * and yaml_document_done is still to be called.
 */
__attribute__((warn_unused_result)) int yaml_document_open(struct yaml_document *document,
                                                           const char *path);

/* The same for bytes in memory, which need not outlive the call. `name` is copied. */
__attribute__((warn_unused_result)) int yaml_document_parse(struct yaml_document *document,
                                                            const char *name, const void *bytes,
                                                            size_t size);

/* Frees everything; the nodes are gone then. NULL does nothing. */
void yaml_document_done(struct yaml_document *document);

/* Returns the outermost node; never NULL once the document was parsed. */
const yaml_node_t *yaml_document_root(struct yaml_document *document);

/* Returns the node of that id, which must come from a node of the same document. */
const yaml_node_t *yaml_document_node(struct yaml_document *document, int id);

/* Returns the value of that key of the outermost mapping, or NULL. */
const yaml_node_t *yaml_document_value(struct yaml_document *document, const char *key);

struct yaml_place yaml_node_place(const yaml_node_t *node);

/*
 * Notes what is wrong at a node (NULL: with the file as a whole) in document->fault.
 * Returns -EINVAL, so that a reader can end by `return yaml_document_refuse(...)`.
 */
__attribute__((format(printf, 3, 4))) int yaml_document_refuse(struct yaml_document *document,
                                                               const yaml_node_t *node,
                                                               const char *format, ...);
