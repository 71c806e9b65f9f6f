/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Makes dense columns of what the manifest has sparse. No state.
 */
#include "harness/wire/manifest_table.h"

#include "harness/wire/bitmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* --- Size ------------------------------------------------------------------------------------- */

/* Columns that every table has. */
#define N_COMMON 7

static size_t count_columns(const struct manifest *manifest)
{
    return N_COMMON + manifest_count(&manifest->components) +
           2 * manifest_count(&manifest->timelines) + 3 * manifest_count(&manifest->pairs);
}

static size_t estimate_size(const struct manifest *manifest)
{
    size_t per_row = 16 + 8 * count_columns(manifest);
    size_t size;

    for (size_t i = size = 0; i < manifest_n_chunks(manifest); i++)
        size += per_row + manifest->entities.keys[manifest_chunk_at(manifest, i)->entity].size;
    return size;
}

/* --- Names ------------------------------------------------------------------------------------ */

/* "TextLog" for "rerun.archetypes.TextLog": the part that component names begin with. */
static struct string_view short_name(struct string_view archetype)
{
    static const char *const prefixes[] = {"rerun.archetypes.", "rerun.blueprint.archetypes.",
                                           "rerun."};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t size = strlen(prefixes[i]);

        if (archetype.size > size && memcmp(archetype.data, prefixes[i], size) == 0)
            return (struct string_view){archetype.data + size, archetype.size - size};
    }
    return archetype;
}

/* "text" for "TextLog:text". */
static struct string_view field_name(struct string_view component, struct string_view archetype)
{
    size_t n = archetype.size;

    if (n > 0 && component.size > n && memcmp(component.data, archetype.data, n) == 0 &&
        component.data[n] == ':')
        return (struct string_view){component.data + n + 1, component.size - n - 1};
    return component;
}

/* Rerun replaces the characters that other software stumbles over. */
static char *sanitise(char *name)
{
    for (char *c = name; *c != '\0'; c++) {
        if (strchr(", -.\\", *c) != NULL)
            *c = '_';
    }
    memmove(name, name + strspn(name, "_"), strlen(name + strspn(name, "_")) + 1);
    return name;
}

/* Timeline, archetype, field and suffix, as far as there are any, with colons between. NULL: no
 * memory. */
static char *make_name(struct string_view timeline, const struct column_descriptor *descriptor,
                       const char *suffix)
{
    struct string_view parts[4] = {timeline, {NULL, 0}, {NULL, 0}, string_view_of(suffix)};
    char *name = NULL;
    size_t size;
    FILE *stream = open_memstream(&name, &size);
    bool failed;

    if (stream == NULL)
        return NULL;
    if (descriptor != NULL) {
        parts[1] = short_name(descriptor->archetype);
        parts[2] = field_name(descriptor->component, parts[1]);
    }
    for (size_t i = 0; i < 4; i++) {
        if (parts[i].size > 0)
            (void)fprintf(stream, "%.*s%s", (int)parts[i].size, parts[i].data, i < 3 ? ":" : "");
    }
    failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed) {
        free(name);
        return NULL;
    }
    return sanitise(name);
}

/* --- Columns ---------------------------------------------------------------------------------- */

static int add_column(struct manifest_table *table, enum datatype_kind kind, char *name,
                      struct manifest_column **ret_column)
{
    struct manifest_column *column = &table->columns[table->n_columns];
    int error;

    *column = (struct manifest_column){.name = name, .type = {.kind = (uint8_t)kind}};
    if (name == NULL)
        return -ENOMEM;
    table->n_columns++;
    if (kind == DATATYPE_FIXED_SIZE_BINARY)
        column->type.param = 16;
    error = column_node_init(&column->node, &column->type);
    column->node.length = table->n_rows;
    *ret_column = column;
    return error;
}

/* A column of numbers, or of nulls that become numbers one by one. */
static int add_numbers(struct manifest_table *table, enum datatype_kind kind, char *name,
                       uint64_t **ret_values, struct manifest_column **ret_column)
{
    int error = add_column(table, kind, name, ret_column);

    if (error == 0)
        error = buffer_append_zeros(&(*ret_column)->node.data, table->n_rows * sizeof(uint64_t));
    if (error == 0)
        *ret_values = (uint64_t *)(*ret_column)->node.data.data;
    return error;
}

static int add_bools(struct manifest_table *table, char *name, struct manifest_column **ret_column)
{
    int error = add_column(table, DATATYPE_BOOL, name, ret_column);

    return error != 0 ? error : bitmap_extend(&(*ret_column)->node.data, table->n_rows);
}

static void set_bit(struct buffer *bits, size_t i)
{
    bitmap_set(bits->data, i, i + 1);
}

/* --- What all chunks have --------------------------------------------------------------------- */

static int add_entities(struct manifest_table *table, const struct manifest *manifest)
{
    struct manifest_column *column;
    int error = add_column(table, DATATYPE_UTF8, strdup("chunk_entity_path"), &column);

    for (size_t i = 0; error == 0 && i < table->n_rows; i++) {
        struct string_view path = manifest->entities.keys[manifest_chunk_at(manifest, i)->entity];
        int32_t end;

        error = buffer_append(&column->node.data, path.data, path.size);
        end = (int32_t)column->node.data.size;
        if (error == 0)
            error = buffer_append(&column->node.offsets, &end, sizeof(end));
    }
    return error;
}

static int add_ids(struct manifest_table *table, const struct manifest *manifest)
{
    struct manifest_column *column;
    int error = add_column(table, DATATYPE_FIXED_SIZE_BINARY, strdup("chunk_id"), &column);

    for (size_t i = 0; error == 0 && i < table->n_rows; i++) {
        uint8_t bytes[16];

        tuid_to_arrow(manifest_chunk_at(manifest, i)->id, bytes);
        error = buffer_append(&column->node.data, bytes, sizeof(bytes));
    }
    return error;
}

static int add_statics(struct manifest_table *table, const struct manifest *manifest)
{
    struct manifest_column *column;
    int error = add_bools(table, strdup("chunk_is_static"), &column);

    for (size_t i = 0; error == 0 && i < table->n_rows; i++) {
        if (manifest_chunk_at(manifest, i)->is_static)
            set_bit(&column->node.data, i);
    }
    return error;
}

static int add_counts(struct manifest_table *table, const struct manifest *manifest)
{
    static const char *const names[] = {"chunk_num_rows", "chunk_byte_offset", "chunk_byte_size",
                                        "chunk_byte_size_uncompressed"};
    uint64_t *values[4];
    struct manifest_column *column;
    int error = 0;

    for (size_t i = 0; error == 0 && i < 4; i++)
        error = add_numbers(table, DATATYPE_UINT64, strdup(names[i]), &values[i], &column);
    for (size_t i = 0; error == 0 && i < table->n_rows; i++) {
        const struct manifest_chunk *chunk = manifest_chunk_at(manifest, i);

        values[0][i] = chunk->n_rows;
        values[1][i] = chunk->place.offset;
        values[2][i] = chunk->place.size;
        values[3][i] = chunk->uncompressed_size;
    }
    return error;
}

static int add_common(struct manifest_table *table, const struct manifest *manifest)
{
    int error = add_entities(table, manifest);

    if (error == 0)
        error = add_ids(table, manifest);
    if (error == 0)
        error = add_statics(table, manifest);
    return error != 0 ? error : add_counts(table, manifest);
}

/* --- What some chunks have -------------------------------------------------------------------- */

static int add_component(struct manifest_table *table, const struct manifest_component *component)
{
    const uint32_t *chunks = (const uint32_t *)component->static_chunks.data;
    size_t n = component->static_chunks.size / sizeof(*chunks);
    const struct column_descriptor *descriptor = &component->descriptor;
    struct string_view none = {NULL, 0};
    struct manifest_column *column;
    int error = add_bools(table, make_name(none, descriptor, "has_static_data"), &column);

    if (error != 0)
        return error;
    for (size_t i = 0; i < n; i++)
        set_bit(&column->node.data, chunks[i]);
    column->descriptor = descriptor;
    column->index = string_view_of("rerun:static");
    return 0;
}

static enum datatype_kind kind_of(enum time_type type)
{
    if (type == TIME_SEQUENCE)
        return DATATYPE_INT64;
    return type == TIME_DURATION ? DATATYPE_DURATION_NS : DATATYPE_TIMESTAMP_NS;
}

/* The starts or the ends of ranges; null where a chunk has none. */
static int add_bounds(struct manifest_table *table, const struct manifest_timeline *timeline,
                      const struct column_descriptor *descriptor, const struct buffer *ranges,
                      bool is_end)
{
    const struct manifest_range *range = (const struct manifest_range *)ranges->data;
    size_t n = ranges->size / sizeof(*range);
    char *name = make_name(timeline->name, descriptor, is_end ? "end" : "start");
    struct manifest_column *column;
    uint64_t *values;
    int error = add_numbers(table, kind_of(timeline->type), name, &values, &column);

    if (error == 0)
        error = bitmap_extend(&column->node.validity, table->n_rows);
    if (error != 0)
        return error;
    column->type.nullable = 1;
    column->descriptor = descriptor;
    column->index = timeline->name;
    column->node.null_count = table->n_rows;
    for (size_t i = 0; i < n; i++) {
        if (range[i].n_rows == 0)
            continue;
        values[range[i].chunk] = (uint64_t)(is_end ? range[i].end : range[i].start);
        set_bit(&column->node.validity, range[i].chunk);
        column->node.null_count--;
    }
    return 0;
}

static int add_timeline(struct manifest_table *table, const struct manifest_timeline *timeline)
{
    int error = add_bounds(table, timeline, NULL, &timeline->ranges, false);

    return error != 0 ? error : add_bounds(table, timeline, NULL, &timeline->ranges, true);
}

static int add_row_counts(struct manifest_table *table, const struct manifest_timeline *timeline,
                          const struct column_descriptor *descriptor, const struct buffer *ranges)
{
    const struct manifest_range *range = (const struct manifest_range *)ranges->data;
    size_t n = ranges->size / sizeof(*range);
    char *name = make_name(timeline->name, descriptor, "num_rows");
    struct manifest_column *column;
    uint64_t *values;
    int error = add_numbers(table, DATATYPE_UINT64, name, &values, &column);

    if (error != 0)
        return error;
    column->type.nullable = 1;
    column->descriptor = descriptor;
    column->index = timeline->name;
    for (size_t i = 0; i < n; i++)
        values[range[i].chunk] = range[i].n_rows;
    return 0;
}

static int add_pair(struct manifest_table *table, const struct manifest *manifest,
                    const struct manifest_pair *pair)
{
    const struct manifest_timeline *timeline = manifest_timeline_at(manifest, pair->timeline);
    const struct column_descriptor *descriptor =
        &manifest_component_at(manifest, pair->component)->descriptor;
    int error = add_bounds(table, timeline, descriptor, &pair->ranges, false);

    if (error == 0)
        error = add_bounds(table, timeline, descriptor, &pair->ranges, true);
    return error != 0 ? error : add_row_counts(table, timeline, descriptor, &pair->ranges);
}

/* --- The whole -------------------------------------------------------------------------------- */

static int fill(struct manifest_table *table, const struct manifest *manifest)
{
    int error = add_common(table, manifest);

    for (size_t i = 0; error == 0 && i < manifest_count(&manifest->components); i++)
        error = add_component(table, manifest_component_at(manifest, i));
    for (size_t i = 0; error == 0 && i < manifest_count(&manifest->timelines); i++)
        error = add_timeline(table, manifest_timeline_at(manifest, i));
    for (size_t i = 0; error == 0 && i < manifest_count(&manifest->pairs); i++)
        error = add_pair(table, manifest, manifest_pair_at(manifest, i));
    return error;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A reader looks columns up by name, and refuses the whole file for one that it finds twice. */
static int check_names(const struct manifest_table *table, struct rrd_error *error)
{
    char **names = calloc(table->n_columns, sizeof(*names));
    int result = 0;

    if (names == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->n_columns; i++)
        names[i] = table->columns[i].name;
    qsort(names, table->n_columns, sizeof(*names), compare_names);
    for (size_t i = 1; result == 0 && i < table->n_columns; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            rrd_error_set(error, "two timelines or components are both called %s in an index",
                          names[i]);
            result = -ENOTSUP;
        }
    }
    free(names);
    return result;
}

int manifest_table_make(const struct manifest *manifest, size_t limit_bytes,
                        struct manifest_table *ret_table, struct rrd_error *error)
{
    struct manifest_table table = {.n_rows = manifest_n_chunks(manifest)};
    int result;

    if (estimate_size(manifest) > limit_bytes) {
        rrd_error_set(error, "an index would take more than %zu bytes", limit_bytes);
        return -E2BIG;
    }
    table.columns = calloc(count_columns(manifest), sizeof(*table.columns));
    if (table.columns == NULL)
        return -ENOMEM;
    result = fill(&table, manifest);
    if (result == 0)
        result = check_names(&table, error);
    if (result != 0) {
        manifest_table_done(&table);
        return result;
    }
    *ret_table = table;
    return 0;
}

void manifest_table_done(struct manifest_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        free(table->columns[i].name);
        column_node_done(&table->columns[i].node);
    }
    free(table->columns);
    *table = (struct manifest_table){0};
}
