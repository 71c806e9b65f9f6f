/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Component types by id. Definitions come from spools: record_component_parse checks them.
 */
#include "harness/courier/component_table.h"

#include "harness/courier/array.h"
#include "sdk/record/builtin.h"

#include <errno.h>
#include <string.h>

void component_table_init(struct component_table *table)
{
    *table = (struct component_table){0};
}

void component_table_done(struct component_table *table)
{
    for (size_t i = 0; i < table->n; i++)
        free(table->types[i]);
    free(table->types);
    component_table_init(table);
}

static size_t place_of(const struct component_table *table, uint32_t id)
{
    size_t low = 0;
    size_t high = table->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (table->types[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct string_view copy_text(char **at, const char *text, size_t size)
{
    char *copy = *at;

    memcpy(copy, text, size);
    *at += size;
    return (struct string_view){copy, size};
}

/* One piece of memory: the type, its nodes, its texts. */
static struct component_type *make_type(const struct record_component_view *view)
{
    const struct record_component *head = view->head;
    size_t nodes_size = head->n_nodes * sizeof(*view->nodes);
    size_t text_size =
        (size_t)head->archetype_size + head->component_size + head->component_type_size;
    struct component_type *type = malloc(sizeof(*type) + nodes_size + text_size);
    char *text;

    if (type == NULL)
        return NULL;
    memcpy(type + 1, view->nodes, nodes_size);
    text = (char *)(type + 1) + nodes_size;
    *type = (struct component_type){
        .id = head->id,
        .nodes = (const struct datatype_node *)(const void *)(type + 1),
        .n_nodes = head->n_nodes,
    };
    type->descriptor.archetype = copy_text(&text, view->archetype, head->archetype_size);
    type->descriptor.component = copy_text(&text, view->component, head->component_size);
    type->descriptor.component_type =
        copy_text(&text, view->component_type, head->component_type_size);
    return type;
}

int component_table_add(struct component_table *table, const void *payload, size_t size)
{
    struct record_component_view view;
    struct component_type **types;
    struct component_type *type;
    int result = record_component_parse(payload, size, &view);
    size_t place;

    if (result < 0)
        return result;
    place = place_of(table, view.head->id);
    if (place < table->n && table->types[place]->id == view.head->id)
        return 0;
    types = array_grow(table->types, table->n, &table->capacity, sizeof(*types));
    if (types == NULL)
        return -ENOMEM;
    table->types = types;
    type = make_type(&view);
    if (type == NULL)
        return -ENOMEM;
    memmove(&types[place + 1], &types[place], (table->n - place) * sizeof(*types));
    types[place] = type;
    table->n++;
    return 0;
}

static int find_builtin(uint32_t id, struct component_type *ret_type)
{
    const struct builtin_component *builtin = builtin_component_find(id);

    if (builtin == NULL)
        return -ENOENT;
    *ret_type = (struct component_type){
        .id = id,
        .descriptor =
            {
                .archetype = string_view_of(builtin->archetype),
                .component = string_view_of(builtin->component),
                .component_type = string_view_of(builtin->component_type),
            },
        .nodes = builtin->nodes,
        .n_nodes = builtin->n_nodes,
    };
    return 0;
}

int component_table_find(const struct component_table *table, uint32_t id,
                         struct component_type *ret_type)
{
    size_t place = place_of(table, id);

    if (place == table->n || table->types[place]->id != id)
        return find_builtin(id, ret_type);
    *ret_type = *table->types[place];
    return 0;
}
