/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sdk/record/builtin.h"
#include "sdk/record/datatype.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define NODE(k, children, parameter)                                                               \
    {                                                                                              \
        .kind = (k), .n_children = (children), .param = (parameter), .name = "item"                \
    }

/* A list of structs of {utf8, vec3, fixed binary}. */
static const struct datatype_node nested[] = {
    NODE(DATATYPE_LIST, 1, 0),    NODE(DATATYPE_STRUCT, 3, 0),
    NODE(DATATYPE_UTF8, 0, 0),    NODE(DATATYPE_FIXED_SIZE_LIST, 1, 3),
    NODE(DATATYPE_FLOAT32, 0, 0), NODE(DATATYPE_FIXED_SIZE_BINARY, 0, 16),
};
#define N_NESTED (sizeof(nested) / sizeof(nested[0]))

Test(datatype, node_is_72_bytes)
{
    cr_assert_eq(sizeof(struct datatype_node), 72);
}

Test(datatype, accepts_a_tree)
{
    cr_assert_eq(datatype_check(nested, N_NESTED), 0);
}

Test(datatype, refuses_too_few_and_too_many_nodes)
{
    struct datatype_node nodes[N_NESTED + 1];

    memcpy(nodes, nested, sizeof(nested));
    nodes[N_NESTED] = nested[2];
    cr_assert_eq(datatype_check(nodes, 0), -EBADMSG);
    for (size_t n = 1; n < N_NESTED; n++)
        cr_assert_eq(datatype_check(nodes, n), -EBADMSG, "%zu nodes", n);
    cr_assert_eq(datatype_check(nodes, N_NESTED + 1), -EBADMSG);
}

static int check_changed(size_t i, struct datatype_node node)
{
    struct datatype_node nodes[N_NESTED];

    memcpy(nodes, nested, sizeof(nested));
    nodes[i] = node;
    return datatype_check(nodes, N_NESTED);
}

Test(datatype, refuses_bad_nodes)
{
    struct datatype_node endless = NODE(DATATYPE_UTF8, 0, 0);
    struct datatype_node nullable = NODE(DATATYPE_UTF8, 0, 0);

    memset(endless.name, 'x', sizeof(endless.name));
    nullable.nullable = 2;
    cr_assert_eq(check_changed(2, endless), -EBADMSG);
    cr_assert_eq(check_changed(2, nullable), -EBADMSG);
    cr_assert_eq(check_changed(2, (struct datatype_node)NODE(0, 0, 0)), -EBADMSG);
    cr_assert_eq(check_changed(2, (struct datatype_node)NODE(33, 0, 0)), -EBADMSG);
    cr_assert_eq(check_changed(2, (struct datatype_node)NODE(DATATYPE_UTF8, 1, 0)), -EBADMSG);
    cr_assert_eq(check_changed(2, (struct datatype_node)NODE(DATATYPE_UTF8, 0, 1)), -EBADMSG);
    cr_assert_eq(check_changed(3, (struct datatype_node)NODE(DATATYPE_FIXED_SIZE_LIST, 1, 0)),
                 -EBADMSG);
    cr_assert_eq(check_changed(5, (struct datatype_node)NODE(DATATYPE_FIXED_SIZE_BINARY, 0,
                                                             DATATYPE_MAX_FIXED + 1)),
                 -EBADMSG);
}

static int check_formatted(const char *name, const char *format, uint32_t size)
{
    struct datatype_node node = {.kind = DATATYPE_FORMATTED, .param = size};

    memcpy(node.name, name, strlen(name));
    memcpy(node.name + strlen(name) + 1, format, strlen(format));
    return datatype_check(&node, 1);
}

Test(datatype, formats_of_fixed_width)
{
    static const struct {
        const char *format;
        uint32_t size;
    } cases[] = {
        {"tdD", 4},        {"tdm", 8},       {"tts", 4},
        {"ttn", 8},        {"tss:", 8},      {"tsn:UTC", 8},
        {"tsu:+01:30", 8}, {"tDs", 8},       {"tiM", 4},
        {"tiD", 8},        {"tin", 16},      {"d:38,2", 16},
        {"d:9,-3,32", 4},  {"d:18,0,64", 8}, {"d:76,127,256", 32},
        {"", 0},           {"i", 0},         {"ts:", 0},
        {"tss", 0},        {"tss:a b", 0},   {"tss:\xc3\xa4", 0},
        {"d:", 0},         {"d:39,2", 0},    {"d:0,2", 0},
        {"d:5", 0},        {"d:5,", 0},      {"d:5,2,", 0},
        {"d:5,2,128x", 0}, {"d:5,2,127", 0}, {"d:5,128", 0},
        {"d:10,2,32", 0},  {"d:1000,2", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t size = cases[i].size;

        cr_assert_eq(datatype_format_size(cases[i].format), size, "%s", cases[i].format);
        cr_assert_eq(check_formatted("item", cases[i].format, size), size > 0 ? 0 : -EBADMSG);
        cr_assert_eq(check_formatted("item", cases[i].format, size + 1), -EBADMSG);
    }
}

Test(datatype, a_format_must_end_within_the_node)
{
    struct datatype_node node = {.kind = DATATYPE_FORMATTED, .param = 8, .name = "item"};

    memcpy(node.name + 5, "tss:", 4);
    memset(node.name + 9, 'x', sizeof(node.name) - 9);
    cr_assert_eq(datatype_check(&node, 1), -EBADMSG);
    node.name[sizeof(node.name) - 1] = '\0';
    cr_assert_eq(datatype_check(&node, 1), 0);
    memset(node.name, 'x', sizeof(node.name) - 1);
    cr_assert_eq(datatype_check(&node, 1), -EBADMSG);
}

Test(datatype, unions_have_a_code_for_each_child)
{
    struct datatype_node nodes[] = {
        NODE(DATATYPE_DENSE_UNION, 2, 0),
        NODE(DATATYPE_LIST, 1, 0),
        NODE(DATATYPE_INT8, 0, 0),
        NODE(DATATYPE_NULL, 0, 0),
    };

    cr_assert_eq(datatype_check(nodes, 4), -EBADMSG);
    nodes[1].code = 127;
    cr_assert_eq(datatype_check(nodes, 4), 0);
    nodes[1].code = 128;
    cr_assert_eq(datatype_check(nodes, 4), -EBADMSG);
    nodes[0].n_children = 0;
    cr_assert_eq(datatype_check(nodes, 1), -EBADMSG);
}

Test(datatype, maps_are_lists_of_keys_and_values)
{
    struct datatype_node nodes[] = {
        NODE(DATATYPE_MAP, 1, 1),
        NODE(DATATYPE_STRUCT, 2, 0),
        NODE(DATATYPE_UTF8, 0, 0),
        NODE(DATATYPE_INT8, 0, 0),
    };

    cr_assert_eq(datatype_check(nodes, 4), 0);
    nodes[1].nullable = 1;
    cr_assert_eq(datatype_check(nodes, 4), -EBADMSG);
    nodes[1].nullable = 0;
    nodes[2].nullable = 1;
    cr_assert_eq(datatype_check(nodes, 4), -EBADMSG);
    nodes[2].nullable = 0;
    nodes[1].n_children = 1;
    cr_assert_eq(datatype_check(nodes, 3), -EBADMSG);
    nodes[1] = (struct datatype_node)NODE(DATATYPE_LIST, 1, 0);
    cr_assert_eq(datatype_check(nodes, 3), -EBADMSG);
}

Test(datatype, bounds_depth)
{
    struct datatype_node nodes[DATATYPE_MAX_DEPTH + 1];

    for (size_t i = 0; i < DATATYPE_MAX_DEPTH; i++)
        nodes[i] = (struct datatype_node)NODE(DATATYPE_LIST, 1, 0);
    nodes[DATATYPE_MAX_DEPTH - 1] = (struct datatype_node)NODE(DATATYPE_INT8, 0, 0);
    cr_assert_eq(datatype_check(nodes, DATATYPE_MAX_DEPTH), 0);
    nodes[DATATYPE_MAX_DEPTH - 1] = (struct datatype_node)NODE(DATATYPE_LIST, 1, 0);
    nodes[DATATYPE_MAX_DEPTH] = (struct datatype_node)NODE(DATATYPE_INT8, 0, 0);
    cr_assert_eq(datatype_check(nodes, DATATYPE_MAX_DEPTH + 1), -EBADMSG);
}

Test(datatype, bounds_number_of_nodes)
{
    static struct datatype_node nodes[DATATYPE_MAX_NODES + 1];

    for (size_t i = 1; i <= DATATYPE_MAX_NODES; i++)
        nodes[i] = (struct datatype_node)NODE(DATATYPE_INT8, 0, 0);
    nodes[0] = (struct datatype_node)NODE(DATATYPE_STRUCT, DATATYPE_MAX_NODES - 1, 0);
    cr_assert_eq(datatype_check(nodes, DATATYPE_MAX_NODES), 0);
    nodes[0].n_children++;
    cr_assert_eq(datatype_check(nodes, DATATYPE_MAX_NODES + 1), -EBADMSG);
}

Test(datatype, knows_subtrees)
{
    const size_t expected[N_NESTED] = {6, 5, 1, 2, 1, 1};

    for (size_t i = 0; i < N_NESTED; i++)
        cr_assert_eq(datatype_subtree_size(&nested[i]), expected[i], "node %zu", i);
}

Test(datatype, knows_value_sizes)
{
    const struct {
        uint8_t kind;
        uint32_t size;
    } cases[] = {
        {DATATYPE_BOOL, 0},    {DATATYPE_INT8, 1},   {DATATYPE_UINT16, 2},
        {DATATYPE_FLOAT16, 2}, {DATATYPE_UINT32, 4}, {DATATYPE_FLOAT64, 8},
        {DATATYPE_UTF8, 0},    {DATATYPE_STRUCT, 0}, {DATATYPE_TIMESTAMP_NS, 8},
        {DATATYPE_NULL, 0},    {DATATYPE_BINARY, 0}, {DATATYPE_LIST, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct datatype_node node = NODE(cases[i].kind, 0, 0);

        cr_assert_eq(datatype_value_size(&node), cases[i].size, "kind %d", cases[i].kind);
    }
    cr_assert_eq(datatype_value_size(&nested[5]), 16);
}

Test(datatype, builtins_are_valid)
{
    static const uint32_t ids[] = {
#define X(id, name, archetype, field, type, datatype) id,
#include "sdk/record/builtin.def"
#undef X
    };

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        const struct builtin_component *component = builtin_component_find(ids[i]);

        cr_assert_not_null(component);
        cr_assert_eq(component->id, ids[i]);
        cr_assert_eq(datatype_check(component->nodes, component->n_nodes), 0);
        cr_assert_eq(component->nodes[0].nullable, 1);
    }
    cr_assert_null(builtin_component_find(0));
}

Test(datatype, builtins_are_named_as_rerun_does)
{
    const struct builtin_component *level = builtin_component_find(BUILTIN_TEXT_LOG_LEVEL);
    const struct builtin_component *centers = builtin_component_find(BUILTIN_BOXES2D_CENTERS);

    cr_assert_str_eq(level->archetype, "rerun.archetypes.TextLog");
    cr_assert_str_eq(level->component, "TextLog:level");
    cr_assert_str_eq(level->component_type, "rerun.components.TextLogLevel");
    cr_assert_eq(centers->n_nodes, 2);
    cr_assert_eq(centers->nodes[0].kind, DATATYPE_FIXED_SIZE_LIST);
    cr_assert_eq(centers->nodes[0].param, 2);
    cr_assert_eq(centers->nodes[1].kind, DATATYPE_FLOAT32);
    cr_assert_eq(centers->nodes[1].nullable, 0);
}
