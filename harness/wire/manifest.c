/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Collects what the index of a store says. State: the caller's struct.
 *
 * Everything is kept sparse, as a chunk has few of all timelines and components; the gaps are
 * filled when the table is written.
 */
#include "harness/wire/manifest.h"

#include <errno.h>
#include <stdlib.h>

/* --- Sets ------------------------------------------------------------------------------------- */

size_t manifest_count(const struct manifest_set *set)
{
    return set->keys.n;
}

struct manifest_timeline *manifest_timeline_at(const struct manifest *manifest, size_t i)
{
    return (struct manifest_timeline *)manifest->timelines.elements.data + i;
}

struct manifest_component *manifest_component_at(const struct manifest *manifest, size_t i)
{
    return (struct manifest_component *)manifest->components.elements.data + i;
}

struct manifest_pair *manifest_pair_at(const struct manifest *manifest, size_t i)
{
    return (struct manifest_pair *)manifest->pairs.elements.data + i;
}

struct manifest_field *manifest_field_at(const struct manifest *manifest, size_t i)
{
    return (struct manifest_field *)manifest->fields.elements.data + i;
}

struct manifest_chunk *manifest_chunk_at(const struct manifest *manifest, size_t i)
{
    return (struct manifest_chunk *)manifest->chunks.data + i;
}

size_t manifest_n_chunks(const struct manifest *manifest)
{
    return manifest->chunks.size / sizeof(struct manifest_chunk);
}

static void set_init(struct manifest_set *set)
{
    key_index_init(&set->keys);
    buffer_init(&set->elements, BUFFER_NO_LIMIT);
}

static void set_done(struct manifest_set *set)
{
    key_index_done(&set->keys);
    buffer_done(&set->elements);
}

/* Finds the element of a key, or makes one of zeros. */
static int set_add(struct manifest_set *set, struct string_view key, size_t element_size,
                   uint32_t *ret_number, bool *ret_is_new)
{
    int error = buffer_reserve(&set->elements, element_size);

    if (error == 0)
        error = key_index_add(&set->keys, key, ret_number, ret_is_new);
    if (error == 0 && *ret_is_new)
        error = buffer_append_zeros(&set->elements, element_size);
    return error;
}

void manifest_init(struct manifest *manifest, const struct store_id *store)
{
    *manifest = (struct manifest){.store = *store};
    buffer_init(&manifest->chunks, BUFFER_NO_LIMIT);
    key_index_init(&manifest->entities);
    set_init(&manifest->timelines);
    set_init(&manifest->components);
    set_init(&manifest->pairs);
    set_init(&manifest->fields);
    buffer_init(&manifest->key, BUFFER_NO_LIMIT);
}

void manifest_done(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest_count(&manifest->timelines); i++)
        buffer_done(&manifest_timeline_at(manifest, i)->ranges);
    for (size_t i = 0; i < manifest_count(&manifest->components); i++)
        buffer_done(&manifest_component_at(manifest, i)->static_chunks);
    for (size_t i = 0; i < manifest_count(&manifest->pairs); i++)
        buffer_done(&manifest_pair_at(manifest, i)->ranges);
    for (size_t i = 0; i < manifest_count(&manifest->fields); i++) {
        if (manifest_field_at(manifest, i)->type.release != NULL)
            ArrowSchemaRelease(&manifest_field_at(manifest, i)->type);
    }
    buffer_done(&manifest->chunks);
    key_index_done(&manifest->entities);
    set_done(&manifest->timelines);
    set_done(&manifest->components);
    set_done(&manifest->pairs);
    set_done(&manifest->fields);
    buffer_done(&manifest->key);
}

/* --- Keys ------------------------------------------------------------------------------------- */

/* Keys are made of parts, each with its size before it, so that no two lists of parts look alike.
 */
static int key_part(struct manifest *manifest, const void *bytes, size_t size)
{
    uint32_t prefix = (uint32_t)size;
    int error = buffer_append(&manifest->key, &prefix, sizeof(prefix));

    return error != 0 ? error : buffer_append(&manifest->key, bytes, size);
}

static int key_text(struct manifest *manifest, struct string_view text)
{
    return key_part(manifest, text.data, text.size);
}

static int key_number(struct manifest *manifest, uint32_t number)
{
    return key_part(manifest, &number, sizeof(number));
}

static int key_type(struct manifest *manifest, const struct ArrowSchema *type)
{
    int error = key_text(manifest, string_view_of(type->format));

    if (error == 0)
        error = key_number(manifest, (uint32_t)type->n_children);
    for (int64_t i = 0; error == 0 && i < type->n_children; i++) {
        error = key_text(manifest, string_view_of(type->children[i]->name));
        if (error == 0)
            error = key_number(manifest, (uint32_t)type->children[i]->flags);
        if (error == 0)
            error = key_type(manifest, type->children[i]);
    }
    return error;
}

static void start_key(struct manifest *manifest)
{
    buffer_truncate(&manifest->key, 0);
}

static struct string_view key_of(const struct manifest *manifest)
{
    return (struct string_view){(const char *)manifest->key.data, manifest->key.size};
}

/* Takes a part off a key that the set has, whose memory stays. */
static struct string_view take_part(struct string_view *key)
{
    uint32_t size;
    struct string_view part;

    memcpy(&size, key->data, sizeof(size));
    part = (struct string_view){key->data + sizeof(size), size};
    key->data += sizeof(size) + size;
    key->size -= sizeof(size) + size;
    return part;
}

/* --- Finding elements ------------------------------------------------------------------------- */

static int add_timeline(struct manifest *manifest, const struct chunk_times *times,
                        uint32_t *ret_number, struct rrd_error *error)
{
    struct manifest_timeline *timeline;
    bool is_new;
    int result = set_add(&manifest->timelines, times->name, sizeof(*timeline), ret_number, &is_new);

    if (result != 0)
        return result;
    timeline = manifest_timeline_at(manifest, *ret_number);
    if (is_new) {
        timeline->name = manifest->timelines.keys.keys[*ret_number];
        timeline->type = times->type;
        buffer_init(&timeline->ranges, BUFFER_NO_LIMIT);
    }
    if (timeline->type == times->type)
        return 0;
    rrd_error_set(error, "timeline %s has two types, which an index cannot say",
                  timeline->name.data);
    return -ENOTSUP;
}

static int add_component(struct manifest *manifest, const struct column_descriptor *descriptor,
                         uint32_t *ret_number)
{
    bool is_new;
    int error;

    start_key(manifest);
    error = key_text(manifest, descriptor->archetype);
    if (error == 0)
        error = key_text(manifest, descriptor->component);
    if (error == 0)
        error = key_text(manifest, descriptor->component_type);
    if (error == 0)
        error = set_add(&manifest->components, key_of(manifest), sizeof(struct manifest_component),
                        ret_number, &is_new);
    if (error == 0 && is_new) {
        struct manifest_component *component = manifest_component_at(manifest, *ret_number);
        struct string_view key = manifest->components.keys.keys[*ret_number];

        component->descriptor.archetype = take_part(&key);
        component->descriptor.component = take_part(&key);
        component->descriptor.component_type = take_part(&key);
        buffer_init(&component->static_chunks, BUFFER_NO_LIMIT);
    }
    return error;
}

static int add_pair(struct manifest *manifest, uint32_t timeline, uint32_t component,
                    struct manifest_pair **ret_pair)
{
    uint32_t number;
    bool is_new;
    int error;

    start_key(manifest);
    error = key_number(manifest, timeline);
    if (error == 0)
        error = key_number(manifest, component);
    if (error == 0)
        error = set_add(&manifest->pairs, key_of(manifest), sizeof(struct manifest_pair), &number,
                        &is_new);
    if (error != 0)
        return error;
    *ret_pair = manifest_pair_at(manifest, number);
    if (is_new) {
        **ret_pair = (struct manifest_pair){.timeline = timeline, .component = component};
        buffer_init(&(*ret_pair)->ranges, BUFFER_NO_LIMIT);
    }
    return 0;
}

/* --- Adding chunks ---------------------------------------------------------------------------- */

static bool is_empty(const struct chunk_column *column, size_t n_rows)
{
    for (size_t row = 0; row < n_rows; row++) {
        if (chunk_cell(column, row).n > 0)
            return false;
    }
    return true;
}

static int make_field(struct manifest_field *field, uint32_t entity, uint32_t component,
                      const struct ArrowSchema *type)
{
    *field = (struct manifest_field){.entity = entity, .component = component, .is_empty = true};
    return -ArrowSchemaDeepCopy(type, &field->type);
}

static int add_field(struct manifest *manifest, const struct chunk *chunk, size_t column,
                     uint32_t entity, uint32_t component)
{
    const struct ArrowSchema *type = chunk->columns[column].field;
    struct manifest_field *field;
    uint32_t number;
    bool is_new;
    int error;

    start_key(manifest);
    error = key_number(manifest, entity);
    if (error == 0)
        error = key_number(manifest, component);
    if (error == 0)
        error = key_type(manifest, type);
    if (error == 0)
        error = set_add(&manifest->fields, key_of(manifest), sizeof(*field), &number, &is_new);
    if (error != 0)
        return error;
    field = manifest_field_at(manifest, number);
    if (is_new)
        error = make_field(field, entity, component, type);
    field->is_static |= chunk->n_timelines == 0;
    field->is_empty &= is_empty(&chunk->columns[column], chunk->n_rows);
    return error;
}

static void extend_range(struct manifest_range *range, int64_t time)
{
    if (range->n_rows == 0 || time < range->start)
        range->start = time;
    if (range->n_rows == 0 || time > range->end)
        range->end = time;
    range->n_rows++;
}

/* The times of the rows in which the component is not null; of all rows for no component. */
static struct manifest_range find_range(const struct chunk *chunk, const struct chunk_times *times,
                                        const struct chunk_column *column, uint32_t number)
{
    struct manifest_range range = {.chunk = number};

    for (size_t row = 0; row < chunk->n_rows; row++) {
        if (column == NULL || !chunk_cell(column, row).is_null)
            extend_range(&range, times->values[row]);
    }
    return range;
}

static bool has_null_rows(const struct chunk_column *column)
{
    return column->view->null_count != 0 && ArrowArrayViewComputeNullCount(column->view) != 0;
}

static int add_times(struct manifest *manifest, const struct chunk *chunk,
                     const struct chunk_times *times, uint32_t number, const uint32_t *components,
                     struct rrd_error *error)
{
    struct manifest_range whole = find_range(chunk, times, NULL, number);
    struct manifest_pair *pair;
    uint32_t timeline;
    int result = add_timeline(manifest, times, &timeline, error);

    if (result == 0)
        result =
            buffer_append(&manifest_timeline_at(manifest, timeline)->ranges, &whole, sizeof(whole));
    for (size_t i = 0; result == 0 && i < chunk->n_columns; i++) {
        const struct chunk_column *column = &chunk->columns[i];
        struct manifest_range range =
            has_null_rows(column) ? find_range(chunk, times, column, number) : whole;

        result = add_pair(manifest, timeline, components[i], &pair);
        if (result == 0)
            result = buffer_append(&pair->ranges, &range, sizeof(range));
    }
    return result;
}

static int add_columns(struct manifest *manifest, const struct chunk *chunk, uint32_t number,
                       uint32_t entity, uint32_t *components)
{
    int error = 0;

    for (size_t i = 0; error == 0 && i < chunk->n_columns; i++) {
        error = add_component(manifest, &chunk->columns[i].descriptor, &components[i]);
        if (error == 0 && chunk->n_timelines == 0)
            error = buffer_append(&manifest_component_at(manifest, components[i])->static_chunks,
                                  &number, sizeof(number));
        if (error == 0)
            error = add_field(manifest, chunk, i, entity, components[i]);
    }
    return error;
}

static int add_content(struct manifest *manifest, const struct chunk *chunk, uint32_t number,
                       uint32_t entity, struct rrd_error *error)
{
    uint32_t *components = calloc(chunk->n_columns + 1, sizeof(*components));
    int result;

    if (components == NULL)
        return -ENOMEM;
    result = add_columns(manifest, chunk, number, entity, components);
    for (size_t i = 0; result == 0 && i < chunk->n_timelines; i++)
        result = add_times(manifest, chunk, &chunk->timelines[i], number, components, error);
    free(components);
    return result;
}

int manifest_add(struct manifest *manifest, const struct chunk *chunk, struct manifest_place place,
                 struct rrd_error *error)
{
    struct manifest_chunk entry = {
        .is_static = chunk->n_timelines == 0,
        .id = chunk->id,
        .n_rows = chunk->n_rows,
        .uncompressed_size = chunk->uncompressed_size,
        .place = place,
    };
    uint32_t number = (uint32_t)manifest_n_chunks(manifest);
    bool is_new;
    int result = key_index_add(&manifest->entities, chunk->entity_path, &entry.entity, &is_new);

    if (result == 0)
        result = buffer_append(&manifest->chunks, &entry, sizeof(entry));
    if (result == 0)
        result = add_content(manifest, chunk, number, entry.entity, error);
    return result;
}
