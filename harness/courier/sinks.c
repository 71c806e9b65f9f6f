/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Making files for save out of the recording. Reads the recording, writes the files, knows nothing
 * of spools.
 */
#include "harness/courier/sinks.h"

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

/* One file being made. */
struct sink {
    const struct recording_table *recordings;
    const char *path;
    const struct stream **streams; /* that lead to it */
    size_t n_streams;
    int file;
    uint64_t size; /* bytes written */
    struct buffer out;
};

/* --- What belongs into it ----------------------------------------------------------------------
 */

static void add_stream(struct sink *sink, const struct stream *stream)
{
    for (size_t i = 0; i < sink->n_streams; i++) {
        if (sink->streams[i] == stream)
            return;
    }
    sink->streams[sink->n_streams++] = stream;
}

/* The streams that name it, and what they were before they had any sink. */
static int find_streams(struct sink *sink)
{
    const struct recording_table *table = sink->recordings;

    sink->streams = calloc(table->n_streams, sizeof(struct stream *));
    if (sink->streams == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->n_streams; i++) {
        const struct stream *stream = table->streams[i];

        if (stream->sink == NULL || strcmp(stream->sink, sink->path) != 0)
            continue;
        add_stream(sink, stream);
        /* An id that leads back to itself ends at the first stream that is in already. */
        for (size_t n = 0; n < table->n_streams; n++) {
            stream = recording_table_find(table, stream->family, stream->previous_id);
            if (stream == NULL || stream->sink != NULL)
                break;
            add_stream(sink, stream);
        }
    }
    return 0;
}

static bool has_store(const struct sink *sink, const struct store_id *store)
{
    for (size_t i = 0; i < sink->n_streams; i++) {
        if (recording_table_same(&sink->streams[i]->store->id, store))
            return true;
    }
    return false;
}

static bool has_stream(const struct sink *sink, uint64_t family, struct string_view id)
{
    char text[16];

    for (size_t i = 0; i < sink->n_streams; i++) {
        snprintf(text, sizeof(text), "%u", sink->streams[i]->id);
        if (sink->streams[i]->family == family && string_view_equal(id, string_view_of(text)))
            return true;
    }
    return false;
}

static bool has_chunk(const struct sink *sink, const struct chunk *chunk)
{
    struct string_view stream = chunk_find_metadata(chunk, CHUNK_TABLE_STREAM_KEY);
    uint64_t family;
    uint64_t serial;

    if (stored_rows_process(chunk, &family, &serial))
        return has_stream(sink, family, stream);
    return string_view_equal(chunk->entity_path, string_view_of(STORED_PROPERTIES_PATH)) &&
           has_store(sink, &chunk->store);
}

/* --- Writing it --------------------------------------------------------------------------------
 */

static int write_out(struct sink *sink)
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
    struct sink *sink = context;
    struct set_store_info info;
    bool is_ours;
    int result;

    if (frame->kind == RRD_SET_STORE_INFO)
        is_ours = set_store_info_decode(frame->payload, &info) == 0 && has_store(sink, &info.store);
    else
        is_ours = chunk != NULL && has_chunk(sink, chunk);
    if (!is_ours)
        return 0;
    result = rrd_append_frame(&sink->out, frame->kind, frame->payload.data, frame->payload.size);
    return result < 0 || sink->out.size < PIECE_SIZE ? result : write_out(sink);
}

static int fill_file(struct sink *sink, const char *output, uint64_t size, struct rrd_error *error)
{
    int result = rrd_append_stream_header(&sink->out);

    if (result == 0)
        result = stored_rows_visit(output, size, take_frame, sink, error);
    if (result == 0)
        result = write_out(sink);
    if (result == 0)
        result = footer_append(sink->file, sink->path, error);
    if (footer_is_impossible(result))
        result = 0; /* readers do without */
    return result < 0 || fsync(sink->file) == 0 ? result : -errno;
}

/* A compressed one takes the plain one's name, which lives on by its descriptor. */
static int place(const struct sink *sink, const char *part)
{
    struct stat ignored;

    if (packed_file_is_meant(sink->path))
        return packed_file_make(sink->file, part, sink->path, NULL, &ignored);
    return rename(part, sink->path) < 0 ? -errno : 0;
}

static int make_file(struct sink *sink, const char *output, uint64_t size, const char *id,
                     struct rrd_error *error)
{
    char part[PATH_MAX];
    int n = snprintf(part, sizeof(part), "%s.part.%s", sink->path, id);
    int result;

    if (n < 0 || (size_t)n >= sizeof(part))
        return -ENAMETOOLONG;
    sink->file = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (sink->file < 0)
        return -errno;
    result = fill_file(sink, output, size, error);
    if (result == 0)
        result = place(sink, part);
    if (result < 0)
        (void)!unlink(part);
    close(sink->file);
    return result;
}

static int write_sink(const struct recording_table *recordings, const char *path,
                      const char *output, uint64_t size, const char *id, struct rrd_error *error)
{
    struct sink sink = {.recordings = recordings, .path = path};
    int result;

    buffer_init(&sink.out, BUFFER_NO_LIMIT);
    result = find_streams(&sink);
    if (result == 0)
        result = make_file(&sink, output, size, id, error);
    if (result < 0)
        rrd_error_set(error,
                      "%s, which the program named by save, cannot be written: %s; its rows are in "
                      "%s",
                      path, strerror(-result), output);
    buffer_done(&sink.out);
    free(sink.streams);
    return result;
}

/* Is this the first stream that names this file, and is it another one than the output? */
static bool is_due(const struct recording_table *recordings, size_t i, const char *output)
{
    const char *path = recordings->streams[i]->sink;

    if (path == NULL || strcmp(path, output) == 0)
        return false;
    for (size_t k = 0; k < i; k++) {
        if (recordings->streams[k]->sink != NULL && strcmp(recordings->streams[k]->sink, path) == 0)
            return false;
    }
    return true;
}

size_t sinks_count(const struct recording_table *recordings, const char *output)
{
    size_t n = 0;

    for (size_t i = 0; i < recordings->n_streams; i++)
        n += is_due(recordings, i, output);
    return n;
}

int sinks_write(const struct recording_table *recordings, const char *output, uint64_t size,
                const char *id, struct rrd_error *error)
{
    int first_error = 0;

    for (size_t i = 0; i < recordings->n_streams; i++) {
        struct rrd_error one;
        int result;

        if (!is_due(recordings, i, output))
            continue;
        result = write_sink(recordings, recordings->streams[i]->sink, output, size, id, &one);
        if (result < 0 && first_error == 0) {
            first_error = result;
            *error = one;
        }
    }
    return first_error;
}
