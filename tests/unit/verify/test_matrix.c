/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Cases of a matrix, their names, and what is written where their values stand. */
#include "harness/verify/matrix.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct yaml_document document;
static struct matrix matrix;

static void parse(const char *text)
{
    cr_assert_eq(yaml_document_parse(&document, "m.yaml", text, strlen(text)), 0, "%s",
                 document.fault);
    cr_assert_eq(matrix_read(&document, yaml_document_value(&document, "matrix"), &matrix), 0, "%s",
                 document.fault);
}

static void done(void)
{
    matrix_done(&matrix);
    yaml_document_done(&document);
}

static const char *text_of(const char *key)
{
    return (const char *)yaml_document_value(&document, key)->data.scalar.value;
}

static void assert_name(size_t index, const char *expected)
{
    char *name = matrix_case_name(&matrix, index);
    cr_assert_str_eq(name, expected);
    free(name);
}

Test(matrix, the_last_axis_changes_fastest, .fini = done)
{
    parse("matrix: {a: [x, y], b: [1, 2, 3]}");
    cr_assert_eq(matrix_n_cases(&matrix), 6);
    assert_name(0, "[a=x,b=1]");
    assert_name(2, "[a=x,b=3]");
    assert_name(3, "[a=y,b=1]");
    assert_name(5, "[a=y,b=3]");
}

Test(matrix, no_axes_are_one_case)
{
    cr_assert_eq(matrix_n_cases(&matrix), 1);
    assert_name(0, "");
}

Test(matrix, values_stand_where_their_names_stood, .fini = done)
{
    parse("matrix: {a: [x], long_name: ['', two words]}\n"
          "one: '{a}{a}-{long_name}-{b}{'\n"
          "two: '{{a}}'\n");
    cr_assert_eq(matrix_apply(&matrix, 1, &document), 0);
    cr_assert_str_eq(text_of("one"), "xx-two words-{b}{");
    cr_assert_str_eq(text_of("two"), "{x}");
}

Test(matrix, lists_mappings_and_keys_are_reached_but_the_matrix_is_not, .fini = done)
{
    parse("matrix: {a: ['x']}\nlist: [[{'k{a}': ['{a}']}]]\n");
    cr_assert_eq(matrix_apply(&matrix, 0, &document), 0);
    const yaml_node_t *node = yaml_document_value(&document, "list");
    for (int i = 0; i < 2; i++) {
        node = yaml_document_node(&document, node->data.sequence.items.start[0]);
    }
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    cr_assert_str_eq((char *)yaml_document_node(&document, pair->key)->data.scalar.value, "kx");
    node = yaml_document_node(&document, pair->value);
    node = yaml_document_node(&document, node->data.sequence.items.start[0]);
    cr_assert_str_eq((char *)node->data.scalar.value, "x");
}

Test(matrix, a_text_that_grows_too_long_is_refused, .fini = done)
{
    static char text[600000];
    char *end =
        text + sprintf(text, "matrix: {a: ['0123456789012345678901234567890123456789']}\nt: '");
    for (int i = 0; i < 100000; i++) {
        end = stpcpy(end, "{a}");
    }
    strcpy(end, "'\n");
    parse(text);
    cr_assert_eq(matrix_apply(&matrix, 0, &document), -EINVAL);
    cr_assert(strstr(document.fault, "too long") != NULL);
}

/* 1,000 values on each of three axes: the product is refused before it can overflow. */
Test(matrix, too_many_cases_are_refused)
{
    static char text[40000];
    char *end = stpcpy(text, "matrix: {");
    for (int axis = 0; axis < 3; axis++) {
        end += sprintf(end, "%s%c: [0", axis > 0 ? ", " : "", 'a' + axis);
        for (int i = 1; i < 1000; i++) {
            end += sprintf(end, ", %d", i);
        }
        end = stpcpy(end, "]");
    }
    strcpy(end, "}\n");
    cr_assert_eq(yaml_document_parse(&document, "m.yaml", text, strlen(text)), 0);
    cr_assert_eq(matrix_read(&document, yaml_document_value(&document, "matrix"), &matrix),
                 -EINVAL);
    cr_assert(strstr(document.fault, "makes more than 100000 cases") != NULL, "%s", document.fault);
    done();
}
