/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Takes spool records apart. Every number in them may be wrong, by a crash or on purpose: each is
 * checked before it is used, sizes first. No allocation, no state.
 */
#include "sdk/record/record.h"

#include <errno.h>
#include <string.h>

/* What is left of a payload. Parts are taken off the front, and only if they lie inside. */
struct cursor {
    const uint8_t *next;
    size_t left;
};

/* Returns the next `size` bytes, or NULL when they are not there. */
static const void *take(struct cursor *cursor, size_t size)
{
    const uint8_t *taken = cursor->next;

    if (size > cursor->left)
        return NULL;
    cursor->next += size;
    cursor->left -= size;
    return taken;
}

static size_t padding_of(size_t size)
{
    return -size & 7;
}

/* As take, with the zeros that fill it up to a multiple of 8. */
static const void *take_padded(struct cursor *cursor, size_t size)
{
    if (size > cursor->left || padding_of(size) > cursor->left - size)
        return NULL;
    return take(cursor, size + padding_of(size));
}

/* --- Rows ------------------------------------------------------------------------------------- */

static int parse_timeline(struct cursor *cursor, struct record_timeline_view *timeline)
{
    const void *numbers = take(cursor, 2 * sizeof(uint16_t));

    if (numbers == NULL)
        return -EBADMSG;
    memcpy(&timeline->type, numbers, sizeof(uint16_t));
    memcpy(&timeline->name_size, (const uint8_t *)numbers + sizeof(uint16_t), sizeof(uint16_t));
    if (timeline->type < 1 || timeline->type > 3 || timeline->name_size == 0)
        return -EBADMSG;
    timeline->name = take(cursor, timeline->name_size);
    return timeline->name == NULL ? -EBADMSG : 0;
}

static int parse_signature(struct cursor cursor, struct record_row_view *view)
{
    const uint8_t *ids = take(&cursor, view->n_batches * sizeof(uint32_t));

    if (ids == NULL)
        return -EBADMSG;
    for (size_t i = 0; i < view->n_batches; i++)
        memcpy(&view->batches[i].component_id, ids + i * sizeof(uint32_t), sizeof(uint32_t));
    for (size_t i = 0; i < view->n_timelines; i++) {
        int error = parse_timeline(&cursor, &view->timelines[i]);

        if (error != 0)
            return error;
    }
    view->entity_path = take(&cursor, view->head->entity_path_size);
    /* What is left is padding: anything longer would make equal rows look different. */
    return view->entity_path == NULL || cursor.left > 7 ? -EBADMSG : 0;
}

static int parse_batch(struct cursor *cursor, struct record_batch_view *batch)
{
    struct record_batch head;
    const void *bytes = take(cursor, sizeof(head));

    if (bytes == NULL)
        return -EBADMSG;
    memcpy(&head, bytes, sizeof(head));
    if (head.size % 8 != 0)
        return -EBADMSG;
    batch->n_instances = head.n_instances & ~BATCH_HAS_NULLS;
    batch->has_nulls = (head.n_instances & BATCH_HAS_NULLS) != 0;
    batch->size = head.size;
    batch->data = take(cursor, head.size);
    return batch->data == NULL ? -EBADMSG : 0;
}

static bool is_valid_row_head(const struct record_row *head)
{
    if (head->n_timelines > RECORD_MAX_TIMELINES || head->n_components == 0 ||
        head->n_components > RECORD_MAX_COMPONENTS || head->signature_size % 8 != 0 ||
        head->entity_path_size > RECORD_MAX_ENTITY_PATH ||
        (head->flags & ~(ROW_STATIC | ROW_LOG_TIME)) != 0)
        return false;
    return (head->flags & ROW_STATIC) == 0 ||
           (head->n_timelines == 0 && (head->flags & ROW_LOG_TIME) == 0);
}

static int parse_values(struct cursor *cursor, struct record_row_view *view)
{
    const uint8_t *times = take(cursor, view->n_timelines * sizeof(int64_t));

    if (times == NULL)
        return -EBADMSG;
    for (size_t i = 0; i < view->n_timelines; i++)
        memcpy(&view->timelines[i].value, times + i * sizeof(int64_t), sizeof(int64_t));
    for (size_t i = 0; i < view->n_batches; i++) {
        int error = parse_batch(cursor, &view->batches[i]);

        if (error != 0)
            return error;
    }
    return cursor->left == 0 ? 0 : -EBADMSG;
}

int record_row_parse(const void *payload, size_t size, struct record_row_view *view)
{
    struct cursor cursor = {payload, size};
    const struct record_row *head = take(&cursor, sizeof(*head));
    const void *signature;
    int error;

    if (head == NULL || !is_valid_row_head(head))
        return -EBADMSG;
    signature = take(&cursor, head->signature_size);
    if (signature == NULL)
        return -EBADMSG;
    view->head = head;
    view->key = payload;
    view->key_size = sizeof(*head) + head->signature_size;
    view->n_timelines = head->n_timelines;
    view->n_batches = head->n_components;
    error = parse_signature((struct cursor){signature, head->signature_size}, view);
    return error != 0 ? error : parse_values(&cursor, view);
}

/* --- Batches ---------------------------------------------------------------------------------- */

/* Arrow counts values in 32 bits wherever Rerun looks. */
#define MAX_VALUES ((uint64_t)INT32_MAX)

/* Takes n + 1 offsets off the data: they begin at 0 and never fall. Gives the last. */
static int check_offsets(struct cursor *cursor, uint64_t n, uint64_t *ret_last)
{
    const uint8_t *offsets = take_padded(cursor, (n + 1) * sizeof(uint32_t));
    uint32_t previous = 0;
    uint32_t offset;

    if (offsets == NULL)
        return -EBADMSG;
    for (uint64_t i = 0; i <= n; i++) {
        memcpy(&offset, offsets + i * sizeof(offset), sizeof(offset));
        if (i == 0 ? offset != 0 : offset < previous)
            return -EBADMSG;
        previous = offset;
    }
    *ret_last = previous;
    return 0;
}

/*
 * The values of a node's children: all have n, but those of a dense union, which have as many as
 * its offsets say.
 */
struct child_values {
    uint64_t n;
    const uint8_t *codes;   /* of a union */
    const uint8_t *offsets; /* of a dense union, else NULL */
};

static int check_text(struct cursor *cursor, uint64_t n)
{
    uint64_t n_bytes;
    int error = check_offsets(cursor, n, &n_bytes);

    if (error != 0)
        return error;
    return take_padded(cursor, n_bytes) == NULL ? -EBADMSG : 0;
}

/* Every code must be that of a child. */
static int check_codes(const struct datatype_node *node, const uint8_t *codes, uint64_t n)
{
    const struct datatype_node *child = node + 1;
    bool is_known[UINT8_MAX + 1] = {false};

    for (unsigned int i = 0; i < node->n_children; i++) {
        is_known[child->code] = true;
        child += datatype_subtree_size(child);
    }
    for (uint64_t i = 0; i < n; i++) {
        if (!is_known[codes[i]])
            return -EBADMSG;
    }
    return 0;
}

static int check_union(struct cursor *cursor, const struct datatype_node *node, uint64_t n,
                       struct child_values *ret_values)
{
    ret_values->codes = take_padded(cursor, n);
    if (ret_values->codes == NULL)
        return -EBADMSG;
    if (node->kind == DATATYPE_DENSE_UNION) {
        ret_values->offsets = take_padded(cursor, n * sizeof(uint32_t));
        if (ret_values->offsets == NULL)
            return -EBADMSG;
    }
    return check_codes(node, ret_values->codes, n);
}

/* Takes the buffers of the node's own off the data. */
static int check_buffers(struct cursor *cursor, const struct datatype_node *node, uint64_t n,
                         struct child_values *ret_values)
{
    *ret_values = (struct child_values){.n = n};
    if (datatype_is_text(node))
        return check_text(cursor, n);
    if (datatype_is_list(node))
        return check_offsets(cursor, n, &ret_values->n);
    if (datatype_is_union(node))
        return check_union(cursor, node, n, ret_values);
    switch (node->kind) {
    case DATATYPE_NULL:
    case DATATYPE_STRUCT:
        return 0;
    case DATATYPE_FIXED_SIZE_LIST:
        ret_values->n = n * node->param;
        return 0;
    case DATATYPE_BOOL:
        return take_padded(cursor, (n + 7) / 8) == NULL ? -EBADMSG : 0;
    default:
        return take_padded(cursor, n * datatype_value_size(node)) == NULL ? -EBADMSG : 0;
    }
}

static uint64_t n_values_of(const struct datatype_node *child, uint64_t n,
                            const struct child_values *values)
{
    return values->offsets == NULL
               ? values->n
               : datatype_dense_end(values->codes, values->offsets, n, child->code);
}

/* Takes the data of a subtree with n values; *node is moved behind it. Depth is bounded by the
 * type. */
static int check_subtree(struct cursor *cursor, const struct datatype_node **node, uint64_t n,
                         bool has_nulls)
{
    const struct datatype_node *here = (*node)++;
    struct child_values values;
    int error;

    if (n > MAX_VALUES)
        return -EBADMSG;
    if (has_nulls && datatype_has_validity(here) && take_padded(cursor, (n + 7) / 8) == NULL)
        return -EBADMSG;
    error = check_buffers(cursor, here, n, &values);
    for (unsigned int i = 0; error == 0 && i < here->n_children; i++)
        error = check_subtree(cursor, node, n_values_of(*node, n, &values), has_nulls);
    return error;
}

int record_batch_check(const struct record_batch_view *batch, const struct datatype_node *nodes)
{
    struct cursor cursor = {batch->data, batch->size};
    int error = check_subtree(&cursor, &nodes, batch->n_instances, batch->has_nulls);

    if (error != 0)
        return error;
    return cursor.left == 0 ? 0 : -EBADMSG;
}

/* --- Notes and definitions -------------------------------------------------------------------- */

/* What is left must be the zeros up to the next multiple of 8. */
static int check_end(const struct cursor *cursor)
{
    return cursor->left <= 7 ? 0 : -EBADMSG;
}

int record_note_parse(const void *payload, size_t size, struct record_note_view *view)
{
    struct cursor cursor = {payload, size};
    const struct record_note *head = take(&cursor, sizeof(*head));

    if (head == NULL || head->text_size == 0 || head->text_size > RECORD_MAX_NOTE)
        return -EBADMSG;
    view->head = head;
    view->text = take(&cursor, head->text_size);
    return view->text != NULL ? check_end(&cursor) : -EBADMSG;
}

int record_blueprint_parse(const void *payload, size_t size, struct record_blueprint_view *view)
{
    struct cursor cursor = {payload, size};
    const struct record_blueprint *head = take(&cursor, sizeof(*head));

    if (head == NULL || head->size == 0 || head->size > RECORD_MAX_BLUEPRINT)
        return -EBADMSG;
    view->head = head;
    view->bytes = take(&cursor, head->size);
    return view->bytes != NULL ? check_end(&cursor) : -EBADMSG;
}

static size_t count_sinks(const char *list, size_t size)
{
    struct record_sink sink;
    size_t n = 0;

    while (record_sinks_next(&list, &size, &sink))
        n++;
    return n;
}

int record_recording_parse(const void *payload, size_t size, struct record_recording_view *view)
{
    struct cursor cursor = {payload, size};
    const struct record_recording *head = take(&cursor, sizeof(*head));

    if (head == NULL || head->id == 0 || head->store_kind < 1 || head->store_kind > 2 ||
        head->application_id_size == 0 || head->application_id_size > RECORD_MAX_ID ||
        head->recording_id_size == 0 || head->recording_id_size > RECORD_MAX_ID ||
        head->sinks_size > RECORD_MAX_SINKS_SIZE)
        return -EBADMSG;
    view->head = head;
    view->application_id = take(&cursor, head->application_id_size);
    view->recording_id = take(&cursor, head->recording_id_size);
    view->sinks = take(&cursor, head->sinks_size);
    if (view->application_id == NULL || view->recording_id == NULL || view->sinks == NULL ||
        count_sinks(view->sinks, head->sinks_size) > RECORD_MAX_SINKS)
        return -EBADMSG;
    return check_end(&cursor);
}

int record_component_parse(const void *payload, size_t size, struct record_component_view *view)
{
    struct cursor cursor = {payload, size};
    const struct record_component *head = take(&cursor, sizeof(*head));

    if (head == NULL || head->id < RECORD_FIRST_COMPONENT_ID || head->n_nodes == 0 ||
        head->n_nodes > DATATYPE_MAX_NODES || head->component_size == 0 ||
        head->component_size > RECORD_MAX_ID || head->archetype_size > RECORD_MAX_ID ||
        head->component_type_size > RECORD_MAX_ID)
        return -EBADMSG;
    view->head = head;
    view->nodes = take(&cursor, head->n_nodes * sizeof(*view->nodes));
    if (view->nodes == NULL || datatype_check(view->nodes, head->n_nodes) != 0)
        return -EBADMSG;
    view->archetype = take(&cursor, head->archetype_size);
    view->component = take(&cursor, head->component_size);
    view->component_type = take(&cursor, head->component_type_size);
    if (view->archetype == NULL || view->component == NULL || view->component_type == NULL)
        return -EBADMSG;
    return check_end(&cursor);
}

/* --- Sinks ------------------------------------------------------------------------------------ */

bool record_sinks_next(const char **list, size_t *size, struct record_sink *ret_sink)
{
    const char *end;

    if (*size == 0)
        return false;
    end = memchr(*list, 0, *size);
    *ret_sink = (struct record_sink){*list, end == NULL ? *size : (size_t)(end - *list)};
    *list += ret_sink->size;
    *size -= ret_sink->size;
    if (end != NULL) {
        ++*list;
        --*size;
    }
    return true;
}

static bool begins_with(struct record_sink sink, const char *prefix)
{
    size_t size = strlen(prefix);

    return sink.size > size && memcmp(sink.bytes, prefix, size) == 0;
}

enum record_sink_kind record_sink_kind(struct record_sink sink)
{
    if (begins_with(sink, "/") && sink.size <= RECORD_MAX_SINK)
        return RECORD_SINK_FILE;
    if ((begins_with(sink, "rerun+http://") || begins_with(sink, "rerun+https://") ||
         begins_with(sink, "rerun://")) &&
        sink.size <= RECORD_MAX_NOTE)
        return RECORD_SINK_VIEWER;
    return RECORD_SINK_NONE;
}

bool record_sinks_have(const char *list, size_t size, enum record_sink_kind kind)
{
    struct record_sink sink;

    while (record_sinks_next(&list, &size, &sink)) {
        if (record_sink_kind(sink) == kind)
            return true;
    }
    return false;
}
