/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stores and streams, kept until the session is finished. Definitions come from spools: what is in
 * them is checked by record_recording_parse, and text that is not UTF-8 or not terminated where it
 * should be does no harm further on.
 */
#include "harness/courier/recording_table.h"

#include "harness/courier/array.h"
#include "harness/wire/entity_path.h"
#include "harness/wire/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void recording_table_init(struct recording_table *table)
{
    *table = (struct recording_table){0};
    key_index_init(&table->ids);
}

static void free_store(struct store *store)
{
    if (store != NULL)
        free(store->senders);
    free(store);
}

void recording_table_done(struct recording_table *table)
{
    for (size_t i = 0; i < table->n_stores; i++)
        free_store(table->stores[i]);
    for (size_t i = 0; i < table->n_streams; i++)
        free(table->streams[i]);
    free(table->stores);
    free(table->newest);
    free(table->streams);
    key_index_done(&table->ids);
    recording_table_init(table);
}

bool recording_table_same(const struct store_id *a, const struct store_id *b)
{
    return a->kind == b->kind && string_view_equal(a->recording_id, b->recording_id) &&
           string_view_equal(a->application_id, b->application_id);
}

static struct store *make_store(const struct store_id *id)
{
    size_t size = id->recording_id.size + id->application_id.size;
    struct store *store = calloc(1, sizeof(*store) + size);
    char *text = (char *)(store + 1);

    if (store == NULL)
        return NULL;
    memcpy(text, id->recording_id.data, id->recording_id.size);
    memcpy(text + id->recording_id.size, id->application_id.data, id->application_id.size);
    store->id.kind = id->kind;
    store->id.recording_id = (struct string_view){text, id->recording_id.size};
    store->id.application_id =
        (struct string_view){text + id->recording_id.size, id->application_id.size};
    return store;
}

struct store *recording_table_find_store(const struct recording_table *table,
                                         const struct store_id *id)
{
    struct store *store = NULL;
    uint32_t number;

    if (key_index_find(&table->ids, id->recording_id, &number))
        store = table->newest[number];
    while (store != NULL && !recording_table_same(&store->id, id))
        store = store->next;
    return store;
}

static int make_room(struct recording_table *table)
{
    struct store **stores =
        array_grow(table->stores, table->n_stores, &table->stores_capacity, sizeof(*stores));
    struct store **newest =
        array_grow(table->newest, table->ids.n, &table->newest_capacity, sizeof(*newest));

    if (stores != NULL)
        table->stores = stores;
    if (newest != NULL)
        table->newest = newest;
    return stores == NULL || newest == NULL ? -ENOMEM : 0;
}

/* Takes the store. */
static int add_store(struct recording_table *table, struct store *store)
{
    uint32_t number;
    bool is_new;
    int result = store == NULL ? -ENOMEM : make_room(table);

    if (result == 0)
        result = key_index_add(&table->ids, store->id.recording_id, &number, &is_new);
    if (result < 0) {
        free_store(store);
        return result;
    }
    store->next = is_new ? NULL : table->newest[number];
    table->newest[number] = store;
    table->stores[table->n_stores++] = store;
    return 0;
}

struct store *recording_table_store(struct recording_table *table, const struct store_id *id)
{
    struct store *store = recording_table_find_store(table, id);

    if (store != NULL)
        return store;
    store = make_store(id);
    return add_store(table, store) < 0 ? NULL : store;
}

bool recording_table_was_sent(const struct store *blueprint, const struct stream *stream)
{
    for (size_t i = 0; i < blueprint->n_senders; i++) {
        if (blueprint->senders[i] == stream)
            return true;
    }
    return false;
}

int recording_table_send(struct store *blueprint, struct stream *stream)
{
    struct stream **senders;

    if (recording_table_was_sent(blueprint, stream))
        return 0;
    senders = array_grow(blueprint->senders, blueprint->n_senders, &blueprint->senders_capacity,
                         sizeof(struct stream *));
    if (senders == NULL)
        return -ENOMEM;
    blueprint->senders = senders;
    senders[blueprint->n_senders++] = stream;
    return 0;
}

/* As strings come from a program: the id may be any bytes, the store's is UTF-8. */
static int find_store(struct recording_table *table, const struct record_recording_view *view,
                      struct store **ret_store)
{
    struct string_view application = {view->application_id, view->head->application_id_size};
    struct string_view recording = {view->recording_id, view->head->recording_id_size};
    struct store_id id = {.kind = (enum store_kind)view->head->store_kind};
    struct buffer text;
    int result;

    buffer_init(&text, (size_t)RECORD_MAX_ID * 8);
    result = utf8_append_lossy(&text, recording);
    id.recording_id.size = text.size;
    if (result == 0)
        result = application_id_normalise(application, &text);
    if (result == 0) {
        id.recording_id.data = (const char *)text.data;
        id.application_id = (struct string_view){(const char *)text.data + id.recording_id.size,
                                                 text.size - id.recording_id.size};
        *ret_store = recording_table_store(table, &id);
        result = *ret_store == NULL ? -ENOMEM : 0;
    }
    buffer_done(&text);
    return result;
}

/* Returns the place of a stream in the order, where it is or should go. */
static size_t place_of(const struct recording_table *table, uint64_t family, uint32_t id)
{
    size_t low = 0;
    size_t high = table->n_streams;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct stream *stream = table->streams[middle];

        if (stream->family < family || (stream->family == family && stream->id < id))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct stream *recording_table_find(const struct recording_table *table, uint64_t family,
                                    uint32_t id)
{
    size_t place = place_of(table, family, id);
    struct stream *stream = place < table->n_streams ? table->streams[place] : NULL;

    return stream != NULL && stream->family == family && stream->id == id ? stream : NULL;
}

/*
 * Copies the sinks into the memory behind the stream: room for all as pointers, then for the list
 * and its end. What is neither path nor URL is as good as nothing: the rows are in the recording
 * anyway.
 */
static void copy_sinks(struct stream *stream, const struct record_recording_view *view)
{
    const char **places = (const char **)(stream + 1);
    size_t size = view->head->sinks_size;
    const char *list = memcpy(places + RECORD_MAX_SINKS, view->sinks, size);
    struct record_sink sink;

    stream->files = places;
    stream->viewers = places + RECORD_MAX_SINKS;
    while (record_sinks_next(&list, &size, &sink)) {
        enum record_sink_kind kind = record_sink_kind(sink);

        if (kind == RECORD_SINK_FILE)
            stream->files[stream->n_files++] = sink.bytes;
        else if (kind == RECORD_SINK_VIEWER)
            *--stream->viewers = sink.bytes;
    }
    stream->n_viewers = (size_t)(places + RECORD_MAX_SINKS - stream->viewers);
}

static struct stream *make_stream(uint64_t family, const struct record_recording_view *view,
                                  struct store *store)
{
    size_t places_size = RECORD_MAX_SINKS * sizeof(char *);
    size_t sinks_size = view->head->sinks_size;
    struct stream *stream =
        calloc(1, sizeof(*stream) + (sinks_size > 0 ? places_size + sinks_size + 1 : 0));

    if (stream == NULL)
        return NULL;
    *stream = (struct stream){
        .family = family,
        .id = view->head->id,
        .previous_id = view->head->previous_id,
        .flags = view->head->flags,
        .time_ns = view->head->time_ns,
        .store = store,
    };
    if (sinks_size > 0)
        copy_sinks(stream, view); /* at most RECORD_MAX_SINKS: record_recording_parse */
    return stream;
}

static int add_stream(struct recording_table *table, uint64_t family,
                      const struct record_recording_view *view, struct store *store)
{
    size_t place = place_of(table, family, view->head->id);
    struct stream **streams =
        array_grow(table->streams, table->n_streams, &table->streams_capacity, sizeof(*streams));
    struct stream *stream;

    if (streams == NULL)
        return -ENOMEM;
    table->streams = streams;
    stream = make_stream(family, view, store);
    if (stream == NULL)
        return -ENOMEM;
    memmove(&streams[place + 1], &streams[place], (table->n_streams - place) * sizeof(*streams));
    streams[place] = stream;
    table->n_streams++;
    return 0;
}

int recording_table_add(struct recording_table *table, uint64_t family, const void *payload,
                        size_t size, bool *ret_is_new)
{
    struct record_recording_view view;
    struct store *store = NULL;
    int result = record_recording_parse(payload, size, &view);
    bool is_new;

    if (result < 0)
        return result;
    is_new = recording_table_find(table, family, view.head->id) == NULL;
    if (is_new) {
        result = find_store(table, &view, &store);
        if (result == 0)
            result = add_stream(table, family, &view, store);
    }
    if (result == 0 && ret_is_new != NULL)
        *ret_is_new = is_new;
    return result;
}
