/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Axes are read by hand, since their names are the author's. Values are put into the nodes of the
 * document, so that whatever reads them later knows nothing of a matrix. No state.
 */
#include "harness/verify/matrix.h"

#include "harness/cleanup.h"
#include "harness/verify/schema.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --- Reading ---------------------------------------------------------------------------------- */

/* A placeholder's name, so that no value can be mistaken for one of pattern.h's own. */
static int check_name(struct yaml_document *document, const yaml_node_t *node,
                      const struct matrix *matrix, const char *name)
{
    static const char *const taken[] = {"pid", "tid", "recording_id"};

    if (!isalpha((unsigned char)name[0]) ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
            strlen(name)) {
        return yaml_document_refuse(document, node,
                                    "'%.60s' is no name for an axis; write a letter, then letters, "
                                    "digits and '_'",
                                    name);
    }
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(name, taken[i]) == 0) {
            return yaml_document_refuse(
                document, node, "{%s} has a meaning already; call the axis otherwise", name);
        }
    }
    for (size_t i = 0; i < matrix->n_axes; i++) {
        if (strcmp(matrix->axes[i].name, name) == 0) {
            return yaml_document_refuse(document, node, "'%.60s' stands here twice", name);
        }
    }
    return 0;
}

/* Values stand in names of cases, which people type and reports print. */
static int read_value(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct matrix_axis *axis = into;
    CLEANUP(free_pointer) char *value = NULL;
    int error = schema_read_any_text(document, node, &value);
    if (error < 0) {
        return error;
    }
    for (const char *c = value; *c != '\0'; c++) {
        if (strchr("{}[],=", *c) != NULL || (unsigned char)*c < 0x20 || *c == 0x7f) {
            return yaml_document_refuse(document, node,
                                        "a value of the matrix cannot hold { } [ ] , = or control "
                                        "characters, since cases are named by it");
        }
    }
    axis->values[axis->n_values++] = value;
    value = NULL;
    return 0;
}

/* By value, then by place. */
static int compare_values(const void *a, const void *b)
{
    char *const *left = *(char *const *const *)a;
    char *const *right = *(char *const *const *)b;
    int order = strcmp(*left, *right);

    return order != 0 ? order : left < right ? -1 : left > right;
}

/* Sorted, as each of a hundred thousand cases reads a thousand values again. */
static int check_values(struct yaml_document *document, const yaml_node_t *list,
                        const struct matrix_axis *axis)
{
    CLEANUP(free_pointer) char ***sorted = calloc(axis->n_values, sizeof *sorted);
    size_t twice = SIZE_MAX;

    if (sorted == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < axis->n_values; i++) {
        sorted[i] = &axis->values[i];
    }
    qsort(sorted, axis->n_values, sizeof *sorted, compare_values);
    for (size_t i = 1; i < axis->n_values; i++) {
        size_t place = (size_t)(sorted[i] - axis->values);
        if (strcmp(*sorted[i - 1], *sorted[i]) == 0 && place < twice) {
            twice = place;
        }
    }
    return twice == SIZE_MAX
               ? 0
               : yaml_document_refuse(
                     document, yaml_document_node(document, list->data.sequence.items.start[twice]),
                     "'%.60s' stands here twice", axis->values[twice]);
}

static int read_axis(struct yaml_document *document, const yaml_node_pair_t *pair, void *into)
{
    struct matrix *matrix = into;
    const yaml_node_t *key = yaml_document_node(document, pair->key);
    const yaml_node_t *list = yaml_document_node(document, pair->value);
    struct matrix_axis *axis = &matrix->axes[matrix->n_axes];
    CLEANUP(free_pointer) char *name = NULL;

    int error = schema_read_text(document, key, &name);
    if (error == 0) {
        error = check_name(document, key, matrix, name);
    }
    if (error < 0) {
        return error;
    }
    axis->values = calloc(MATRIX_MAX_VALUES, sizeof *axis->values);
    axis->name = name;
    name = NULL;
    matrix->n_axes++;
    if (axis->values == NULL) {
        return -ENOMEM;
    }
    error = schema_read_list(document, list, 1, MATRIX_MAX_VALUES, read_value, axis);
    if (error == 0) {
        error = check_values(document, list, axis);
    }
    return error == 0 && matrix_n_cases(matrix) > MATRIX_MAX_CASES
               ? yaml_document_refuse(document, key, "makes more than %d cases", MATRIX_MAX_CASES)
               : error;
}

int matrix_read(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    size_t n = 0;
    int error = schema_count_pairs(document, node, "{end: [exit, _exit], n: [1, 3]}", "axes",
                                   MATRIX_MAX_AXES, &n);
    return error < 0 ? error : schema_read_pairs(document, node, read_axis, into);
}

void matrix_done(struct matrix *matrix)
{
    if (matrix == NULL) {
        return;
    }
    for (size_t i = 0; i < matrix->n_axes; i++) {
        struct matrix_axis *axis = &matrix->axes[i];
        for (size_t j = 0; j < axis->n_values; j++) {
            free(axis->values[j]);
        }
        free(axis->values);
        free(axis->name);
    }
    *matrix = (struct matrix){0};
}

/* --- Cases ------------------------------------------------------------------------------------ */

size_t matrix_n_cases(const struct matrix *matrix)
{
    size_t n = 1;
    for (size_t i = 0; i < matrix->n_axes; i++) {
        n *= matrix->axes[i].n_values;
    }
    return n;
}

const char *matrix_value(const struct matrix *matrix, size_t index, size_t axis)
{
    for (size_t i = matrix->n_axes; --i > axis;) {
        index /= matrix->axes[i].n_values;
    }
    return matrix->axes[axis].values[index % matrix->axes[axis].n_values];
}

char *matrix_case_name(const struct matrix *matrix, size_t index)
{
    char *name = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&name, &size);
    if (out == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < matrix->n_axes; i++) {
        fprintf(out, "%c%s=%s", i == 0 ? '[' : ',', matrix->axes[i].name,
                matrix_value(matrix, index, i));
    }
    fputs(matrix->n_axes > 0 ? "]" : "", out);
    if (fclose(out) != 0) {
        free(name);
        return NULL;
    }
    return name;
}

/* --- Substitution ----------------------------------------------------------------------------- */

struct substitution {
    const struct matrix *matrix;
    size_t index;
};

/* The value that stands for the placeholder at `text`, which begins with '{'; NULL: it is none. */
static const char *find_value(const struct substitution *substitution, const char *text,
                              const char *end, size_t *ret_size)
{
    const struct matrix *matrix = substitution->matrix;
    const char *close = memchr(text, '}', (size_t)(end - text));
    for (size_t i = 0; close != NULL && i < matrix->n_axes; i++) {
        const char *name = matrix->axes[i].name;
        size_t size = (size_t)(close - text) - 1;
        if (strlen(name) == size && memcmp(name, text + 1, size) == 0) {
            *ret_size = size + 2;
            return matrix_value(matrix, substitution->index, i);
        }
    }
    return NULL;
}

static void write_text(FILE *out, const struct substitution *substitution, const char *text,
                       const char *end)
{
    while (text < end) {
        size_t size = 1;
        const char *value = *text == '{' ? find_value(substitution, text, end, &size) : NULL;
        if (value != NULL) {
            fputs(value, out);
        } else {
            fputc(*text, out);
        }
        text += size;
    }
}

/* The nodes are libyaml's, whose memory is malloc's. */
static int substitute_text(const struct substitution *substitution, struct yaml_document *document,
                           yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    char *replaced = NULL;
    size_t size = 0;

    if (memchr(text, '{', node->data.scalar.length) == NULL) {
        return 0;
    }
    FILE *out = open_memstream(&replaced, &size);
    if (out == NULL) {
        return -ENOMEM;
    }
    write_text(out, substitution, text, text + node->data.scalar.length);
    if (fclose(out) != 0) {
        free(replaced);
        return -ENOMEM;
    }
    if (size > YAML_MAX_SIZE) {
        free(replaced);
        return yaml_document_refuse(document, node, "the matrix makes this text too long");
    }
    free(node->data.scalar.value);
    node->data.scalar.value = (yaml_char_t *)replaced;
    node->data.scalar.length = size;
    return 0;
}

static int substitute_below(const struct substitution *substitution, struct yaml_document *document,
                            int id)
{
    yaml_node_t *node = yaml_document_get_node(&document->tree, id);
    int error = 0;

    if (node->type == YAML_SCALAR_NODE) {
        return substitute_text(substitution, document, node);
    }
    if (node->type == YAML_SEQUENCE_NODE) {
        for (yaml_node_item_t *item = node->data.sequence.items.start;
             error == 0 && item < node->data.sequence.items.top; item++) {
            error = substitute_below(substitution, document, *item);
        }
        return error;
    }
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         error == 0 && pair < node->data.mapping.pairs.top; pair++) {
        error = substitute_below(substitution, document, pair->key);
        error = error < 0 ? error : substitute_below(substitution, document, pair->value);
    }
    return error;
}

int matrix_apply(const struct matrix *matrix, size_t index, struct yaml_document *document)
{
    const struct substitution substitution = {matrix, index};
    const yaml_node_t *root = yaml_document_root(document);
    const yaml_node_t *matrix_node = yaml_document_value(document, "matrix");
    int error = 0;

    if (matrix->n_axes == 0 || root->type != YAML_MAPPING_NODE) {
        return 0;
    }
    for (yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         error == 0 && pair < root->data.mapping.pairs.top; pair++) {
        if (yaml_document_node(document, pair->value) != matrix_node) {
            error = substitute_below(&substitution, document, pair->value);
        }
    }
    return error;
}
