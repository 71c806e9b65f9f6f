/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The `matrix` of a scenario: lists of values, of which each combination makes one case. A value is
 * written into the scenario where `{name}` stands.
 *
 * Plain data after reading: thread-safe as long as nobody changes it.
 */
#pragma once

#include "harness/verify/yaml_document.h"

#define MATRIX_MAX_AXES   8
#define MATRIX_MAX_VALUES 1000   /* of one axis */
#define MATRIX_MAX_CASES  100000 /* of one scenario */

struct matrix_axis {
    char *name;
    size_t n_values;
    char **values; /* printable, without braces, brackets, commas and '=' */
};

struct matrix {
    size_t n_axes;
    struct matrix_axis axes[MATRIX_MAX_AXES];
};

/* Reads the mapping at `node`, {name: [value, ...], ...}; a reader of a schema table, `into` being
 * a struct matrix that is empty. Errors: see schema.h; the matrix is to be freed in any case. */
__attribute__((warn_unused_result)) int matrix_read(struct yaml_document *document,
                                                    const yaml_node_t *node, void *into);

/* Frees everything. NULL does nothing. */
void matrix_done(struct matrix *matrix);

/* Returns how many cases there are: 1 without axes. */
size_t matrix_n_cases(const struct matrix *matrix);

/* Returns the value of axis `axis` in case `index`; the last axis changes fastest. */
const char *matrix_value(const struct matrix *matrix, size_t index, size_t axis);

/* Returns the name of a case, "[end=_exit,n=3]", "" without axes; NULL without memory. The caller
 * frees it. */
char *matrix_case_name(const struct matrix *matrix, size_t index);

/*
 * Writes the values of case `index` into all texts of the document where `{name}` stands, but not
 * below its key `matrix`. Other braces stay as they are. Returns 0; -EINVAL with document->fault: a
 * text would become longer than YAML_MAX_SIZE; -ENOMEM.
 */
__attribute__((warn_unused_result)) int matrix_apply(const struct matrix *matrix, size_t index,
                                                     struct yaml_document *document);
