/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which files there are to be made, and which were made already. Owned by the courier.
 */
#include "harness/courier/sinks.h"

#include "harness/courier/array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that holds all rows that were committed before `commits`. */
struct sink_written {
    char *path;
    uint64_t commits;
};

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
static bool is_stale(const struct sinks *sinks, const struct sink_file *sink)
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

static int write_stale(struct sinks *sinks, struct sink_file *sink, struct rrd_error *error)
{
    int result;

    if (!is_stale(sinks, sink)) {
        if (sink->source->is_final)
            sync_written(sink->path);
        return 0;
    }
    result = sink_file_make(sink, error);
    if (result == 0)
        remember(sinks, sink->path, sink->source->commits);
    return result;
}

static int write_sink(struct sinks *sinks, const struct sinks_source *source, const char *path,
                      struct rrd_error *error)
{
    struct sink_file sink;
    int result;

    if (is_source(source, path))
        return 0;
    result = sink_file_init(&sink, source, path);
    if (result == 0)
        result = write_stale(sinks, &sink, error);
    if (result < 0)
        rrd_error_set(error,
                      "%s, which the program named, cannot be written: %s; its rows are in "
                      "%s",
                      path, strerror(-result), source->path);
    sink_file_done(&sink);
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
        rrd_error_set(error, "the files that the program named: %s", strerror(-result));
        return result;
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(paths[i], paths[i - 1]) != 0)
            write_next(sinks, source, paths[i], &first_error, error);
    }
    free(paths);
    return first_error;
}
