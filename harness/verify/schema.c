/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads YAML mappings by tables of keys and refuses what is not in them. It knows no key by itself
 * and keeps no state.
 */
#include "harness/verify/schema.h"

#include "harness/cleanup.h"
#include "harness/duration.h"

#include <bsd/stdlib.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEAREST_MAX_WORD 32 /* bytes; longer words are not compared */

static const char *kind_of(const yaml_node_t *node)
{
    switch (node->type) {
    case YAML_MAPPING_NODE:
        return "a mapping";
    case YAML_SEQUENCE_NODE:
        return "a list";
    case YAML_SCALAR_NODE:
        return node->data.scalar.length == 0 ? "empty" : "a single value";
    default:
        return "nothing";
    }
}

/* --- The nearest name ------------------------------------------------------------------------ */

/* Costs of making the first j letters of one word of the first i of another: at[i][j]. */
struct distances {
    size_t at[NEAREST_MAX_WORD + 1][NEAREST_MAX_WORD + 1];
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The cheapest way to [i][j], both above 0: drop, add or change a letter, or swap two. */
static size_t find_step(const struct distances *costs, const char *a, const char *b, size_t i,
                        size_t j)
{
    size_t change = costs->at[i - 1][j - 1] + !same_letter(a[i - 1], b[j - 1]);
    size_t best = least(change, 1 + least(costs->at[i - 1][j], costs->at[i][j - 1]));
    bool is_swapped =
        i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]);
    return is_swapped ? least(best, costs->at[i - 2][j - 2] + 1) : best;
}

/*
 * Letters to change, drop, add or swap with a neighbour to make b of a; upper case counts as lower.
 * Both are at most NEAREST_MAX_WORD long. "Optimal string alignment" of the Damerau-Levenshtein
 * distance.
 */
static size_t distance(const char *a, const char *b)
{
    struct distances costs;
    size_t a_size = strlen(a), b_size = strlen(b);
    for (size_t i = 0; i <= a_size; i++) {
        for (size_t j = 0; j <= b_size; j++) {
            costs.at[i][j] = i == 0 || j == 0 ? i + j : find_step(&costs, a, b, i, j);
        }
    }
    return costs.at[a_size][b_size];
}

const char *schema_nearest(const char *word, size_t n,
                           const char *(*name_at)(const void *context, size_t i),
                           const void *context)
{
    const char *nearest = NULL;
    size_t size = strlen(word), best = size / 3 > 1 ? size / 3 : 1;

    if (size > NEAREST_MAX_WORD) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const char *name = name_at(context, i);
        if (strlen(name) > NEAREST_MAX_WORD) {
            continue;
        }
        size_t d = distance(word, name);
        if (d < best || (d == best && nearest == NULL)) {
            best = d;
            nearest = name;
        }
    }
    return nearest;
}

/* --- Mappings and lists ----------------------------------------------------------------------- */

static const char *key_name(const void *context, size_t i)
{
    return ((const struct schema *)context)->keys[i].name;
}

static int refuse_key(struct yaml_document *document, const yaml_node_t *node,
                      const struct schema *schema, const char *word)
{
    const char *nearest = schema_nearest(word, schema->n_keys, key_name, schema);
    if (nearest != NULL) {
        return yaml_document_refuse(document, node, "%s has no key '%.60s'; did you mean '%s'?",
                                    schema->what, word, nearest);
    }
    char list[512] = "";
    for (size_t i = 0; i < schema->n_keys; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", schema->keys[i].name);
    }
    return yaml_document_refuse(document, node, "%s has no key '%.60s'; there are %s", schema->what,
                                word, list);
}

/* Finds the table's entry for a key's node. */
static int find_key(struct yaml_document *document, const yaml_node_t *node,
                    const struct schema *schema, size_t *ret_index)
{
    CLEANUP(free_pointer) char *word = NULL;
    if (node->type != YAML_SCALAR_NODE) {
        return yaml_document_refuse(document, node, "a key must be a word, this is %s",
                                    kind_of(node));
    }
    int error = schema_read_any_text(document, node, &word);
    if (error < 0) {
        return error;
    }
    for (size_t i = 0; i < schema->n_keys; i++) {
        if (strcmp(schema->keys[i].name, word) == 0) {
            *ret_index = i;
            return 0;
        }
    }
    return refuse_key(document, node, schema, word);
}

static int read_pair(struct yaml_document *document, const yaml_node_pair_t *pair,
                     const struct schema *schema, uint64_t *seen, void *into)
{
    const yaml_node_t *key = yaml_document_node(document, pair->key);
    size_t index = 0;
    int error = find_key(document, key, schema, &index);
    if (error < 0) {
        return error;
    }
    if (*seen & UINT64_C(1) << index) {
        return yaml_document_refuse(document, key, "'%s' stands here twice",
                                    schema->keys[index].name);
    }
    *seen |= UINT64_C(1) << index;
    return schema->keys[index].read(document, yaml_document_node(document, pair->value), into);
}

int schema_read_mapping(struct yaml_document *document, const yaml_node_t *node,
                        const struct schema *schema, void *into)
{
    uint64_t seen = 0;

    if (node->type != YAML_MAPPING_NODE) {
        return yaml_document_refuse(document, node, "%s must be a mapping (key: value), this is %s",
                                    schema->what, kind_of(node));
    }
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        int error = read_pair(document, pair, schema, &seen, into);
        if (error < 0) {
            return error;
        }
    }
    for (size_t i = 0; i < schema->n_keys; i++) {
        if (schema->keys[i].is_required && !(seen & UINT64_C(1) << i)) {
            return yaml_document_refuse(document, node, "%s needs the key '%s'", schema->what,
                                        schema->keys[i].name);
        }
    }
    return 0;
}

size_t schema_n_items(const yaml_node_t *node)
{
    return node->type == YAML_SEQUENCE_NODE
               ? (size_t)(node->data.sequence.items.top - node->data.sequence.items.start)
               : 0;
}

int schema_read_list(struct yaml_document *document, const yaml_node_t *node, size_t min,
                     size_t max, int (*read)(struct yaml_document *, const yaml_node_t *, void *),
                     void *into)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        return yaml_document_refuse(document, node, "must be a list, this is %s", kind_of(node));
    }
    const yaml_node_item_t *items = node->data.sequence.items.start;
    size_t n = schema_n_items(node);
    if (n < min || n > max) {
        return min == max ? yaml_document_refuse(document, node,
                                                 "must be a list of %zu, this has %zu", min, n)
                          : yaml_document_refuse(document, node,
                                                 "must be a list of %zu to %zu, this has %zu", min,
                                                 max, n);
    }
    for (size_t i = 0; i < n; i++) {
        int error = read(document, yaml_document_node(document, items[i]), into);
        if (error < 0) {
            return error;
        }
    }
    return 0;
}

int schema_count_pairs(struct yaml_document *document, const yaml_node_t *node, const char *example,
                       const char *what, size_t max, size_t *ret_n)
{
    if (node->type != YAML_MAPPING_NODE) {
        return yaml_document_refuse(document, node, "must be a mapping like %s", example);
    }
    size_t n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    if (n == 0 || n > max) {
        return yaml_document_refuse(document, node, "must have 1 to %zu %s", max, what);
    }
    *ret_n = n;
    return 0;
}

int schema_read_pairs(struct yaml_document *document, const yaml_node_t *node,
                      int (*read)(struct yaml_document *, const yaml_node_pair_t *, void *),
                      void *into)
{
    int error = 0;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         error == 0 && pair < node->data.mapping.pairs.top; pair++) {
        error = read(document, pair, into);
    }
    return error;
}

/* --- Single values ---------------------------------------------------------------------------- */

/* A value that nothing but a comment follows is the usual trap: `color: #ff0000`. */
static int refuse_nothing(struct yaml_document *document, const yaml_node_t *node)
{
    return yaml_document_refuse(document, node,
                                "no value; write \"\" for an empty text, and put text that begins "
                                "with '#' into quotes");
}

int schema_read_any_text(struct yaml_document *document, const yaml_node_t *node, char **ret_text)
{
    if (node->type != YAML_SCALAR_NODE) {
        return yaml_document_refuse(document, node, "must be a single value, this is %s",
                                    kind_of(node));
    }
    const char *value = (const char *)node->data.scalar.value;
    size_t size = node->data.scalar.length;
    if (size == 0 && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        return refuse_nothing(document, node);
    }
    if (memchr(value, '\0', size) != NULL) {
        return yaml_document_refuse(document, node, "a NUL character cannot stand in a text");
    }
    char *text = strndup(value, size);
    if (text == NULL) {
        return -ENOMEM;
    }
    *ret_text = text;
    return 0;
}

int schema_read_text(struct yaml_document *document, const yaml_node_t *node, char **ret_text)
{
    if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
        node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
        return yaml_document_refuse(document, node, "must not be empty");
    }
    return schema_read_any_text(document, node, ret_text);
}

int schema_read_integer(struct yaml_document *document, const yaml_node_t *node, int64_t min,
                        int64_t max, int64_t *ret_value)
{
    CLEANUP(free_pointer) char *text = NULL;
    const char *fault = NULL;
    int error = schema_read_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    /* strtonum would skip leading spaces and take a plus sign. */
    bool is_clean = text[0] == '-' || isdigit((unsigned char)text[0]);
    int64_t value = is_clean ? strtonum(text, min, max, &fault) : 0;
    if (!is_clean || fault != NULL) {
        return yaml_document_refuse(document, node,
                                    "must be a whole number from %lld to %lld, not '%.60s'",
                                    (long long)min, (long long)max, text);
    }
    *ret_value = value;
    return 0;
}

int schema_read_number(struct yaml_document *document, const yaml_node_t *node, double *ret_value)
{
    CLEANUP(free_pointer) char *text = NULL;
    int error = schema_read_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    /* Only what makes a decimal number: strtod would take spaces, hex, "inf" and "nan" too. */
    char *end = text;
    double value = strspn(text, "+-.0123456789eE") == strlen(text) ? strtod(text, &end) : 0;
    if (end == text || *end != '\0' || !isfinite(value)) {
        return yaml_document_refuse(document, node, "must be a number, not '%.60s'", text);
    }
    *ret_value = value;
    return 0;
}

int schema_read_duration(struct yaml_document *document, const yaml_node_t *node, int64_t *ret_ms)
{
    CLEANUP(free_pointer) char *text = NULL;
    int64_t duration_ms = 0;
    int error = schema_read_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    error = duration_parse(text, &duration_ms);
    if (error == -EINVAL) {
        return yaml_document_refuse(
            document, node, "must be a time with its unit (500ms, 20s, 2m, 1h), not '%.60s'", text);
    }
    if (error < 0 || duration_ms == 0) {
        return yaml_document_refuse(document, node, "must be from 1ms to a year");
    }
    *ret_ms = duration_ms;
    return 0;
}
