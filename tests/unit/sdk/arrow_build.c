/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Arrow by hand, for tests. */
#include "arrow_build.h"

#include "fake_spool.h"

#include <criterion/criterion.h>
#include <string.h>

int n_released_schemas;
int n_released_arrays;

static void release_schema(struct ArrowSchema *schema)
{
    cr_assert(schema->release != NULL);
    schema->release = NULL;
    n_released_schemas++;
}

static void release_array(struct ArrowArray *array)
{
    cr_assert(array->release != NULL);
    array->release = NULL;
    n_released_arrays++;
}

void schema_build(struct built_schema *built, const char *format, const char *name, bool nullable)
{
    *built = (struct built_schema){
        .schema =
            {
                .format = format,
                .name = name,
                .flags = nullable ? ARROW_FLAG_NULLABLE : 0,
                .release = release_schema,
            },
    };
}

void schema_add_child(struct built_schema *built, struct built_schema *child)
{
    built->schema.children = built->children;
    built->children[built->schema.n_children++] = &child->schema;
}

void array_build(struct built_array *built, int64_t length, int64_t n_buffers, const void *validity,
                 const void *second, const void *third)
{
    *built = (struct built_array){
        .array =
            {
                .length = length,
                .null_count = validity ? -1 : 0,
                .n_buffers = n_buffers,
                .release = release_array,
            },
        .buffers = {validity, second, third},
    };
    built->array.buffers = built->buffers;
}

void array_add_child(struct built_array *built, struct built_array *child)
{
    built->array.children = built->children;
    built->children[built->array.n_children++] = &child->array;
}

rr_component_type_handle component_register(const char *component, struct built_schema *type)
{
    rr_error error = {0};
    rr_component_type component_type = {
        .descriptor = {.component = STRING(component)},
        .schema = type->schema,
    };
    rr_component_type_handle handle = rr_register_component_type(component_type, &error);

    assert_no_error(error);
    return handle;
}
