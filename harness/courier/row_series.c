/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One series of rows. Owned by the chunk table; knows nothing of the others.
 */
#include "harness/courier/row_series.h"

#include "harness/wire/entity_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LOG_TIME "log_time"

static struct string_view timeline_name(const struct record_timeline_view *timeline)
{
    return (struct string_view){timeline->name, timeline->name_size};
}

/* --- Making ------------------------------------------------------------------------------------
 */

static int init_columns(struct row_series *series, const struct component_table *components,
                        const struct record_row_view *row)
{
    series->columns = calloc(row->n_batches, sizeof(*series->columns));
    if (series->columns == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < row->n_batches; i++) {
        struct component_type type;
        int result = component_table_find(components, row->batches[i].component_id, &type);

        if (result == 0)
            result = column_init(&series->columns[i], &type.descriptor, type.nodes, type.n_nodes);
        if (result < 0)
            return result;
        series->n_columns++;
    }
    return 0;
}

/* The clock of the log call comes first, and takes the place of a timeline of that name. */
static void name_timelines(struct row_series *series, const struct record_row_view *row,
                           struct chunk_timeline *timelines)
{
    series->own_timeline = SIZE_MAX;
    series->has_log_time = (row->head->flags & ROW_LOG_TIME) != 0;
    if (series->has_log_time)
        timelines[series->n_timelines++] =
            (struct chunk_timeline){string_view_of(LOG_TIME), TIME_TIMESTAMP};
    for (size_t i = 0; i < row->n_timelines; i++) {
        struct string_view name = timeline_name(&row->timelines[i]);

        if (series->has_log_time && string_view_equal(name, string_view_of(LOG_TIME)))
            series->own_timeline = i;
        else
            timelines[series->n_timelines++] =
                (struct chunk_timeline){name, (enum time_type)row->timelines[i].type};
    }
}

static int init_times(struct row_series *series)
{
    size_t n = series->n_timelines + 1; /* never 0 bytes */

    series->times = calloc(n, sizeof(*series->times));
    series->time_values = calloc(n, sizeof(*series->time_values));
    if (series->times == NULL || series->time_values == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < series->n_timelines; i++)
        buffer_init(&series->times[i], BUFFER_NO_LIMIT);
    return 0;
}

static int make_encoder(struct row_series *series, const struct chunk_source *source,
                        const struct record_row_view *row, const struct chunk_timeline *timelines)
{
    struct chunk_metadata metadata[2] = {
        {string_view_of(PROCESS_METADATA_KEY), string_view_of(source->process->name)},
        {.key = string_view_of(CHUNK_TABLE_STREAM_KEY)},
    };
    char stream[16];
    struct buffer path;
    int result;

    snprintf(stream, sizeof(stream), "%u", source->stream->id);
    metadata[1].value = string_view_of(stream);
    buffer_init(&path, BUFFER_NO_LIMIT);
    result = entity_path_normalise(
        (struct string_view){row->entity_path, row->head->entity_path_size}, &path);
    if (result == 0)
        result = chunk_encoder_create(
            &(struct chunk_series){
                .store = source->stream->store->id,
                .entity_path = {(const char *)path.data, path.size},
                .metadata = metadata,
                .n_metadata = 2,
                .timelines = timelines,
                .n_timelines = series->n_timelines,
                .columns = series->columns,
                .n_columns = series->n_columns,
            },
            &series->encoder);
    buffer_done(&path);
    return result;
}

int row_series_init(struct row_series *series, const struct chunk_source *source,
                    const struct record_row_view *row)
{
    struct chunk_timeline timelines[RECORD_MAX_TIMELINES + 1];
    int result;

    *series = (struct row_series){.process = source->process};
    buffer_init(&series->row_ids, BUFFER_NO_LIMIT);
    result = init_columns(series, source->components, row);
    name_timelines(series, row, timelines);
    if (result == 0)
        result = init_times(series);
    if (result == 0)
        result = make_encoder(series, source, row, timelines);
    if (result == 0)
        return 0;
    row_series_done(series);
    return result == -ENOMEM || result == -ENOENT ? result : -EBADMSG;
}

void row_series_done(struct row_series *series)
{
    for (size_t i = 0; i < series->n_columns; i++)
        column_done(&series->columns[i]);
    for (size_t i = 0; series->times != NULL && i < series->n_timelines; i++)
        buffer_done(&series->times[i]);
    free(series->columns);
    free(series->times);
    free(series->time_values);
    buffer_done(&series->row_ids);
    chunk_encoder_destroy(series->encoder);
    *series = (struct row_series){0};
}

/* --- Rows --------------------------------------------------------------------------------------
 */

static int append_times(struct row_series *series, const struct record_row_view *row,
                        uint64_t time_ns)
{
    size_t next = 0;
    int result = 0;

    if (series->has_log_time)
        result = buffer_append(&series->times[next++], &time_ns, sizeof(time_ns));
    for (size_t i = 0; result == 0 && i < row->n_timelines; i++) {
        if (i != series->own_timeline)
            result = buffer_append(&series->times[next++], &row->timelines[i].value,
                                   sizeof(row->timelines[i].value));
    }
    return result;
}

static int append_columns(struct row_series *series, const struct record_row_view *row)
{
    for (size_t i = 0; i < series->n_columns; i++) {
        int result = column_append(&series->columns[i], &row->batches[i]);

        if (result < 0)
            return result;
    }
    return 0;
}

/* Back to n_rows rows in every part. */
static void take_back(struct row_series *series)
{
    for (size_t i = 0; i < series->n_columns; i++)
        column_truncate(&series->columns[i], series->n_rows);
    for (size_t i = 0; i < series->n_timelines; i++)
        buffer_truncate(&series->times[i], series->n_rows * sizeof(int64_t));
    buffer_truncate(&series->row_ids, series->n_rows * sizeof(struct tuid));
}

int row_series_append(struct row_series *series, const struct record_row_view *row,
                      uint64_t time_ns, struct tuid row_id)
{
    int result = append_columns(series, row);

    if (result == 0)
        result = append_times(series, row, time_ns);
    if (result == 0)
        result = buffer_append(&series->row_ids, &row_id, sizeof(row_id));
    if (result < 0)
        take_back(series);
    else
        series->n_rows++;
    return result;
}

int row_series_encode(struct row_series *series, struct tuid chunk_id,
                      struct chunk_workspace *workspace, struct buffer *out)
{
    for (size_t i = 0; i < series->n_timelines; i++)
        series->time_values[i] = (const int64_t *)(const void *)series->times[i].data;
    return chunk_encoder_encode(
        series->encoder,
        &(struct chunk_rows){
            .chunk_id = chunk_id,
            .n_rows = series->n_rows,
            .row_ids = (const struct tuid *)(const void *)series->row_ids.data,
            .times = series->time_values,
            .columns = series->columns,
        },
        ARROW_LZ4, workspace, out);
}

void row_series_clear(struct row_series *series)
{
    series->n_rows = 0;
    series->size = 0;
    take_back(series);
}
