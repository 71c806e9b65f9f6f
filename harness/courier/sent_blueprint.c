/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blueprints on their way from spools to the outbox, and the note of where they were sent.
 */
#include "harness/courier/sent_blueprint.h"

#include "harness/courier/blueprint.h"

#include <errno.h>

int sent_blueprint_apply(struct recording_table *recordings, uint64_t family, const void *payload,
                         size_t size)
{
    const struct event_blueprint *sent = payload;
    struct store_id id;
    struct stream *stream;
    struct store *store;
    int result;

    if (size < sizeof(*sent) || sent->store_size > size - sizeof(*sent))
        return -EBADMSG;
    result = store_id_decode((struct string_view){(const char *)(sent + 1), sent->store_size}, &id);
    stream = recording_table_find(recordings, family, sent->recording_id);
    if (result < 0 || stream == NULL)
        return -EBADMSG;
    store = recording_table_store(recordings, &id);
    return store == NULL ? -ENOMEM : recording_table_send(store, stream);
}

static int note(struct recorder *recorder, const struct stream *stream, uint64_t time_ns,
                struct string_view store_id)
{
    const struct event event = {
        .kind = EVENT_BLUEPRINT, .family = stream->family, .time_ns = time_ns};
    const struct event_blueprint sent = {stream->id, (uint32_t)store_id.size};
    struct buffer payload;
    int result;

    buffer_init(&payload, BUFFER_NO_LIMIT);
    result = buffer_append(&payload, &sent, sizeof(sent));
    if (result == 0)
        result = buffer_append(&payload, store_id.data, store_id.size);
    if (result == 0)
        result = recorder_event(recorder, &event, payload.data, payload.size);
    buffer_done(&payload);
    return result;
}

static int take(struct recorder *recorder, struct stream *stream, const struct blueprint *blueprint,
                uint64_t time_ns)
{
    size_t start = recorder->out.size;
    struct buffer id;
    int result;

    buffer_init(&id, BUFFER_NO_LIMIT);
    result = blueprint_append(blueprint, &recorder->out, &id);
    if (result == 0)
        result =
            note(recorder, stream, time_ns, (struct string_view){(const char *)id.data, id.size});
    if (result < 0)
        buffer_truncate(&recorder->out, start);
    else
        stream->changed_in = recorder->commits;
    buffer_done(&id);
    return result;
}

int sent_blueprint_take(struct recorder *recorder, uint64_t family, uint64_t time_ns,
                        const void *payload, size_t size)
{
    struct record_blueprint_view view;
    struct blueprint blueprint;
    struct stream *stream;
    int result = record_blueprint_parse(payload, size, &view);

    if (result < 0)
        return result;
    stream = recording_table_find(&recorder->recordings, family, view.head->recording_id);
    if (stream == NULL)
        return -ENOENT;
    blueprint = (struct blueprint){
        .bytes = {view.bytes, view.head->size},
        .application_id = stream->store->id.application_id,
        .make_active = (view.head->flags & BLUEPRINT_MAKE_ACTIVE) != 0,
        .make_default = (view.head->flags & BLUEPRINT_MAKE_DEFAULT) != 0,
    };
    result = recorder_announce(recorder, stream->store);
    return result < 0 ? result : take(recorder, stream, &blueprint, time_ns);
}
