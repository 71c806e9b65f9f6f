/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Making files for programs out of the recording. Reads the recording, writes the files, knows
 * nothing of spools.
 */
#include "harness/courier/sinks.h"

#include "harness/courier/array.h"
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

/* A file that holds all rows that were committed before `commits`. */
struct sink_written {
    char *path;
    uint64_t commits;
};

/* One file being made. */
struct sink {
    const struct sinks_source *source;
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
static int find_streams(struct sink *sink)
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

static int fill_file(struct sink *sink, struct rrd_error *error)
{
    const struct sinks_source *source = sink->source;
    int result = rrd_append_stream_header(&sink->out);

    if (result == 0)
        result = stored_rows_visit(source->path, source->size, take_frame, sink, error);
    if (result == 0)
        result = write_out(sink);
    if (result == 0)
        result = footer_append(sink->file, sink->path, error);
    if (footer_is_impossible(result))
        result = 0; /* readers do without */
    return result < 0 || !source->is_final || fsync(sink->file) == 0 ? result : -errno;
}

/* A compressed one takes the plain one's name, which lives on by its descriptor. */
static int place(const struct sink *sink, const char *part)
{
    struct stat ignored;

    if (packed_file_is_meant(sink->path))
        return packed_file_make(sink->file, part, sink->path, NULL, &ignored);
    return rename(part, sink->path) < 0 ? -errno : 0;
}

static int make_file(struct sink *sink, struct rrd_error *error)
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

/* --- What was written --------------------------------------------------------------------------
 */

static struct sink_written *find_written(const struct sinks *sinks, const char *path)
{
    for (size_t i = 0; i < sinks->n; i++) {
        if (strcmp(sinks->all[i].path, path) == 0)
            return &sinks->all[i];
    }
    return NULL;
}

/* A file that is not remembered is made once more, no harm done. */
static void remember(struct sinks *sinks, const char *path, uint64_t commits)
{
    struct sink_written *written = find_written(sinks, path);
    struct sink_written *all;

    if (written != NULL) {
        written->commits = commits;
        return;
    }
    all = array_grow(sinks->all, sinks->n, &sinks->capacity, sizeof(*all));
    if (all == NULL)
        return;
    sinks->all = all;
    all[sinks->n] = (struct sink_written){strdup(path), commits};
    sinks->n += all[sinks->n].path != NULL;
}

void sinks_done(struct sinks *sinks)
{
    for (size_t i = 0; i < sinks->n; i++)
        free(sinks->all[i].path);
    free(sinks->all);
    *sinks = (struct sinks){0};
}

/* Does the file lack anything that was committed, or will be? */
static bool is_stale(const struct sinks *sinks, const struct sink *sink)
{
    const struct sink_written *written = find_written(sinks, sink->path);

    if (written == NULL)
        return true;
    for (size_t i = 0; i < sink->n_streams; i++) {
        if (sink->streams[i]->changed_in >= written->commits ||
            sink->streams[i]->store->changed_in >= written->commits)
            return true;
    }
    return false;
}

/* What was written while programs ran was not waited for. Where it is now is not our business. */
static void sync_written(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (file < 0)
        return;
    (void)!fsync(file);
    close(file);
}

/* --- Writing them ------------------------------------------------------------------------------
 */

/* The recording itself holds all rows, and would be gone if it was replaced. */
static bool is_source(const struct sinks_source *source, const char *path)
{
    struct stat recording;
    struct stat file;

    return strcmp(path, source->path) == 0 ||
           (stat(path, &file) == 0 && stat(source->path, &recording) == 0 &&
            file.st_dev == recording.st_dev && file.st_ino == recording.st_ino);
}

static int write_stale(struct sinks *sinks, struct sink *sink, struct rrd_error *error)
{
    int result = find_streams(sink);

    if (result == 0 && !is_stale(sinks, sink)) {
        if (sink->source->is_final)
            sync_written(sink->path);
        return 0;
    }
    if (result == 0)
        result = make_file(sink, error);
    if (result == 0)
        remember(sinks, sink->path, sink->source->commits);
    return result;
}

static int write_sink(struct sinks *sinks, const struct sinks_source *source, const char *path,
                      struct rrd_error *error)
{
    struct sink sink = {.source = source, .path = path};
    int result;

    if (is_source(source, path))
        return 0;
    buffer_init(&sink.out, BUFFER_NO_LIMIT);
    result = write_stale(sinks, &sink, error);
    if (result < 0)
        rrd_error_set(error,
                      "%s, which the program named by save, cannot be written: %s; its rows are in "
                      "%s",
                      path, strerror(-result), source->path);
    buffer_done(&sink.out);
    free(sink.streams);
    return result;
}

/* As write_sink, but only the first error counts. */
static void write_next(struct sinks *sinks, const struct sinks_source *source, const char *path,
                       int *first_error, struct rrd_error *error)
{
    struct rrd_error one;
    int result = write_sink(sinks, source, path, &one);

    if (result < 0 && *first_error == 0) {
        *first_error = result;
        *error = one;
    }
}

int sinks_write_stream(struct sinks *sinks, const struct sinks_source *source,
                       const struct stream *stream, struct rrd_error *error)
{
    int first_error = 0;

    for (size_t i = 0; i < stream->n_files; i++)
        write_next(sinks, source, stream->files[i], &first_error, error);
    return first_error;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All paths that streams name, in order; each as often as it is named. The array is the caller's.
 */
static int collect_paths(const struct recording_table *recordings, const char ***ret_paths,
                         size_t *ret_n)
{
    const char **paths;
    size_t n = 0;

    for (size_t i = 0; i < recordings->n_streams; i++)
        n += recordings->streams[i]->n_files;
    paths = calloc(n + 1, sizeof(*paths));
    if (paths == NULL)
        return -ENOMEM;
    n = 0;
    for (size_t i = 0; i < recordings->n_streams; i++) {
        const struct stream *stream = recordings->streams[i];

        for (size_t k = 0; k < stream->n_files; k++)
            paths[n++] = stream->files[k];
    }
    qsort(paths, n, sizeof(*paths), compare_paths);
    *ret_paths = paths;
    *ret_n = n;
    return 0;
}

bool sinks_has_any(const struct recording_table *recordings, const char *output)
{
    for (size_t i = 0; i < recordings->n_streams; i++) {
        const struct stream *stream = recordings->streams[i];

        for (size_t k = 0; k < stream->n_files; k++) {
            if (strcmp(stream->files[k], output) != 0)
                return true;
        }
    }
    return false;
}

int sinks_write(struct sinks *sinks, const struct sinks_source *source, struct rrd_error *error)
{
    const char **paths;
    int first_error = 0;
    size_t n;
    int result = collect_paths(source->recordings, &paths, &n);

    if (result < 0) {
        rrd_error_set(error, "the files that the program named by save: %s", strerror(-result));
        return result;
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(paths[i], paths[i - 1]) != 0)
            write_next(sinks, source, paths[i], &first_error, error);
    }
    free(paths);
    return first_error;
}
