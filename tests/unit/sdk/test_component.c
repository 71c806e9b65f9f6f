/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Component types: what is registered, shared, refused, and when it is defined in the spool. */
#include "sdk/component.h"

#include "arrow_build.h"
#include "fake_spool.h"
#include "sdk/record/builtin.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static rr_error error;

static rr_component_type_handle add(const char *archetype, const char *component,
                                    const char *component_type, struct built_schema *type)
{
    rr_component_type registered = {{STRING(archetype), STRING(component), STRING(component_type)},
                                    type->schema};

    return rr_register_component_type(registered, &error);
}

/* The id that the component has in the spool. */
static uint32_t id_of(rr_component_type_handle handle)
{
    const struct argument_call call = {"test", &error};
    struct component *component;
    uint32_t id;

    cr_assert(component_find(&call, handle, &component));
    cr_assert_eq(component_define(component, &id), 0);
    return id;
}

Test(component, equal_registrations_share_a_handle)
{
    struct built_schema type;

    schema_build(&type, "g", "whatever", false);
    cr_assert_eq(add("a", "b", "c", &type), 1);
    schema_build(&type, "g", "else", true);
    cr_assert_eq(add("a", "b", "c", &type), 1);
    cr_assert_eq(add("a", "b", NULL, &type), 2);
    cr_assert_eq(add(NULL, "b", "c", &type), 3);
    schema_build(&type, "f", "item", true);
    cr_assert_eq(add("a", "b", "c", &type), 4);
    for (int i = 0; i < 10000; i++)
        cr_assert_eq(add("a", "b", "c", &type), 4);
    assert_no_error(error);
    cr_assert_eq(n_released_schemas, 10005);
}

Test(component, it_is_defined_once_and_when_it_is_used)
{
    struct built_schema type;
    struct built_schema child;
    struct record_component_view view;
    rr_component_type_handle handle;

    schema_build(&type, "+w:3", "vector", false);
    schema_build(&child, "f", "element", false);
    schema_add_child(&type, &child);
    handle = add("rerun.archetypes.Points3D", "Points3D:positions", "rerun.components.Position3D",
                 &type);
    assert_no_error(error);
    cr_assert_eq(fake_spool->n_records, 0);
    cr_assert_eq(id_of(handle), id_of(handle));
    cr_assert_eq(fake_count(RECORD_DEFINE_COMPONENT), 1);
    fake_component_at(0, &view);
    cr_assert_eq(view.head->id, id_of(handle));
    cr_assert(view.head->archetype_size == 25 &&
              !memcmp(view.archetype, "rerun.archetypes.Points3D", 25));
    cr_assert(view.head->component_size == 18 && !memcmp(view.component, "Points3D:positions", 18));
    cr_assert(view.head->component_type_size == 27 &&
              !memcmp(view.component_type, "rerun.components.Position3D", 27));
    cr_assert_eq(view.head->n_nodes, 2);
    cr_assert(view.nodes[0].kind == DATATYPE_FIXED_SIZE_LIST && view.nodes[0].param == 3);
    cr_assert(view.nodes[0].nullable == 1 && !strcmp(view.nodes[0].name, "item"));
    cr_assert(view.nodes[1].kind == DATATYPE_FLOAT32 && view.nodes[1].nullable == 0);
    cr_assert_str_eq(view.nodes[1].name, "element");
}

Test(component, rerun_s_own_need_no_definition)
{
    struct built_schema type;
    struct built_schema child;

    schema_build(&type, "u", "", true);
    cr_assert_eq(
        id_of(add("rerun.archetypes.TextLog", "TextLog:text", "rerun.components.Text", &type)),
        BUILTIN_TEXT_LOG_TEXT);
    schema_build(&type, "+w:2", "", true);
    schema_build(&child, "f", "item", false);
    schema_add_child(&type, &child);
    cr_assert_eq(id_of(add("rerun.archetypes.Boxes2D", "Boxes2D:centers",
                           "rerun.components.Position2D", &type)),
                 BUILTIN_BOXES2D_CENTERS);
    cr_assert_eq(fake_count(RECORD_DEFINE_COMPONENT), 0);
    schema_build(&type, "z", "", true);
    cr_assert(id_of(add("rerun.archetypes.TextLog", "TextLog:text", "rerun.components.Text",
                        &type)) >= RECORD_FIRST_COMPONENT_ID);
}

Test(component, every_type_without_children)
{
    static const struct {
        const char *format;
        enum datatype_kind kind;
        uint32_t param;
    } cases[] = {
        {"n", DATATYPE_NULL, 0},          {"b", DATATYPE_BOOL, 0},
        {"c", DATATYPE_INT8, 0},          {"C", DATATYPE_UINT8, 0},
        {"s", DATATYPE_INT16, 0},         {"S", DATATYPE_UINT16, 0},
        {"i", DATATYPE_INT32, 0},         {"I", DATATYPE_UINT32, 0},
        {"l", DATATYPE_INT64, 0},         {"L", DATATYPE_UINT64, 0},
        {"e", DATATYPE_FLOAT16, 0},       {"f", DATATYPE_FLOAT32, 0},
        {"g", DATATYPE_FLOAT64, 0},       {"tsn:", DATATYPE_TIMESTAMP_NS, 0},
        {"tDn", DATATYPE_DURATION_NS, 0}, {"u", DATATYPE_UTF8, 0},
        {"z", DATATYPE_BINARY, 0},        {"w:16", DATATYPE_FIXED_SIZE_BINARY, 16},
        {"+s", DATATYPE_STRUCT, 0},       {"w:65536", DATATYPE_FIXED_SIZE_BINARY, 65536},
        {"U", DATATYPE_LARGE_UTF8, 0},    {"Z", DATATYPE_LARGE_BINARY, 0},
        {"vu", DATATYPE_UTF8_VIEW, 0},    {"vz", DATATYPE_BINARY_VIEW, 0},
        {"tdD", DATATYPE_FORMATTED, 4},   {"tsn:UTC", DATATYPE_FORMATTED, 8},
        {"tin", DATATYPE_FORMATTED, 16},  {"d:38,2,256", DATATYPE_FORMATTED, 32},
    };

    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct built_schema type;
        struct record_component_view view;

        schema_build(&type, cases[i].format, NULL, true);
        cr_assert(id_of(component_register("c", &type)) > 0);
        fake_component_at(i, &view);
        cr_assert(view.nodes[0].kind == cases[i].kind && view.nodes[0].param == cases[i].param,
                  "%s", cases[i].format);
        if (cases[i].kind == DATATYPE_FORMATTED)
            cr_assert_str_eq(datatype_format(&view.nodes[0]), cases[i].format);
    }
}

Test(component, unions_keep_their_codes)
{
    struct record_component_view view;
    struct built_schema type;
    struct built_schema children[2];

    schema_build(&type, "+ud:127,3", "", true);
    for (size_t i = 0; i < 2; i++) {
        schema_build(&children[i], i == 0 ? "i" : "tdD", i == 0 ? "a" : "b", true);
        schema_add_child(&type, &children[i]);
    }
    cr_assert(id_of(component_register("c", &type)) > 0);
    fake_component_at(0, &view);
    cr_assert_eq(view.nodes[0].kind, DATATYPE_DENSE_UNION);
    cr_assert_eq(view.nodes[1].code, 127);
    cr_assert_eq(view.nodes[2].code, 3);
    cr_assert_str_eq(view.nodes[2].name, "b");
    cr_assert_str_eq(datatype_format(&view.nodes[2]), "tdD");
}

Test(component, maps_keep_whether_their_keys_are_sorted)
{
    struct record_component_view view;
    struct built_schema type;
    struct built_schema entries;
    struct built_schema children[2];

    schema_build(&type, "+m", "", true);
    schema_build(&entries, "+s", "entries", false);
    schema_add_child(&type, &entries);
    for (size_t i = 0; i < 2; i++) {
        schema_build(&children[i], "i", "x", false);
        schema_add_child(&entries, &children[i]);
    }
    type.schema.flags |= ARROW_FLAG_MAP_KEYS_SORTED;
    cr_assert(id_of(component_register("c", &type)) > 0);
    fake_component_at(0, &view);
    cr_assert_eq(view.nodes[0].kind, DATATYPE_MAP);
    cr_assert_eq(view.nodes[0].param, 1);
}

static void assert_refused(struct built_schema *type, rr_error_code code, const char *part)
{
    int n_released = n_released_schemas;
    bool was_whole = type->schema.release != NULL;

    cr_assert_eq(add("a", "b", "c", type), RR_COMPONENT_TYPE_HANDLE_INVALID);
    assert_error(error, code, part);
    cr_assert_eq(n_released_schemas, n_released + was_whole);
}

Test(component, types_that_do_not_work)
{
    const char *const formats[] = {"+r", "d:99,2", "tsx:", "tsu:a b", "", "q", "+x"};
    struct built_schema type;
    struct built_schema dictionary;

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        schema_build(&type, formats[i], "", true);
        assert_refused(&type, RR_ERROR_CODE_NOT_IMPLEMENTED, "is not implemented");
    }
    schema_build(&type, "i", "", true);
    schema_build(&dictionary, "u", "", true);
    type.schema.dictionary = &dictionary.schema;
    assert_refused(&type, RR_ERROR_CODE_NOT_IMPLEMENTED, "dictionaries");
}

static void refuse_child(const char *format, const char *name, const char *part)
{
    struct built_schema type;
    struct built_schema child;

    schema_build(&type, "+l", "", true);
    schema_build(&child, format, name, true);
    schema_add_child(&type, &child);
    assert_refused(&type, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR, part);
}

/* A union of two. */
static void refuse_union(const char *format, const char *part)
{
    struct built_schema type;
    struct built_schema children[2];

    schema_build(&type, format, "", true);
    for (size_t i = 0; i < 2; i++) {
        schema_build(&children[i], "i", "x", true);
        schema_add_child(&type, &children[i]);
    }
    assert_refused(&type, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR, part);
}

Test(component, malformed_schemas)
{
    const char *const formats[] = {"w:",   "w:0", "w:16777217",   "w:-1",
                                   "w:3x", "+w:", "w:99999999999"};
    const char *const unions[] = {"+ud:0", "+ud:0,1,2", "+us:0,128", "+ud:0,x", "+ud:-1,0"};
    const rr_error_code malformed = RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR;
    struct built_schema type;
    struct built_schema child;
    char name[70];

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        schema_build(&type, formats[i], "", true);
        assert_refused(&type, malformed, "from 1 to 16777216");
    }
    schema_build(&type, NULL, "", true);
    assert_refused(&type, malformed, "has no format");
    schema_build(&type, "i", "", true);
    type.schema.release = NULL;
    assert_refused(&type, malformed, "is released");
    schema_build(&type, "+l", "", true);
    assert_refused(&type, malformed, "number of children");
    type.schema.n_children = 1;
    assert_refused(&type, malformed, "number of children");
    schema_build(&child, "i", "", true);
    schema_build(&type, "i", "", true);
    schema_add_child(&type, &child);
    assert_refused(&type, malformed, "number of children");
    schema_build(&type, "+s", "", true);
    type.schema.n_children = -1;
    assert_refused(&type, malformed, "number of children");
    memset(name, 'x', sizeof(name));
    name[64] = '\0';
    refuse_child("i", name, "at most 63 bytes");
    refuse_child("i", "\xff", "UTF-8");
    name[60] = '\0';
    refuse_child("tdD", name, "62 bytes");
    for (size_t i = 0; i < sizeof(unions) / sizeof(unions[0]); i++)
        refuse_union(unions[i], "for each child");
    refuse_union("+us:7,7", "code twice");
    refuse_child("+m", "map", "number of children");
}

Test(component, depth_and_number_of_fields_are_bounded)
{
    struct built_schema nested[DATATYPE_MAX_DEPTH + 1];
    struct built_schema wide;
    struct built_schema leaf;

    for (int depth = DATATYPE_MAX_DEPTH; depth >= 0; depth--) {
        schema_build(&nested[depth], depth == DATATYPE_MAX_DEPTH ? "i" : "+l", "item", true);
        if (depth < DATATYPE_MAX_DEPTH)
            schema_add_child(&nested[depth], &nested[depth + 1]);
    }
    cr_assert(component_register("deep", &nested[1]) > 0);
    assert_refused(&nested[0], RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR, "deeper than 8");
    schema_build(&wide, "+s", "", true);
    schema_build(&leaf, "i", "", true);
    for (int i = 0; i < DATATYPE_MAX_NODES - 1; i++)
        schema_add_child(&wide, &leaf);
    cr_assert(component_register("wide", &wide) > 0);
    schema_add_child(&wide, &leaf);
    assert_refused(&wide, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR, "more than 64 fields");
    schema_add_child(&wide, &leaf);
    assert_refused(&wide, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR, "number of children");
}

Test(component, bad_descriptors)
{
    struct built_schema type;

    schema_build(&type, "i", "", true);
    cr_assert_eq(add("a", "", "c", &type), RR_COMPONENT_TYPE_HANDLE_INVALID);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "descriptor.component is empty");
    cr_assert_eq(add("\xff", "b", "c", &type), RR_COMPONENT_TYPE_HANDLE_INVALID);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "descriptor.archetype");
    cr_assert_eq(n_released_schemas, 2);
}

Test(component, there_is_an_end_to_types)
{
    struct built_schema type;
    char name[16];

    schema_build(&type, "i", "", true);
    for (int i = 1; i <= COMPONENT_MAX; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        cr_assert_eq(add("a", name, "c", &type), (rr_component_type_handle)i);
    }
    assert_refused(&type, RR_ERROR_CODE_OUT_OF_MEMORY, "4096 component types");
}

Test(component, handles_that_do_not_exist)
{
    const struct argument_call call = {"test", &error};
    const rr_component_type_handle handles[] = {0, 1, COMPONENT_MAX + 1,
                                                RR_COMPONENT_TYPE_HANDLE_INVALID};
    struct component *component;

    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
        cr_assert_not(component_find(&call, handles[i], &component));
        assert_error(error, RR_ERROR_CODE_INVALID_COMPONENT_TYPE_HANDLE, "there is no component");
    }
}
