/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One file made out of the recording. Reads the recording, writes the file, knows nothing of spools
 * and remembers nothing.
 */
#include "harness/courier/sink_file.h"

#include "harness/courier/chunk_table.h"
#include "harness/courier/file_copy.h"
#include "harness/courier/packed_file.h"
#include "harness/courier/stored_rows.h"
#include "harness/wire/footer.h"
#include "harness/wire/rrd_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_SIZE ((size_t)4 << 20)

/* --- What belongs into it ----------------------------------------------------------------------
 */

static void add_stream(struct sink_file *sink, const struct stream *stream)
{
    for (size_t i = 0; i < sink->n_streams; i++) {
        if (sink->streams[i] == stream)
            return;
    }
    sink->streams[sink->n_streams++] = stream;
}

static bool names(const struct stream *stream, const char *path)
{
    for (size_t i = 0; i < stream->n_files; i++) {
        if (strcmp(stream->files[i], path) == 0)
            return true;
    }
    return false;
}

static bool has_sinks(const struct stream *stream)
{
    return stream->n_files + stream->n_viewers > 0;
}

/* The streams that name it, and what they were before they had any sink. */
static int find_streams(struct sink_file *sink)
{
    const struct recording_table *table = sink->source->recordings;

    sink->streams = calloc(table->n_streams, sizeof(struct stream *));
    if (sink->streams == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->n_streams; i++) {
        const struct stream *stream = table->streams[i];

        if (!names(stream, sink->path))
            continue;
        add_stream(sink, stream);
        /* An id that leads back to itself ends at the first stream that is in already. */
        for (size_t n = 0; n < table->n_streams; n++) {
            stream = recording_table_find(table, stream->family, stream->previous_id);
            if (stream == NULL || has_sinks(stream))
                break;
            add_stream(sink, stream);
        }
    }
    return 0;
}

/* Was a blueprint sent on any of them? Parts of it may lie anywhere. */
static bool has_any_blueprint(const struct sink_file *sink)
{
    const struct recording_table *table = sink->source->recordings;

    for (size_t i = 0; i < table->n_stores; i++) {
        for (size_t n = 0; table->stores[i]->n_senders > 0 && n < sink->n_streams; n++) {
            if (recording_table_was_sent(table->stores[i], sink->streams[n]))
                return true;
        }
    }
    return false;
}

/* Where in the recording its rows are, from start to end. */
struct stretch {
    uint64_t start;
    uint64_t end;
};

/*
 * A program that makes a file for each of many episodes would else have all of them read for each.
 */
static struct stretch find_stretch(const struct sink_file *sink)
{
    struct stretch all = {0, sink->source->size};
    struct stretch found = {UINT64_MAX, 0};

    for (size_t i = 0; i < sink->n_streams; i++) {
        const struct store *store = sink->streams[i]->store;
        uint64_t end = store->end_offset > 0 ? store->end_offset : all.end;

        found.start = store->first_offset < found.start ? store->first_offset : found.start;
        found.end = end > found.end ? end : found.end;
    }
    if (sink->n_streams == 0 || has_any_blueprint(sink))
        return all;
    return (struct stretch){found.start, found.end < all.end ? found.end : all.end};
}

static bool has_store(const struct sink_file *sink, const struct store_id *store)
{
    for (size_t i = 0; i < sink->n_streams; i++) {
        if (recording_table_same(&sink->streams[i]->store->id, store))
            return true;
    }
    return false;
}

static bool has_stream(const struct sink_file *sink, uint64_t family, struct string_view id)
{
    const struct stream *stream;
    char text[16];

    if (id.size >= sizeof(text))
        return false;
    memcpy(text, id.data, id.size);
    text[id.size] = 0;
    stream =
        recording_table_find(sink->source->recordings, family, (uint32_t)strtoul(text, NULL, 10));
    for (size_t i = 0; stream != NULL && i < sink->n_streams; i++) {
        if (sink->streams[i] == stream)
            return true;
    }
    return false;
}

/* One that was sent on a stream that leads to it. */
static bool has_blueprint(const struct sink_file *sink, const struct store_id *id)
{
    const struct store *store = recording_table_find_store(sink->source->recordings, id);

    for (size_t i = 0; store != NULL && i < sink->n_streams; i++) {
        if (recording_table_was_sent(store, sink->streams[i]))
            return true;
    }
    return false;
}

static bool has_chunk(const struct sink_file *sink, const struct chunk *chunk)
{
    struct string_view stream = chunk_find_metadata(chunk, CHUNK_TABLE_STREAM_KEY);
    uint64_t family;
    uint64_t serial;

    if (chunk->store.kind == STORE_BLUEPRINT)
        return has_blueprint(sink, &chunk->store);
    if (stored_rows_process(chunk, &family, &serial))
        return has_stream(sink, family, stream);
    return string_view_equal(chunk->entity_path, string_view_of(STORED_PROPERTIES_PATH)) &&
           has_store(sink, &chunk->store);
}

static bool has_frame(const struct sink_file *sink, const struct rrd_frame *frame,
                      const struct chunk *chunk)
{
    struct blueprint_activation command;
    struct set_store_info info;

    switch (frame->kind) {
    case RRD_SET_STORE_INFO:
        return set_store_info_decode(frame->payload, &info) == 0 &&
               (has_store(sink, &info.store) || has_blueprint(sink, &info.store));
    case RRD_BLUEPRINT_ACTIVATION:
        return blueprint_activation_decode(frame->payload, &command) == 0 &&
               has_blueprint(sink, &command.store);
    default:
        return chunk != NULL && has_chunk(sink, chunk);
    }
}

/* --- Writing it --------------------------------------------------------------------------------
 */

static int write_out(struct sink_file *sink)
{
    int result = file_write_at(sink->file, sink->out.data, sink->out.size, sink->size);

    if (result < 0)
        return result;
    sink->size += sink->out.size;
    buffer_truncate(&sink->out, 0);
    return 0;
}

static int take_frame(void *context, const struct rrd_frame *frame, const struct chunk *chunk)
{
    struct sink_file *sink = context;
    int result;

    if (!has_frame(sink, frame, chunk))
        return 0;
    result = rrd_append_frame(&sink->out, frame->kind, frame->payload.data, frame->payload.size);
    return result < 0 || sink->out.size < PIECE_SIZE ? result : write_out(sink);
}

static int fill_file(struct sink_file *sink, struct rrd_error *error)
{
    struct stretch stretch = find_stretch(sink);
    int result = rrd_append_stream_header(&sink->out);

    if (result == 0)
        result = stored_rows_visit(sink->source->path, stretch.start, stretch.end, take_frame, sink,
                                   error);
    if (result == 0)
        result = write_out(sink);
    if (result == 0)
        result = footer_append(sink->file, sink->path, error);
    if (footer_is_impossible(result))
        result = 0; /* readers do without */
    return result < 0 || !sink->source->is_final || fsync(sink->file) == 0 ? result : -errno;
}

/* A compressed one takes the plain one's name, which lives on by its descriptor. */
static int place(const struct sink_file *sink, const char *part)
{
    struct stat ignored;

    if (packed_file_is_meant(sink->path))
        return packed_file_make(sink->file, part, sink->path, NULL, &ignored);
    return rename(part, sink->path) < 0 ? -errno : 0;
}

int sink_file_make(struct sink_file *sink, struct rrd_error *error)
{
    char part[PATH_MAX];
    int n = snprintf(part, sizeof(part), "%s.part.%s", sink->path, sink->source->id);
    int result;

    if (n < 0 || (size_t)n >= sizeof(part))
        return -ENAMETOOLONG;
    sink->file = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (sink->file < 0)
        return -errno;
    result = fill_file(sink, error);
    if (result == 0)
        result = place(sink, part);
    if (result < 0)
        (void)!unlink(part);
    close(sink->file);
    return result;
}

/* --- Beginning and end -------------------------------------------------------------------------
 */

int sink_file_init(struct sink_file *sink, const struct sinks_source *source, const char *path)
{
    *sink = (struct sink_file){.source = source, .path = path, .file = -1};
    buffer_init(&sink->out, BUFFER_NO_LIMIT);
    return find_streams(sink);
}

void sink_file_done(struct sink_file *sink)
{
    buffer_done(&sink->out);
    free(sink->streams);
}
