/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rerun's chunk schema, "sorbet" 0.1.4. State: the caller's struct.
 */
#include "harness/wire/chunk_schema.h"

#include "harness/wire/arrow_schema.h"
#include "harness/wire/ipc_template.h"

#include <errno.h>
#include <stdlib.h>

#define SORBET_VERSION "0.1.4"

/* --- Order of columns ------------------------------------------------------------------------- */

static int compare_timelines(const void *a, const void *b, void *context)
{
    const struct chunk_series *series = context;

    return string_view_compare(series->timelines[*(const size_t *)a].name,
                               series->timelines[*(const size_t *)b].name);
}

static int compare_columns(const void *a, const void *b, void *context)
{
    const struct chunk_series *series = context;
    const struct column_descriptor *x = &series->columns[*(const size_t *)a].descriptor;
    const struct column_descriptor *y = &series->columns[*(const size_t *)b].descriptor;
    int order = string_view_compare(x->archetype, y->archetype);

    return order != 0 ? order : string_view_compare(x->component, y->component);
}

/* Returns 0..n-1 in the order that `compare` wants, or NULL. */
static size_t *make_order(size_t n, int (*compare)(const void *, const void *, void *),
                          const struct chunk_series *series)
{
    struct chunk_series context = *series;
    size_t *order = calloc(n > 0 ? n : 1, sizeof(*order));

    if (order == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof(*order), compare, &context);
    return order;
}

/* --- Checks ----------------------------------------------------------------------------------- */

/* Names are compared as they were written: mending may have made two of them equal. */
static int check_timelines(const struct ArrowSchema *arrow, size_t n_timelines)
{
    for (size_t i = 1; i <= n_timelines; i++) {
        if (arrow->children[i]->name[0] == '\0')
            return -EINVAL;
        for (size_t j = 1; j < i; j++) {
            if (strcmp(arrow->children[i]->name, arrow->children[j]->name) == 0)
                return -EEXIST;
        }
    }
    return 0;
}

/* Rerun knows a component of an entity by its name alone, whatever its archetype. */
static int check_columns(const struct chunk_series *series)
{
    if (series->n_columns == 0)
        return -EINVAL;
    for (size_t i = 0; i < series->n_columns; i++) {
        for (size_t j = 0; j < i; j++) {
            if (string_view_equal(series->columns[i].descriptor.component,
                                  series->columns[j].descriptor.component))
                return -EEXIST;
        }
    }
    return 0;
}

/* --- Fields ----------------------------------------------------------------------------------- */

static int set_row_id(struct ArrowSchema *field)
{
    int error = arrow_schema_set_row_id(field);

    return error != 0 ? error : arrow_schema_set_row_id_metadata(field, true);
}

static int set_timeline(struct ArrowSchema *field, const struct chunk_timeline *timeline)
{
    int error = arrow_schema_set_timeline(field, timeline->name, timeline->type);

    return error != 0 ? error : arrow_schema_set_timeline_metadata(field, true);
}

static int set_component(struct ArrowSchema *field, const struct column *column)
{
    const struct column_descriptor *descriptor = &column->descriptor;
    struct chunk_metadata pairs[4] = {
        CHUNK_METADATA("rerun:kind", string_view_of("data")),
        CHUNK_METADATA("rerun:component", descriptor->component),
    };
    size_t n_pairs = 2;
    int error;

    if (descriptor->archetype.size > 0)
        pairs[n_pairs++] = CHUNK_METADATA("rerun:archetype", descriptor->archetype);
    if (descriptor->component_type.size > 0)
        pairs[n_pairs++] = CHUNK_METADATA("rerun:component_type", descriptor->component_type);
    error = arrow_schema_set_list(field, column->types);
    if (error == 0)
        error = arrow_schema_set_name(field, descriptor->component);
    return error != 0 ? error : arrow_schema_set_metadata(field, pairs, n_pairs);
}

/* --- The whole -------------------------------------------------------------------------------- */

static int set_metadata(struct ArrowSchema *arrow, const struct chunk_series *series)
{
    static const char placeholder[] = "chunk_00000000000000000000000000000000";
    size_t n = series->n_metadata;
    struct chunk_metadata *pairs = calloc(n + 3, sizeof(*pairs));
    int error;

    _Static_assert(sizeof(placeholder) - 1 == IPC_CHUNK_ID_SIZE, "an id of another length");
    if (pairs == NULL)
        return -ENOMEM;
    if (n > 0)
        memcpy(pairs, series->metadata, n * sizeof(*pairs));
    pairs[n] = CHUNK_METADATA("rerun:id", string_view_of(placeholder));
    pairs[n + 1] = CHUNK_METADATA("rerun:entity_path", series->entity_path);
    pairs[n + 2] = CHUNK_METADATA("sorbet:version", string_view_of(SORBET_VERSION));
    error = arrow_schema_set_metadata(arrow, pairs, n + 3);
    free(pairs);
    return error;
}

static int build(struct chunk_schema *schema, const struct chunk_series *series)
{
    struct ArrowSchema *arrow = &schema->arrow;
    size_t n_timelines = schema->n_timelines;
    int error = arrow_schema_set_struct(arrow, 1 + n_timelines + schema->n_columns);

    if (error == 0)
        error = set_metadata(arrow, series);
    if (error == 0)
        error = set_row_id(arrow->children[0]);
    for (size_t i = 0; error == 0 && i < n_timelines; i++)
        error = set_timeline(arrow->children[1 + i], &series->timelines[schema->timelines[i]]);
    for (size_t i = 0; error == 0 && i < schema->n_columns; i++)
        error = set_component(arrow->children[1 + n_timelines + i],
                              &series->columns[schema->columns[i]]);
    return error;
}

int chunk_schema_init(struct chunk_schema *schema, const struct chunk_series *series)
{
    int error;

    *schema = (struct chunk_schema){
        .n_timelines = series->n_timelines,
        .n_columns = series->n_columns,
        .timelines = make_order(series->n_timelines, compare_timelines, series),
        .columns = make_order(series->n_columns, compare_columns, series),
    };
    ArrowSchemaInit(&schema->arrow);
    error = schema->timelines == NULL || schema->columns == NULL ? -ENOMEM : 0;
    if (error == 0)
        error = check_columns(series);
    if (error == 0)
        error = build(schema, series);
    if (error == 0)
        error = check_timelines(&schema->arrow, schema->n_timelines);
    if (error != 0)
        chunk_schema_done(schema);
    return error;
}

void chunk_schema_done(struct chunk_schema *schema)
{
    if (schema == NULL)
        return;
    if (schema->arrow.release != NULL)
        ArrowSchemaRelease(&schema->arrow);
    free(schema->timelines);
    free(schema->columns);
    *schema = (struct chunk_schema){0};
}

int chunk_schema_set_sorted(struct chunk_schema *schema, const bool *sorted)
{
    struct ArrowSchema **fields = schema->arrow.children;
    int error = arrow_schema_set_row_id_metadata(fields[0], sorted[0]);

    for (size_t i = 1; error == 0 && i <= schema->n_timelines; i++)
        error = arrow_schema_set_timeline_metadata(fields[i], sorted[i]);
    return error;
}
