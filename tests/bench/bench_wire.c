/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What writing and reading chunks costs, on one core: CPU time per row and per chunk, bytes per
 * row.
 *
 *     bench_wire
 */
#include "harness/wire/chunk_decoder.h"
#include "tests/support/batch_data.h"
#include "tests/support/builtin_column.h"

#include <stdio.h>
#include <time.h>

#define MAX_COLUMNS 4
#define N_ROWS      1024      /* different rows, used in turn */
#define ROUND_NS    300000000 /* CPU time of one measurement */

/* Rows of one kind. */
struct load {
    const char *name;
    size_t n_columns;
    struct column columns[MAX_COLUMNS];
    struct small_batch {
        _Alignas(8) uint8_t bytes[80];
        struct record_batch_view view;
    } rows[N_ROWS][MAX_COLUMNS];
};

struct writer {
    struct chunk_encoder *encoder;
    struct chunk_workspace workspace;
    struct tuid_generator ids;
    struct tuid *row_ids;
    int64_t *times;
    struct buffer out;
};

#define CHECK(call)                                                                                \
    do {                                                                                           \
        int result_ = (call);                                                                      \
        if (result_ < 0) {                                                                         \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, strerror(-result_));     \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static int64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void add_column(struct load *load, uint32_t id)
{
    CHECK(builtin_column_init(&load->columns[load->n_columns++], id));
}

/* Keeps a batch that was put together in `data`. */
static void set_cell(struct load *load, size_t row, size_t column, const struct batch_data *data,
                     struct record_batch_view view)
{
    struct small_batch *cell = &load->rows[row][column];

    if (data->size > sizeof(cell->bytes))
        abort();
    memcpy(cell->bytes, data->bytes, data->size);
    cell->view = view;
    cell->view.data = cell->bytes;
}

/* 64 bytes of text of which 16 differ from row to row, as in log lines. */
static void make_text_load(struct load *load)
{
    struct batch_data data;
    char text[72];

    load->name = "text 64 B";
    add_column(load, BUILTIN_TEXT_LOG_TEXT);
    for (size_t row = 0; row < N_ROWS; row++) {
        (void)snprintf(text, sizeof(text), "%016llx: step finished, writing the log line of 64 B.",
                       (unsigned long long)((row + 1) * 0x9e3779b97f4a7c15u));
        text[64] = '\0';
        set_cell(load, row, 0, &data, batch_text(&data, text));
    }
}

static void make_box_load(struct load *load)
{
    struct batch_data data;

    load->name = "labelled box";
    add_column(load, BUILTIN_BOXES2D_HALF_SIZES);
    add_column(load, BUILTIN_BOXES2D_CENTERS);
    add_column(load, BUILTIN_BOXES2D_COLORS);
    add_column(load, BUILTIN_BOXES2D_LABELS);
    for (size_t row = 0; row < N_ROWS; row++) {
        const float numbers[] = {45, 40, (float)(row * 7919 % 1000) / 3, (float)row / 7};
        const uint32_t color = 0xff8000ff;

        set_cell(load, row, 0, &data, batch_fixed(&data, numbers, 1, 8));
        set_cell(load, row, 1, &data, batch_fixed(&data, numbers + 2, 1, 8));
        set_cell(load, row, 2, &data, batch_fixed(&data, &color, 1, 4));
        set_cell(load, row, 3, &data, batch_text(&data, "task_1"));
    }
}

static void make_writer(struct writer *writer, const struct load *load, size_t n_rows)
{
    static const struct chunk_metadata process = {{"lastword:process", 16}, {"cafe.1", 6}};
    static const struct chunk_timeline log_time = {{"log_time", 8}, TIME_TIMESTAMP};
    const struct chunk_series series = {
        .store = {STORE_RECORDING, {"recording", 9}, {"application", 11}},
        .entity_path = {"/log", 4},
        .metadata = &process,
        .n_metadata = 1,
        .timelines = &log_time,
        .n_timelines = 1,
        .columns = load->columns,
        .n_columns = load->n_columns,
    };

    CHECK(chunk_encoder_create(&series, &writer->encoder));
    CHECK(tuid_generator_init(&writer->ids));
    chunk_workspace_init(&writer->workspace);
    buffer_init(&writer->out, BUFFER_NO_LIMIT);
    writer->row_ids = calloc(n_rows, sizeof(*writer->row_ids));
    writer->times = calloc(n_rows, sizeof(*writer->times));
    if (writer->row_ids == NULL || writer->times == NULL)
        abort();
}

static void free_writer(struct writer *writer)
{
    chunk_encoder_destroy(writer->encoder);
    chunk_workspace_done(&writer->workspace);
    buffer_done(&writer->out);
    free(writer->row_ids);
    free(writer->times);
}

/* --- What is timed ---------------------------------------------------------------------------- */

struct task {
    struct load *load;
    struct writer *writer;
    struct chunk_decoder *decoder;
    size_t n_rows;
    enum arrow_compression compression;
};

static void clear(struct task *task)
{
    for (size_t i = 0; i < task->load->n_columns; i++)
        column_clear(&task->load->columns[i]);
}

static void fill(struct task *task)
{
    struct writer *writer = task->writer;
    struct load *load = task->load;

    clear(task);
    for (size_t row = 0; row < task->n_rows; row++) {
        for (size_t i = 0; i < load->n_columns; i++)
            CHECK(column_append(&load->columns[i], &load->rows[row % N_ROWS][i].view));
        writer->times[row] = (int64_t)(1700000000000000000 + row * 1000);
        writer->row_ids[row] = tuid_next(&writer->ids, (uint64_t)writer->times[row]);
    }
}

static void encode(struct task *task)
{
    struct writer *writer = task->writer;
    const int64_t *times = writer->times;
    const struct chunk_rows rows = {
        .chunk_id = tuid_next(&writer->ids, 1),
        .n_rows = task->n_rows,
        .row_ids = writer->row_ids,
        .times = &times,
        .columns = task->load->columns,
    };

    buffer_truncate(&writer->out, 0);
    CHECK(chunk_encoder_encode(writer->encoder, &rows, task->compression, &writer->workspace,
                               &writer->out));
}

static void decode(struct task *task)
{
    const struct buffer *out = &task->writer->out;
    struct chunk chunk;

    CHECK(chunk_decoder_decode(task->decoder, (struct string_view){(char *)out->data, out->size},
                               &chunk, NULL));
}

/* Returns the CPU time of one run in ns. The clock is read now and then: it costs as much as a
 * small chunk. */
static double time_of(void (*run)(struct task *), struct task *task)
{
    int64_t start = cpu_ns(), now = start;
    int64_t n = 0;

    while (now - start < ROUND_NS) {
        for (int i = 0; i < 10; i++, n++)
            run(task);
        now = cpu_ns();
    }
    return (double)(now - start) / (double)n;
}

static void measure(struct load *load, size_t n_rows, enum arrow_compression compression)
{
    struct writer writer;
    struct task task = {load, &writer, NULL, n_rows, compression};
    double rows = (double)n_rows;
    double fill_ns, encode_ns, decode_ns;

    make_writer(&writer, load, n_rows);
    CHECK(chunk_decoder_create(&task.decoder));
    fill_ns = time_of(fill, &task);
    encode_ns = time_of(encode, &task);
    decode_ns = time_of(decode, &task);
    printf("%-13s %6zu %-6s %7.1f %8.2f %8.2f %8.2f %8.1f\n", load->name, n_rows,
           compression == ARROW_LZ4 ? "lz4" : "plain", fill_ns / rows, encode_ns / 1e3,
           decode_ns / 1e3, rows / (fill_ns + encode_ns) * 1e3, (double)writer.out.size / rows);
    chunk_decoder_destroy(task.decoder);
    free_writer(&writer);
}

int main(void)
{
    static const size_t sizes[] = {1, 100, 10000};
    static struct load loads[2];

    make_text_load(&loads[0]);
    make_box_load(&loads[1]);
    printf("%-13s %6s %-6s %7s %8s %8s %8s %8s\n", "", "rows a", "", "append", "encode", "decode",
           "append +", "");
    printf("%-13s %6s %-6s %7s %8s %8s %8s %8s\n", "row", "chunk", "", "ns/row", "us/chunk",
           "us/chunk", "enc. M/s", "B/row");
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 3; j++) {
            measure(&loads[i], sizes[j], ARROW_PLAIN);
            measure(&loads[i], sizes[j], ARROW_LZ4);
        }
        for (size_t j = 0; j < loads[i].n_columns; j++)
            column_done(&loads[i].columns[j]);
    }
    return 0;
}
