/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* TAP as it stands; who else reads it: read_reports.py. */
#include "harness/scenario/report/tap_report.h"

#include "tests/unit/scenario/report_cases.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static char *written(const struct case_result *results, size_t n)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = tap_report_create(open_memstream(&text, &size), 14);
    cr_assert_eq(report_on(report, results, n), 0);
    return text;
}

Test(tap_report, good)
{
    char *text = written(good_cases, N_GOOD_CASES);
    cr_assert_str_eq(text,
                     "TAP version 14\n"
                     "1..5\n"
                     "#   seed 42\n"
                     "ok 1 - a\n"
                     "ok 2 - b # SKIP no gdb\n"
                     "ok 3 - c\n"
                     "  ---\n"
                     "  verdict: flaky\n"
                     "  message: \"2nd attempt\"\n"
                     "  file: \"s/c.yaml\"\n"
                     "  duration_ms: 1250\n"
                     "  attempts: 2\n"
                     "  ...\n"
                     "not ok 4 - d # TODO bug\n"
                     "  ---\n"
                     "  verdict: xfail\n"
                     "  message: \"bug\"\n"
                     "  file: \"s/d.yaml\"\n"
                     "  duration_ms: 0\n"
                     "  attempts: 0\n"
                     "  ...\n"
                     "ok 5 - e\n"
                     "  ---\n"
                     "  verdict: unknown\n"
                     "  message: \"pid 7\"\n"
                     "  file: \"s/e.yaml\"\n"
                     "  duration_ms: 0\n"
                     "  attempts: 0\n"
                     "  ...\n",
                     "%s", text);
    free(text);
}

Test(tap_report, no_cases)
{
    char *text = written(NULL, 0);
    cr_assert_not_null(strstr(text, "\n1..0 # SKIP no cases\n"));
    free(text);
}

/* --- The blocks, as a real reader of YAML has them ----------------------------------------------
 */

static const char *value_of(yaml_document_t *document, const yaml_node_t *map, const char *key,
                            yaml_node_t **ret_node)
{
    for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top;
         pair++) {
        yaml_node_t *name = yaml_document_get_node(document, pair->key);
        if (strcmp((char *)name->data.scalar.value, key) == 0) {
            *ret_node = yaml_document_get_node(document, pair->value);
            return (*ret_node)->type == YAML_SCALAR_NODE ? (char *)(*ret_node)->data.scalar.value
                                                         : NULL;
        }
    }
    cr_assert_fail("no key %s", key);
    return NULL;
}

/* The first block without the two blanks before each line, which are TAP's. In `text` itself. */
static char *block_of(char *text)
{
    char *start = strstr(text, "\n  ---\n"), *to = start;
    cr_assert_not_null(start);
    for (char *line = start + 1; strncmp(line, "  ...\n", 6) != 0;) {
        char *end = strchr(line, '\n') + 1;
        cr_assert_eq(strncmp(line, "  ", 2), 0);
        memmove(to, line + 2, (size_t)(end - line - 2));
        to += end - line - 2;
        line = end;
    }
    *to = '\0';
    return start;
}

Test(tap_report, blocks_are_yaml)
{
    char *text = written(nasty_cases(), N_NASTY_CASES);
    const char *block = block_of(text);
    yaml_parser_t parser;
    yaml_document_t document;
    yaml_node_t *node;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)block, strlen(block));
    cr_assert(yaml_parser_load(&parser, &document), "%s", parser.problem);

    yaml_node_t *root = yaml_document_get_root_node(&document);
    cr_expect_str_eq(value_of(&document, root, "verdict", &node), "fail");
    cr_expect_str_eq(value_of(&document, root, "message", &node), nasty_cases()[1].reason);
    cr_expect_str_eq(value_of(&document, root, "file", &node), nasty_cases()[1].file);
    cr_expect_str_eq(value_of(&document, root, "duration_ms", &node), "1234");
    cr_expect_null(value_of(&document, root, "problems", &node));
    cr_assert_eq(node->data.sequence.items.top - node->data.sequence.items.start, 2);
    yaml_node_t *problem = yaml_document_get_node(&document, node->data.sequence.items.start[0]);
    cr_expect_str_eq(value_of(&document, problem, "text", &node),
                     nasty_cases()[1].problems[0].text);
    cr_expect_str_eq(value_of(&document, problem, "line", &node), "9");
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
    free(text);
}

Test(tap_report, the_version_is_what_the_reader_knows)
{
    unsetenv("TAP_VERSION");
    cr_expect_eq(tap_report_wanted_version(), 14);
    setenv("TAP_VERSION", "13", 1);
    cr_expect_eq(tap_report_wanted_version(), 13);
    setenv("TAP_VERSION", "14", 1);
    cr_expect_eq(tap_report_wanted_version(), 14);
}

Test(tap_report, strict_runs_fail_on_unknown)
{
    char *text = NULL;
    size_t size = 0;
    struct test_report *report = tap_report_create(open_memstream(&text, &size), 14);
    cr_assert_eq(report_strictly_on(report, &good_cases[4], 1), 0);
    cr_expect_not_null(strstr(text, "not ok 1 - e\n"), "%s", text);
    free(text);
}
