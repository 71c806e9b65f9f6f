/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "tests/support/recording_maker.h"

#include "harness/process_schema.h"
#include "harness/wire/chunk_encoder.h"
#include "harness/wire/rrd_writer.h"
#include "sdk/record/builtin.h"
#include "tests/support/batch_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_COLUMNS 12

static void must(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "recording_maker: %s: %d\n", what, result);
        abort();
    }
}

void recording_maker_init(struct recording_maker *maker, const char *recording_id)
{
    const struct set_store_info info = {
        .row_id = {1, 1},
        .store = {STORE_RECORDING, string_view_of(recording_id), string_view_of("lastword_test")},
        .source = STORE_SOURCE_C_SDK,
        .crate_version = RRD_VERSION,
    };
    *maker = (struct recording_maker){
        .recording_id = recording_id, .next_id = 1000, .time_ns = 1700000000000000000};
    buffer_init(&maker->bytes, BUFFER_NO_LIMIT);
    must(rrd_append_stream_header(&maker->bytes), "header");
    must(rrd_append_set_store_info(&maker->bytes, &info), "store");
}

void recording_maker_done(struct recording_maker *maker)
{
    buffer_done(&maker->bytes);
}

/* --- One row ---------------------------------------------------------------------------------- */

struct row {
    struct column columns[MAX_COLUMNS];
    size_t n_columns;
};

static void add(struct row *row, const struct column_descriptor *descriptor,
                const struct datatype_node *nodes, size_t n_nodes, struct record_batch_view batch)
{
    struct column *column = &row->columns[row->n_columns++];
    if (row->n_columns > MAX_COLUMNS) {
        abort();
    }
    must(column_init(column, descriptor, nodes, n_nodes), "column");
    must(column_append(column, &batch), "append");
}

static void add_builtin(struct row *row, uint32_t id, struct record_batch_view batch)
{
    const struct builtin_component *builtin = builtin_component_find(id);
    const struct column_descriptor descriptor = {
        string_view_of(builtin->archetype),
        string_view_of(builtin->component),
        string_view_of(builtin->component_type),
    };
    add(row, &descriptor, builtin->nodes, builtin->n_nodes, batch);
}

/* A component without archetype, as those of processes are. */
static void add_plain(struct row *row, const char *component, enum datatype_kind kind,
                      struct record_batch_view batch)
{
    const struct column_descriptor descriptor = {.component = string_view_of(component)};
    const struct datatype_node node = {.kind = (uint8_t)kind, .nullable = 1, .name = "item"};
    add(row, &descriptor, &node, 1, batch);
}

static void add_int(struct row *row, const char *component, int64_t value)
{
    struct batch_data data;
    add_plain(row, component, DATATYPE_INT64, batch_fixed(&data, &value, 1, sizeof value));
}

static void add_text(struct row *row, const char *component, const char *text)
{
    struct batch_data data;
    if (text != NULL) {
        add_plain(row, component, DATATYPE_UTF8, batch_text(&data, text));
    }
}

/* Writes the row as a chunk and frees it. */
static void write_row(struct recording_maker *maker, struct row *row, const char *process,
                      const char *entity, uint64_t row_id)
{
    const struct chunk_metadata metadata = {string_view_of(PROCESS_METADATA_KEY),
                                            string_view_of(process)};
    struct chunk_timeline timelines[1 + MADE_MAX_TIMES] = {
        {string_view_of("log_time"), TIME_TIMESTAMP}};
    const int64_t *times[1 + MADE_MAX_TIMES] = {&maker->time_ns};
    for (size_t i = 0; i < maker->n_times; i++) {
        const struct made_time *time = &maker->times[i];
        timelines[i + 1] = (struct chunk_timeline){string_view_of(time->timeline), time->type};
        times[i + 1] = &time->value;
    }
    const struct chunk_series series = {
        .store = {STORE_RECORDING, string_view_of(maker->recording_id),
                  string_view_of("lastword_test")},
        .entity_path = string_view_of(entity),
        .metadata = &metadata,
        .n_metadata = process != NULL,
        .timelines = timelines,
        .n_timelines = maker->is_static ? 0 : 1 + maker->n_times,
        .columns = row->columns,
        .n_columns = row->n_columns,
    };
    struct tuid id = {1, row_id != 0 ? row_id : maker->next_id};
    const struct chunk_rows rows = {{2, maker->next_id++}, 1, &id, times, row->columns};
    struct chunk_workspace workspace;
    struct chunk_encoder *encoder = NULL;
    size_t start = 0;

    chunk_workspace_init(&workspace);
    must(chunk_encoder_create(&series, &encoder), "encoder");
    must(rrd_begin_frame(&maker->bytes, RRD_ARROW_MSG, &start), "frame");
    must(chunk_encoder_encode(encoder, &rows, ARROW_PLAIN, &workspace, &maker->bytes), "encode");
    rrd_end_frame(&maker->bytes, start);
    chunk_encoder_destroy(encoder);
    chunk_workspace_done(&workspace);
    for (size_t i = 0; i < row->n_columns; i++) {
        column_done(&row->columns[i]);
    }
    maker->time_ns += 1000000;
}

/* --- Kinds of rows ---------------------------------------------------------------------------- */

void make_process(struct recording_maker *maker, const struct made_process *process)
{
    struct row row = {.n_columns = 0};
    struct batch_data data;
    char entity[128];
    uint32_t n_args = 0;

    snprintf(entity, sizeof entity, PROCESS_ENTITY_PREFIX "%s", process->name);
    while (n_args < 8 && process->args[n_args] != NULL) {
        n_args++;
    }
    add_int(&row, PROCESS_PID, process->pid);
    add_int(&row, PROCESS_PARENT_PID, process->parent_pid);
    add_text(&row, PROCESS_PARENT, process->parent);
    add_text(&row, PROCESS_IMAGE_OF, process->image_of);
    add_text(&row, PROCESS_MADE_BY, process->made_by);
    add_text(&row, PROCESS_EXECUTABLE, process->executable);
    if (n_args > 0) {
        add_plain(&row, PROCESS_ARGS, DATATYPE_UTF8, batch_texts(&data, process->args, n_args));
    }
    write_row(maker, &row, NULL, entity, 0);
}

void make_end(struct recording_maker *maker, const struct made_end *end)
{
    struct row row = {.n_columns = 0};
    char entity[128];

    snprintf(entity, sizeof entity, PROCESS_ENTITY_PREFIX "%s", end->name);
    add_text(&row, PROCESS_ENDED_BY, end->ended_by);
    add_text(&row, PROCESS_SEEN_BY, end->seen_by);
    add_text(&row, PROCESS_TARGET, end->target);
    add_int(&row, PROCESS_STATUS, end->status);
    add_int(&row, PROCESS_ROWS_LOGGED, end->rows_logged);
    add_int(&row, PROCESS_ROWS_STORED, end->rows_stored);
    write_row(maker, &row, NULL, entity, 0);
}

static void add_list(struct row *row, const char *component, const char *const texts[4])
{
    struct batch_data data;
    uint32_t n = 0;

    while (n < 4 && texts[n] != NULL) {
        n++;
    }
    if (n > 0) {
        add_plain(row, component, DATATYPE_UTF8, batch_texts(&data, texts, n));
    }
}

void make_notes(struct recording_maker *maker, const char *process, const struct made_notes *notes)
{
    struct row row = {.n_columns = 0};
    char entity[128];

    snprintf(entity, sizeof entity, PROCESS_ENTITY_PREFIX "%s", process);
    add_list(&row, PROCESS_PROVIDERS, notes->providers);
    add_list(&row, PROCESS_NOT_COVERED, notes->not_covered);
    add_list(&row, PROCESS_TIMED_OUT, notes->timed_out);
    add_list(&row, PROCESS_VIEWERS, notes->viewers);
    write_row(maker, &row, NULL, entity, 0);
}

void make_uncovered(struct recording_maker *maker, const struct made_uncovered *uncovered)
{
    struct row row = {.n_columns = 0};

    if (uncovered->more != 0) {
        add_int(&row, UNCOVERED_MORE, uncovered->more);
    } else {
        add_int(&row, PROCESS_PID, uncovered->pid);
        add_text(&row, PROCESS_PARENT, uncovered->parent);
        add_text(&row, PROCESS_IMAGE_OF, uncovered->image_of);
        add_text(&row, PROCESS_MADE_BY, uncovered->made_by);
        add_text(&row, PROCESS_EXECUTABLE, uncovered->executable);
        add_text(&row, PROCESS_NOT_COVERED, uncovered->reason);
        add_text(&row, PROCESS_ENDED_BY, uncovered->ended_by);
        add_int(&row, PROCESS_STATUS, uncovered->status);
    }
    write_row(maker, &row, NULL, UNCOVERED_ENTITY, 0);
}

void make_text(struct recording_maker *maker, const struct made_text *text)
{
    struct row row = {.n_columns = 0};
    struct batch_data data;

    add_builtin(&row, BUILTIN_TEXT_LOG_TEXT, batch_text(&data, text->text));
    if (text->level != NULL) {
        add_builtin(&row, BUILTIN_TEXT_LOG_LEVEL, batch_text(&data, text->level));
    }
    if (text->color != 0) {
        add_builtin(&row, BUILTIN_TEXT_LOG_COLOR, batch_fixed(&data, &text->color, 1, 4));
    }
    write_row(maker, &row, text->process, text->entity, text->row_id);
}

void make_boxes(struct recording_maker *maker, const struct made_boxes *boxes)
{
    struct row row = {.n_columns = 0};
    struct batch_data data;

    add_builtin(&row, BUILTIN_BOXES2D_HALF_SIZES,
                batch_fixed(&data, boxes->half_sizes, boxes->n, 8));
    if (boxes->centers != NULL) {
        add_builtin(&row, BUILTIN_BOXES2D_CENTERS, batch_fixed(&data, boxes->centers, boxes->n, 8));
    }
    if (boxes->n_labels > 0) {
        add_builtin(&row, BUILTIN_BOXES2D_LABELS,
                    batch_texts(&data, boxes->labels, boxes->n_labels));
    }
    if (boxes->n_colors > 0) {
        add_builtin(&row, BUILTIN_BOXES2D_COLORS,
                    batch_fixed(&data, boxes->colors, boxes->n_colors, 4));
    }
    write_row(maker, &row, boxes->process, boxes->entity, 0);
}

void make_box(struct recording_maker *maker, const char *process, const char *entity,
              const float xywh[static 4], const char *label)
{
    const float half_size[1][2] = {{xywh[2] / 2, xywh[3] / 2}};
    const float center[1][2] = {{xywh[0] + half_size[0][0], xywh[1] + half_size[0][1]}};
    make_boxes(maker, &(struct made_boxes){
                          .process = process,
                          .entity = entity,
                          .n = 1,
                          .centers = center,
                          .half_sizes = half_size,
                          .n_labels = label != NULL,
                          .labels = &label,
                      });
}

char *recording_maker_save(const struct recording_maker *maker)
{
    char *path = strdup("/tmp/lastword-test-XXXXXX");
    int fd = path != NULL ? mkstemp(path) : -1;
    if (fd < 0 || write(fd, maker->bytes.data, maker->bytes.size) != (ssize_t)maker->bytes.size) {
        perror("recording_maker");
        abort();
    }
    close(fd);
    return path;
}
