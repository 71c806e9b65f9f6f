/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes a recording with the harness's own code, for the official tools to read.
 *
 *     write_recording FILE plain|lz4 [first]
 *
 * `first` leaves out the second store, and of the first what the official SDK does not write:
 * chunks with null rows, which `rerun rrd compare` cannot match, and text that is none.
 * wire_write.py knows by heart what is in it and writes the same with the official SDK.
 */
#include "harness/wire/chunk_encoder.h"
#include "harness/wire/entity_path.h"
#include "harness/wire/footer.h"
#include "harness/wire/rrd_writer.h"
#include "tests/support/batch_data.h"
#include "tests/support/builtin_column.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define MAX_ROWS      256
#define MAX_COLUMNS   8
#define MAX_TIMELINES 4
#define START_NS      1700000000000000000 /* of everything that is a time */

/* A chunk while it is filled; row by row, then written. */
struct sample {
    struct store_id store;
    const char *entity_path;
    size_t n_columns;
    struct column columns[MAX_COLUMNS];
    size_t n_timelines;
    struct chunk_timeline timelines[MAX_TIMELINES];
    int64_t times[MAX_TIMELINES][MAX_ROWS];
    size_t n_rows;
    struct tuid row_ids[MAX_ROWS];
};

static const struct store_id first_store = {
    .kind = STORE_RECORDING,
    .recording_id = {"first", 5},
    .application_id = {"lastword_interop", 16},
};
static const struct store_id second_store = {
    .kind = STORE_RECORDING,
    .recording_id = {"second", 6},
    .application_id = {"lastword_other", 14},
};

static struct tuid_generator ids;
static struct buffer out;
static struct chunk_workspace workspace;
static enum arrow_compression compression;

/* Every call must succeed; the line says which did not. */
#define CHECK(call)                                                                                \
    do {                                                                                           \
        int result_ = (call);                                                                      \
        if (result_ < 0) {                                                                         \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, strerror(-result_));     \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static void add_column(struct sample *sample, const struct column_descriptor *descriptor,
                       const struct datatype_node *nodes, size_t n_nodes)
{
    CHECK(column_init(&sample->columns[sample->n_columns++], descriptor, nodes, n_nodes));
}

static void add_builtin(struct sample *sample, uint32_t id)
{
    CHECK(builtin_column_init(&sample->columns[sample->n_columns++], id));
}

static void add_timeline(struct sample *sample, const char *name, enum time_type type)
{
    sample->timelines[sample->n_timelines++] = (struct chunk_timeline){string_view_of(name), type};
}

/* Ends a row; the columns must have it already. */
static void end_row(struct sample *sample, const int64_t *times)
{
    for (size_t i = 0; i < sample->n_timelines; i++)
        sample->times[i][sample->n_rows] = times[i];
    sample->row_ids[sample->n_rows++] = tuid_next(&ids, START_NS);
}

static void put(struct sample *sample, size_t column, struct record_batch_view batch)
{
    CHECK(column_append(&sample->columns[column], &batch));
}

static void encode(struct sample *sample, struct chunk_encoder *encoder)
{
    const int64_t *times[MAX_TIMELINES];
    struct chunk_rows rows = {
        .chunk_id = tuid_next(&ids, START_NS),
        .n_rows = sample->n_rows,
        .row_ids = sample->row_ids,
        .times = times,
        .columns = sample->columns,
    };
    size_t start;

    for (size_t i = 0; i < sample->n_timelines; i++)
        times[i] = sample->times[i];
    CHECK(rrd_begin_frame(&out, RRD_ARROW_MSG, &start));
    CHECK(chunk_encoder_encode(encoder, &rows, compression, &workspace, &out));
    rrd_end_frame(&out, start);
}

/* Writes the chunk and frees it. */
static void finish(struct sample *sample)
{
    static const struct chunk_metadata process = {{"lastword:process", 16}, {"cafe.1", 6}};
    struct chunk_encoder *encoder;
    struct buffer path;

    buffer_init(&path, BUFFER_NO_LIMIT);
    CHECK(entity_path_normalise(string_view_of(sample->entity_path), &path));
    const struct chunk_series series = {
        .store = sample->store,
        .entity_path = {(char *)path.data, path.size},
        .metadata = &process,
        .n_metadata = 1,
        .timelines = sample->timelines,
        .n_timelines = sample->n_timelines,
        .columns = sample->columns,
        .n_columns = sample->n_columns,
    };

    CHECK(chunk_encoder_create(&series, &encoder));
    encode(sample, encoder);
    chunk_encoder_destroy(encoder);
    buffer_done(&path);
    for (size_t i = 0; i < sample->n_columns; i++)
        column_done(&sample->columns[i]);
}

/* --- What is in the recording ------------------------------------------------------------------
 */

/* 100 rows on four timelines, of which the row ids and all but "countdown" are sorted. */
static void write_texts(void)
{
    static struct sample sample = {.entity_path = "log"};
    struct batch_data data;

    sample.store = first_store;
    add_builtin(&sample, BUILTIN_TEXT_LOG_TEXT);
    add_builtin(&sample, BUILTIN_TEXT_LOG_LEVEL);
    add_builtin(&sample, BUILTIN_TEXT_LOG_COLOR);
    add_timeline(&sample, "log_time", TIME_TIMESTAMP);
    add_timeline(&sample, "frame", TIME_SEQUENCE);
    add_timeline(&sample, "countdown", TIME_SEQUENCE);
    add_timeline(&sample, "elapsed", TIME_DURATION);
    for (int64_t i = 0; i < 100; i++) {
        char text[64];
        uint32_t color = 0xff0000ffu + (uint32_t)i * 256;

        (void)snprintf(text, sizeof(text), "row %d of h\xc3\xa9llo", (int)i);
        put(&sample, 0, batch_text(&data, text));
        put(&sample, 1, batch_text(&data, i % 2 ? "WARN" : "INFO"));
        put(&sample, 2, batch_fixed(&data, &color, 1, sizeof(color)));
        end_row(&sample, (int64_t[]){START_NS + i, i, 100 - i, i * 1000000});
    }
    finish(&sample);
}

static void write_boxes(void)
{
    static struct sample sample = {.entity_path = "/boxes/all of them"};
    static const float half_sizes[] = {0.5f, 0.5f, 1, 1, 2, 2};
    static const float centers[] = {1, 2, 3, 4, 5, 6};
    static const uint32_t colors[] = {0xff0000ff, 0x00ff0080, 0x0000ffff};
    static const float radii[] = {0.1f, 0.2f, -1.5f};
    static const char *const labels[] = {"a", "b\xc3\xa9", ""};
    static const uint16_t class_ids[] = {1, 2, 65535};
    const bool show_labels = true;
    const float draw_order = 10.5f;
    struct batch_data data;

    sample.store = first_store;
    for (uint32_t id = BUILTIN_BOXES2D_HALF_SIZES; id <= BUILTIN_BOXES2D_CLASS_IDS; id++)
        add_builtin(&sample, id);
    add_timeline(&sample, "log_time", TIME_TIMESTAMP);
    add_timeline(&sample, "frame", TIME_SEQUENCE);
    put(&sample, 0, batch_fixed(&data, half_sizes, 3, 8));
    put(&sample, 1, batch_fixed(&data, centers, 3, 8));
    put(&sample, 2, batch_fixed(&data, colors, 3, 4));
    put(&sample, 3, batch_fixed(&data, radii, 3, 4));
    put(&sample, 4, batch_texts(&data, labels, 3));
    put(&sample, 5, batch_bools(&data, &show_labels, 1));
    put(&sample, 6, batch_fixed(&data, &draw_order, 1, 4));
    put(&sample, 7, batch_fixed(&data, class_ids, 3, 2));
    end_row(&sample, (int64_t[]){START_NS, 7});
    finish(&sample);
}

static const struct datatype_node vec2[] = {
    {.kind = DATATYPE_FIXED_SIZE_LIST, .nullable = 1, .n_children = 1, .param = 2, .name = "item"},
    {.kind = DATATYPE_FLOAT32, .name = "item"},
};
static const struct datatype_node float64[] = {
    {.kind = DATATYPE_FLOAT64, .nullable = 1, .name = "item"},
};
static const struct datatype_node int64[] = {
    {.kind = DATATYPE_INT64, .nullable = 1, .name = "item"},
};

/* Numbers of points from 0 to 9: an empty list is a row as well. */
static void write_points(void)
{
    static struct sample sample = {.entity_path = "points"};
    static const struct column_descriptor positions = {
        {"rerun.archetypes.Points2D", 25},
        {"Points2D:positions", 18},
        {"rerun.components.Position2D", 27},
    };
    float values[20];
    struct batch_data data;

    sample.store = first_store;
    add_column(&sample, &positions, vec2, 2);
    add_timeline(&sample, "frame", TIME_SEQUENCE);
    for (uint32_t row = 0; row < 10; row++) {
        for (uint32_t i = 0; i < 2 * row; i++)
            values[i] = (float)row + (float)i / 4;
        put(&sample, 0, batch_fixed(&data, values, row, 8));
        end_row(&sample, (int64_t[]){row});
    }
    finish(&sample);
}

static void write_scalars(void)
{
    static struct sample sample = {.entity_path = "plot"};
    static const struct column_descriptor scalars = {
        {"rerun.archetypes.Scalars", 24},
        {"Scalars:scalars", 15},
        {"rerun.components.Scalar", 23},
    };
    struct batch_data data;

    sample.store = first_store;
    add_column(&sample, &scalars, float64, 1);
    add_timeline(&sample, "frame", TIME_SEQUENCE);
    for (int64_t row = 0; row < 200; row++) {
        double value = (double)row / 8;

        put(&sample, 0, batch_fixed(&data, &value, 1, 8));
        end_row(&sample, (int64_t[]){row});
    }
    finish(&sample);
}

static void write_static(void)
{
    static struct sample sample = {.entity_path = "static"};
    static const float half_size[] = {15, 20};
    struct batch_data data;

    sample.store = first_store;
    add_builtin(&sample, BUILTIN_BOXES2D_HALF_SIZES);
    add_builtin(&sample, BUILTIN_BOXES2D_LABELS);
    put(&sample, 0, batch_fixed(&data, half_size, 1, 8));
    put(&sample, 1, batch_text(&data, "for ever"));
    end_row(&sample, NULL);
    finish(&sample);
}

/* Components without archetype, each logged in one row only; the official SDK makes two chunks. */
static void write_sparse(void)
{
    static struct sample sample = {.entity_path = "/process"};
    static const struct column_descriptor pid = {{NULL, 0}, {"lastword:pid", 12}, {NULL, 0}};
    static const struct column_descriptor status = {{NULL, 0}, {"lastword:status", 15}, {NULL, 0}};
    const int64_t values[] = {4711, -1};
    struct batch_data data;

    sample.store = first_store;
    add_column(&sample, &pid, int64, 1);
    add_column(&sample, &status, int64, 1);
    add_timeline(&sample, "frame", TIME_SEQUENCE);
    put(&sample, 0, batch_fixed(&data, &values[0], 1, 8));
    CHECK(column_append_null(&sample.columns[1]));
    end_row(&sample, (int64_t[]){1});
    CHECK(column_append_null(&sample.columns[0]));
    put(&sample, 1, batch_fixed(&data, &values[1], 1, 8));
    end_row(&sample, (int64_t[]){2});
    finish(&sample);
}

/* Bytes that are no text, wherever a program can put them: readers must still read the rest. */
static void write_mended(void)
{
    static struct sample sample = {.entity_path = "mended \xff"};
    struct batch_data data;

    sample.store = first_store;
    add_builtin(&sample, BUILTIN_TEXT_LOG_TEXT);
    add_timeline(&sample, "frame \xff", TIME_SEQUENCE);
    put(&sample, 0, batch_text(&data, "cut in a letter: \xc3"));
    end_row(&sample, (int64_t[]){1});
    put(&sample, 0, batch_text(&data, "whole"));
    end_row(&sample, (int64_t[]){2});
    finish(&sample);
}

static void write_second_store(void)
{
    static struct sample sample = {.entity_path = "log"};
    struct batch_data data;

    sample.store = second_store;
    add_builtin(&sample, BUILTIN_TEXT_LOG_TEXT);
    add_timeline(&sample, "log_time", TIME_TIMESTAMP);
    put(&sample, 0, batch_text(&data, "in the other recording"));
    end_row(&sample, (int64_t[]){START_NS});
    finish(&sample);
}

static void write_store_info(const struct store_id *store)
{
    const struct set_store_info info = {
        .row_id = tuid_next(&ids, START_NS),
        .store = *store,
        .source = STORE_SOURCE_C_SDK,
        .crate_version = RRD_VERSION,
    };

    CHECK(rrd_append_set_store_info(&out, &info));
}

static void write_all(bool only_first)
{
    CHECK(rrd_append_stream_header(&out));
    write_store_info(&first_store);
    write_texts();
    write_boxes();
    write_points();
    write_scalars();
    write_static();
    if (!only_first) {
        write_sparse();
        write_mended();
        write_store_info(&second_store);
        write_second_store();
    }
}

int main(int argc, char **argv)
{
    struct rrd_error error;
    int fd;

    if (argc < 3)
        return 2;
    compression = strcmp(argv[2], "lz4") == 0 ? ARROW_LZ4 : ARROW_PLAIN;
    CHECK(tuid_generator_init(&ids));
    buffer_init(&out, BUFFER_NO_LIMIT);
    chunk_workspace_init(&workspace);
    write_all(argc > 3);
    fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || write(fd, out.data, out.size) != (ssize_t)out.size) {
        perror(argv[1]);
        return 1;
    }
    if (footer_append(fd, argv[1], &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    chunk_workspace_done(&workspace);
    buffer_done(&out);
    return close(fd) != 0;
}
