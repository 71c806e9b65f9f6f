/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Collecting rows and events, and committing them. Owned by the courier that holds the session's
 * lock; knows nothing of spools.
 */
#include "harness/courier/recorder.h"

#include "harness/courier/clock_ns.h"
#include "harness/courier/sent_blueprint.h"
#include "harness/courier/single_row.h"
#include "harness/courier/stored_rows.h"
#include "harness/wire/rrd_writer.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* --- Opening -----------------------------------------------------------------------------------
 */

static int apply(struct recorder *recorder, const struct event *event, const void *payload,
                 size_t size, uint64_t offset)
{
    if (event->kind == RECORD_DEFINE_RECORDING)
        return recording_table_add(&recorder->recordings, event->family, payload, size, NULL);
    if (event->kind == EVENT_BLUEPRINT)
        return sent_blueprint_apply(&recorder->recordings, event->family, payload, size);
    return process_table_apply(&recorder->processes, event, payload, size, offset);
}

static int replay(struct recorder *recorder)
{
    struct buffer bytes;
    uint64_t offset = 0;
    int result;

    buffer_init(&bytes, BUFFER_NO_LIMIT);
    while ((result = event_log_read(&recorder->events, offset, &bytes)) == 1) {
        const struct event *event = (const struct event *)(const void *)bytes.data;

        result = apply(recorder, event, event + 1, event->size - sizeof(*event), offset);
        if (result < 0)
            break;
        offset += event->size;
    }
    buffer_done(&bytes);
    return result;
}

static int open_events(struct recorder *recorder, struct rrd_error *error)
{
    int result = event_log_open(&recorder->events, recorder->session,
                                journal_events_size(&recorder->journal));

    if (result == 0)
        result = replay(recorder);
    if (result == 0)
        (void)!event_log_reserve(&recorder->events); /* without it: as long as it goes well */
    if (result == -EBADMSG)
        rrd_error_set(error,
                      "%s in the session is damaged; remove it and the journal to deliver only "
                      "what is still in the spools",
                      EVENT_LOG_NAME);
    else if (result < 0)
        rrd_error_set(error, "%s in the session cannot be used: %s", EVENT_LOG_NAME,
                      strerror(-result));
    return result;
}

static int learn(struct recorder *recorder, struct rrd_error *error)
{
    bool is_placed = recorder->outbox.file < 0;
    int result = open_events(recorder, error);

    if (result == 0)
        result = stored_rows_count(is_placed ? journal_output(&recorder->journal)
                                             : journal_part(&recorder->journal),
                                   journal_outbox_size(&recorder->journal), &recorder->processes,
                                   &recorder->recordings, error);
    if (result == 0)
        result = chunk_table_create(&recorder->chunks);
    if (result == 0)
        result = tuid_generator_init(&recorder->ids);
    return result;
}

int recorder_open(struct recorder *recorder, int session, const char *id, const char *output,
                  bool has_more, struct rrd_error *error)
{
    int result;

    *recorder = (struct recorder){.session = session, .events.file = -1, .commits = 1};
    process_table_init(&recorder->processes);
    recording_table_init(&recorder->recordings);
    buffer_init(&recorder->out, BUFFER_NO_LIMIT);
    chunk_workspace_init(&recorder->workspace);
    result =
        outbox_open(&recorder->outbox, &recorder->journal, session, id, output, has_more, error);
    if (result < 0 || journal_phase(&recorder->journal) == JOURNAL_CLEANING)
        return result;
    result = learn(recorder, error);
    if (result < 0)
        recorder_close(recorder);
    return result;
}

void recorder_close(struct recorder *recorder)
{
    chunk_table_destroy(recorder->chunks);
    chunk_workspace_done(&recorder->workspace);
    buffer_done(&recorder->out);
    process_table_done(&recorder->processes);
    recording_table_done(&recorder->recordings);
    event_log_close(&recorder->events);
    outbox_close(&recorder->outbox);
    journal_close(&recorder->journal);
}

/* --- Events ------------------------------------------------------------------------------------
 */

int recorder_event(struct recorder *recorder, const struct event *event, const void *payload,
                   size_t size)
{
    uint64_t offset;
    int result = event_log_append(&recorder->events, event, payload, size, &offset);

    if (result < 0)
        return result;
    recorder->has_pending = true;
    result = apply(recorder, event, payload, size, offset);
    if (result < 0)
        buffer_truncate(&recorder->events.pending, offset - recorder->events.size);
    return result;
}

int recorder_damage(struct recorder *recorder, const struct process *process, uint64_t n_rows,
                    const char *what)
{
    const struct event_rows rows = {n_rows};

    if (recorder->first_damage.text[0] == 0)
        rrd_error_set(&recorder->first_damage, "process %s: %s", process->name, what);
    if (n_rows == 0)
        return 0;
    return recorder_event(recorder,
                          &(struct event){
                              .kind = EVENT_DAMAGED,
                              .family = process->family,
                              .serial = process->serial,
                              .time_ns = clock_ns(CLOCK_REALTIME),
                          },
                          &rows, sizeof(rows));
}

/* --- Recordings --------------------------------------------------------------------------------
 */

/* The frame without which strict readers refuse a store. */
/* Something of the store waits to be written. */
static void mark_changed(struct recorder *recorder, struct store *store)
{
    if (store->is_changed)
        return;
    store->is_changed = true;
    store->next_changed = recorder->changed;
    recorder->changed = store;
}

int recorder_announce(struct recorder *recorder, struct store *store)
{
    int result = 0;

    if (store->is_announced)
        return 0;
    if (recorder->outbox.size == 0 && recorder->out.size == 0)
        result = rrd_append_stream_header(&recorder->out);
    if (result == 0)
        result = rrd_append_set_store_info(
            &recorder->out, &(struct set_store_info){
                                .row_id = tuid_next(&recorder->ids, clock_ns(CLOCK_REALTIME)),
                                .store = store->id,
                                .source = STORE_SOURCE_C_SDK,
                                .crate_version = RRD_VERSION,
                            });
    store->is_announced = result == 0;
    store->first_offset = recorder->outbox.size; /* what waits to be written comes behind that */
    mark_changed(recorder, store);
    store->changed_in = recorder->commits;
    recorder->has_pending = true;
    return result;
}

/*
 * The start of the recording, as the official SDK writes it first of all. Its row id is of that
 * time: what the program sets itself comes later, and counts.
 */
static int write_properties(struct recorder *recorder, const struct stream *stream)
{
    const struct column_descriptor start_time = {
        .archetype = string_view_of("rerun.archetypes.RecordingInfo"),
        .component = string_view_of("RecordingInfo:start_time"),
        .component_type = string_view_of("rerun.components.Timestamp"),
    };
    struct tuid id = tuid_next(&recorder->ids, clock_ns(CLOCK_REALTIME));
    struct single_row row;
    int result;

    if (!(stream->flags & RECORDING_SEND_PROPERTIES) || stream->store->has_properties)
        return 0;
    single_row_init(&row);
    single_row_add_int64(&row, &start_time, (int64_t)stream->time_ns);
    result = single_row_append(&row,
                               &(struct single_row_frame){
                                   .store = stream->store->id,
                                   .entity_path = string_view_of(STORED_PROPERTIES_PATH),
                                   .is_static = true,
                                   .chunk_id = id,
                                   .row_id = {stream->time_ns, id.inc},
                               },
                               &recorder->workspace, &recorder->out);
    single_row_done(&row);
    stream->store->has_properties = result == 0;
    stream->store->changed_in = recorder->commits;
    mark_changed(recorder, stream->store);
    return result;
}

int recorder_define(struct recorder *recorder, uint64_t family, uint64_t time_ns,
                    const void *payload, size_t size)
{
    const struct event event = {
        .kind = RECORD_DEFINE_RECORDING, .family = family, .time_ns = time_ns};
    struct stream *stream;
    bool is_new;
    uint32_t id;
    int result = recording_table_add(&recorder->recordings, family, payload, size, &is_new);

    if (result < 0 || !is_new)
        return result;
    memcpy(&id, payload, sizeof(id)); /* the first member of struct record_recording */
    stream = recording_table_find(&recorder->recordings, family, id);
    stream->changed_in = recorder->commits;
    result = recorder_event(recorder, &event, payload, size);
    if (result == 0)
        result = recorder_announce(recorder, stream->store);
    return result < 0 ? result : write_properties(recorder, stream);
}

/* --- Rows --------------------------------------------------------------------------------------
 */

/* The clock may go back, row ids do not: within a thread they say which row came first. */
static struct tuid next_row_id(struct process *process, uint64_t time_ns, uint64_t *last_time_ns)
{
    if (process->next_row_inc == 0 &&
        getrandom(&process->next_row_inc, sizeof(process->next_row_inc), GRND_NONBLOCK) > 0)
        process->next_row_inc >>= 1; /* as the official SDK does: never wraps */
    if (*last_time_ns < time_ns)
        *last_time_ns = time_ns;
    return (struct tuid){*last_time_ns, ++process->next_row_inc};
}

int recorder_row(struct recorder *recorder, struct process *process,
                 const struct component_table *components, uint64_t time_ns, uint64_t *last_time_ns,
                 const void *payload, size_t size)
{
    struct chunk_source source = {.process = process, .components = components};
    struct record_row_view row;
    struct stream *stream;
    int result = record_row_parse(payload, size, &row);

    if (result < 0)
        return result;
    stream = recording_table_find(&recorder->recordings, process->family, row.head->recording_id);
    if (stream == NULL)
        return -ENOENT;
    source.stream = stream;
    result = recorder_announce(recorder, stream->store);
    if (result == 0)
        result = chunk_table_append(recorder->chunks, &source, &row, size, time_ns,
                                    next_row_id(process, time_ns, last_time_ns), &recorder->out);
    if (result < 0)
        return result;
    recorder->has_pending = true;
    stream->changed_in = recorder->commits;
    mark_changed(recorder, stream->store);
    process->rows_stored++;
    return 0;
}

/* --- Commits -----------------------------------------------------------------------------------
 */

bool recorder_is_full(const struct recorder *recorder)
{
    return chunk_table_size(recorder->chunks) + recorder->out.size >= RECORDER_BATCH_SIZE ||
           recorder->events.pending.size >= EVENT_LOG_MAX_PENDING / 2;
}

int recorder_write(struct recorder *recorder)
{
    int result = chunk_table_flush(recorder->chunks, &recorder->out);

    if (result == 0)
        result = outbox_write(&recorder->outbox, recorder->out.data, recorder->out.size);
    recorder->events_failed = result == 0;
    return result < 0 ? result : event_log_write(&recorder->events);
}

void recorder_commit(struct recorder *recorder, const struct journal_entry *entries,
                     size_t n_entries)
{
    journal_prepare(&recorder->journal, entries, n_entries,
                    recorder->outbox.size + recorder->out.size,
                    recorder->events.size + recorder->events.pending.size);
    journal_commit(&recorder->journal);
}

static void note_ends(struct recorder *recorder)
{
    for (struct store *store = recorder->changed; store != NULL; store = store->next_changed) {
        store->end_offset = recorder->outbox.size;
        store->is_changed = false;
    }
    recorder->changed = NULL;
}

void recorder_finish_commit(struct recorder *recorder)
{
    journal_finish(&recorder->journal);
    recorder->outbox.size += recorder->out.size;
    note_ends(recorder);
    buffer_truncate(&recorder->out, 0);
    event_log_committed(&recorder->events);
    recorder->has_pending = false;
    recorder->commits++;
}
