/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The schema of a whole recording. No state.
 */
#include "harness/wire/manifest_schema.h"

#include "harness/wire/arrow_schema.h"

#include <stdio.h>
#include <stdlib.h>

#define PROPERTIES "/__properties"

static int set_row_id(struct ArrowSchema *field)
{
    int error = arrow_schema_set_row_id(field);

    return error != 0 ? error : arrow_schema_set_row_id_metadata(field, false);
}

static int set_timeline(struct ArrowSchema *field, const struct manifest_timeline *timeline)
{
    int error = arrow_schema_set_timeline(field, timeline->name, timeline->type);

    return error != 0 ? error : arrow_schema_set_timeline_metadata(field, false);
}

/* "/a/b:Boxes2D:centers"; what lies under /__properties is called "property:..." instead. */
static int set_component_name(struct ArrowSchema *field, struct string_view entity,
                              struct string_view component)
{
    const size_t prefix = strlen(PROPERTIES);
    const char *head = "";
    char *name;
    int error;

    if (entity.size >= prefix && memcmp(entity.data, PROPERTIES, prefix) == 0 &&
        (entity.size == prefix || entity.data[prefix] == '/')) {
        head = entity.size == prefix ? "property" : "property:";
        entity.data += entity.size == prefix ? prefix : prefix + 1;
    }
    if (asprintf(&name, "%s%s:%.*s", head, entity.data, (int)component.size, component.data) < 0)
        return -ENOMEM;
    error = arrow_schema_set_name(field, string_view_of(name));
    free(name);
    return error;
}

static bool is_tombstone(const struct column_descriptor *descriptor)
{
    return string_view_equal(descriptor->archetype, string_view_of("rerun.archetypes.Clear")) &&
           string_view_equal(descriptor->component, string_view_of("Clear:is_recursive"));
}

static int set_component_metadata(struct ArrowSchema *field, const struct manifest_field *source,
                                  struct string_view entity,
                                  const struct column_descriptor *descriptor)
{
    struct chunk_metadata pairs[8] = {
        CHUNK_METADATA("rerun:kind", string_view_of("data")),
        CHUNK_METADATA("rerun:component", descriptor->component),
        CHUNK_METADATA("rerun:entity_path", entity),
    };
    size_t n = 3;

    if (descriptor->archetype.size > 0)
        pairs[n++] = CHUNK_METADATA("rerun:archetype", descriptor->archetype);
    if (descriptor->component_type.size > 0)
        pairs[n++] = CHUNK_METADATA("rerun:component_type", descriptor->component_type);
    if (source->is_static)
        pairs[n++] = CHUNK_METADATA("rerun:is_static", string_view_of("true"));
    if (source->is_empty)
        pairs[n++] = CHUNK_METADATA("rerun:is_semantically_empty", string_view_of("true"));
    if (is_tombstone(descriptor))
        pairs[n++] = CHUNK_METADATA("rerun:is_tombstone", string_view_of("true"));
    return arrow_schema_set_metadata(field, pairs, n);
}

/* The field is replaced by a copy of the chunks' own, so that the type is theirs to the last flag.
 */
static int set_component(struct ArrowSchema *field, const struct manifest *manifest,
                         const struct manifest_field *source)
{
    const struct column_descriptor *descriptor =
        &manifest_component_at(manifest, source->component)->descriptor;
    struct string_view entity = manifest->entities.keys[source->entity];
    int error;

    ArrowSchemaRelease(field);
    error = -ArrowSchemaDeepCopy(&source->type, field);
    if (error == 0)
        error = set_component_name(field, entity, descriptor->component);
    return error != 0 ? error : set_component_metadata(field, source, entity, descriptor);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(struct ArrowSchema *const *)a)->name, (*(struct ArrowSchema *const *)b)->name);
}

static int set_fields(struct ArrowSchema *schema, const struct manifest *manifest)
{
    size_t n_timelines = manifest_count(&manifest->timelines);
    size_t n_fields = manifest_count(&manifest->fields);
    int error = arrow_schema_set_struct(schema, 1 + n_timelines + n_fields);

    if (error == 0)
        error = set_row_id(schema->children[0]);
    for (size_t i = 0; error == 0 && i < n_timelines; i++)
        error = set_timeline(schema->children[1 + i], manifest_timeline_at(manifest, i));
    for (size_t i = 0; error == 0 && i < n_fields; i++)
        error = set_component(schema->children[1 + n_timelines + i], manifest,
                              manifest_field_at(manifest, i));
    return error;
}

int manifest_schema_make(const struct manifest *manifest, struct ArrowSchema *ret_schema)
{
    struct ArrowSchema schema;
    int error;

    ArrowSchemaInit(&schema);
    error = set_fields(&schema, manifest);
    if (error != 0) {
        ArrowSchemaRelease(&schema);
        return error;
    }
    qsort(schema.children, (size_t)schema.n_children, sizeof(struct ArrowSchema *), compare_names);
    *ret_schema = schema;
    return 0;
}
