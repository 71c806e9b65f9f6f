/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mappings are read by their table: what is not in it, doubled or missing is refused by place. */
#include "harness/verify/schema.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct thing {
    char *name;
    int64_t size;
    double weight;
    int64_t within_ms;
    size_t n_items;
};

static int read_name(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_text(document, node, &((struct thing *)into)->name);
}

static int read_size(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_integer(document, node, -5, 100, &((struct thing *)into)->size);
}

static int read_weight(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_number(document, node, &((struct thing *)into)->weight);
}

static int read_within(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_duration(document, node, &((struct thing *)into)->within_ms);
}

static int count_item(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    (void)document, (void)node;
    ((struct thing *)into)->n_items++;
    return 0;
}

static int read_items(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_list(document, node, 1, 3, count_item, into);
}

static const struct schema_key keys[] = {
    {"name", true, read_name},      {"size", false, read_size},   {"weight", false, read_weight},
    {"within", false, read_within}, {"items", false, read_items},
};
static const struct schema schema = {"a thing", keys, sizeof keys / sizeof keys[0]};

/* Reads a text as a thing; the fault stays in `fault`. */
static int read_thing(const char *text, struct thing *thing, char fault[static YAML_FAULT_SIZE])
{
    struct yaml_document document;
    *thing = (struct thing){0};
    int result = yaml_document_parse(&document, "f", text, strlen(text));
    if (result == 0) {
        result = schema_read_mapping(&document, yaml_document_root(&document), &schema, thing);
    }
    memcpy(fault, document.fault, YAML_FAULT_SIZE);
    yaml_document_done(&document);
    free(thing->name);
    return result;
}

static void expect_fault(const char *text, const char *expected)
{
    struct thing thing;
    char fault[YAML_FAULT_SIZE];
    cr_assert_eq(read_thing(text, &thing, fault), -EINVAL, "%s", text);
    cr_assert_str_eq(fault, expected);
}

Test(schema, values_are_read)
{
    struct thing thing;
    char fault[YAML_FAULT_SIZE];
    cr_assert_eq(read_thing("{name: x, size: -5, weight: -1.5e2, within: 2m, items: [a, [b]]}",
                            &thing, fault),
                 0, "%s", fault);
    cr_assert_eq(thing.size, -5);
    cr_assert(thing.weight == -150);
    cr_assert_eq(thing.within_ms, 120000);
    cr_assert_eq(thing.n_items, 2);
}

Test(schema, keys_are_checked)
{
    expect_fault("[1]", "f:1:1: a thing must be a mapping (key: value), this is a list");
    expect_fault("size: 1", "f:1:1: a thing needs the key 'name'");
    expect_fault("name: x\nsiez: 1", "f:2:1: a thing has no key 'siez'; did you mean 'size'?");
    expect_fault("name: x\nNAME: y", "f:2:1: a thing has no key 'NAME'; did you mean 'name'?");
    expect_fault("name: x\nzzz: 1", "f:2:1: a thing has no key 'zzz'; there are name, size, "
                                    "weight, within, items");
    expect_fault("name: x\nname: y", "f:2:1: 'name' stands here twice");
    expect_fault("name: x\n[1]: y", "f:2:1: a key must be a word, this is a list");
    expect_fault("name: x\n\"a\\0b\": y", "f:2:1: a NUL character cannot stand in a text");
}

Test(schema, texts_are_checked)
{
    expect_fault("name: #ff0000", "f:1:6: no value; write \"\" for an empty text, and put text "
                                  "that begins with '#' into quotes");
    expect_fault("name: \"\"", "f:1:7: must not be empty");
    expect_fault("name: [x]", "f:1:7: must be a single value, this is a list");
    expect_fault("name: {a: b}", "f:1:7: must be a single value, this is a mapping");
    expect_fault("name: \"a\\0b\"", "f:1:7: a NUL character cannot stand in a text");
}

Test(schema, integers_are_strict)
{
    static const char *const wrong[] = {
        "3x", "3.0", "+3", " 3", "0x3", "1e1", "-6", "101", "-", "99999999999999999999", "three"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64], fault[128];
        snprintf(text, sizeof text, "{name: x, size: \"%s\"}", wrong[i]);
        snprintf(fault, sizeof fault, "f:1:17: must be a whole number from -5 to 100, not '%s'",
                 wrong[i]);
        expect_fault(text, fault);
    }
}

Test(schema, numbers_are_strict)
{
    static const char *const wrong[] = {"3x",    "inf", "nan", "0x10", " 3",
                                        "1e999", "1,5", "e",   "--1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64], fault[128];
        snprintf(text, sizeof text, "{name: x, weight: \"%s\"}", wrong[i]);
        snprintf(fault, sizeof fault, "f:1:19: must be a number, not '%s'", wrong[i]);
        expect_fault(text, fault);
    }
}

Test(schema, durations_need_their_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } right[] = {{"1ms", 1}, {"20s", 20000}, {"1h", 3600000}, {"365h", 1314000000}};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct thing thing;
        char text[64], fault[YAML_FAULT_SIZE];
        snprintf(text, sizeof text, "{name: x, within: %s}", right[i].text);
        cr_assert_eq(read_thing(text, &thing, fault), 0, "%s", fault);
        cr_assert_eq(thing.within_ms, right[i].ms);
    }
    expect_fault("{name: x, within: 20}",
                 "f:1:19: must be a time with its unit (500ms, 20s, 2m, 1h), not '20'");
    expect_fault("{name: x, within: 1.5s}",
                 "f:1:19: must be a time with its unit (500ms, 20s, 2m, 1h), not '1.5s'");
    expect_fault("{name: x, within: s}",
                 "f:1:19: must be a time with its unit (500ms, 20s, 2m, 1h), not 's'");
    expect_fault("{name: x, within: 0s}", "f:1:19: must be from 1ms to a year");
    expect_fault("{name: x, within: 9000h}", "f:1:19: must be from 1ms to a year");
    expect_fault("{name: x, within: 99999999999999999999s}", "f:1:19: must be from 1ms to a year");
}

Test(schema, lists_are_checked)
{
    expect_fault("{name: x, items: a}", "f:1:18: must be a list, this is a single value");
    expect_fault("{name: x, items: []}", "f:1:18: must be a list of 1 to 3, this has 0");
    expect_fault("{name: x, items: [1, 2, 3, 4]}", "f:1:18: must be a list of 1 to 3, this has 4");
}

static const char *word_at(const void *context, size_t i)
{
    return ((const char *const *)context)[i];
}

Test(schema, the_nearest_name_is_found)
{
    static const char *const words[] = {"process", "entity", "text", "level", "label", "labels"};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"proccess", "process"},
        {"procses", "process"},
        {"entitty", "entity"},
        {"txet", "text"},
        {"lable", "label"},
        {"lables", "labels"},
        {"Level", "level"},
        {"colour", NULL},
        {"x", NULL},
        {"", NULL},
        {"a-word-that-is-longer-than-any-name-could-be", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *found = schema_nearest(cases[i].word, 6, word_at, words);
        cr_assert(cases[i].nearest == NULL ? found == NULL
                                           : found != NULL && strcmp(found, cases[i].nearest) == 0,
                  "%s -> %s", cases[i].word, found != NULL ? found : "nothing");
    }
}
