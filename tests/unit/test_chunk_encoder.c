/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Chunks of ours, read back; and their schema against one that the official SDK wrote. What Rerun's
 * own tools say is tested in tests/interop.
 */
#include "harness/wire/chunk_decoder.h"
#include "harness/wire/chunk_encoder.h"
#include "harness/wire/rrd_reader.h"
#include "sdk/record/builtin.h"
#include "tests/support/batch_data.h"
#include "tests/support/builtin_column.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <nanoarrow/nanoarrow.h>
#include <stdio.h>

#define MAX_ROWS 1000

/* A series with TextLog:text and TextLog:color on "log_time" and "frame", and its rows. */
struct sample {
    struct column columns[2];
    struct chunk_timeline timelines[2];
    struct chunk_series series;
    struct tuid row_ids[MAX_ROWS];
    int64_t log_time[MAX_ROWS], frame[MAX_ROWS];
    const int64_t *times[2];
    struct chunk_rows rows;
    struct chunk_workspace workspace;
    struct buffer out;
    struct chunk_decoder *decoder;
    struct chunk chunk;
};

static void add_builtin(struct column *column, uint32_t id)
{
    cr_assert_eq(builtin_column_init(column, id), 0);
}

static struct sample *make_sample(size_t n_rows)
{
    struct sample *sample = calloc(1, sizeof(*sample));
    struct batch_data data;

    cr_assert_not_null(sample);
    add_builtin(&sample->columns[0], BUILTIN_TEXT_LOG_TEXT);
    add_builtin(&sample->columns[1], BUILTIN_TEXT_LOG_COLOR);
    for (size_t i = 0; i < n_rows; i++) {
        char text[32];
        uint32_t color = (uint32_t)i;
        struct record_batch_view batch;

        (void)snprintf(text, sizeof(text), "row %zu", i);
        batch = batch_text(&data, text);
        cr_assert_eq(column_append(&sample->columns[0], &batch), 0);
        batch = batch_fixed(&data, &color, 1, 4);
        cr_assert_eq(column_append(&sample->columns[1], &batch), 0);
        sample->row_ids[i] = (struct tuid){1000 + i, i};
        sample->log_time[i] = (int64_t)i * 10;
        sample->frame[i] = -(int64_t)i;
    }
    sample->timelines[0] = (struct chunk_timeline){string_view_of("log_time"), TIME_TIMESTAMP};
    sample->timelines[1] = (struct chunk_timeline){string_view_of("frame"), TIME_SEQUENCE};
    sample->series = (struct chunk_series){
        .store = {STORE_RECORDING, string_view_of("rec"), string_view_of("app")},
        .entity_path = string_view_of("/log"),
        .timelines = sample->timelines,
        .n_timelines = 2,
        .columns = sample->columns,
        .n_columns = 2,
    };
    sample->times[0] = sample->log_time;
    sample->times[1] = sample->frame;
    sample->rows = (struct chunk_rows){
        .chunk_id = {0x1234, 0x5678},
        .n_rows = n_rows,
        .row_ids = sample->row_ids,
        .times = sample->times,
        .columns = sample->columns,
    };
    chunk_workspace_init(&sample->workspace);
    buffer_init(&sample->out, BUFFER_NO_LIMIT);
    cr_assert_eq(chunk_decoder_create(&sample->decoder), 0);
    return sample;
}

static void free_sample(struct sample *sample)
{
    column_done(&sample->columns[0]);
    column_done(&sample->columns[1]);
    chunk_workspace_done(&sample->workspace);
    buffer_done(&sample->out);
    chunk_decoder_destroy(sample->decoder);
    free(sample);
}

/* Encodes the rows and reads them back into sample->chunk. */
static void encode(struct sample *sample, struct chunk_encoder *encoder,
                   enum arrow_compression compression)
{
    struct rrd_error error;

    buffer_truncate(&sample->out, 0);
    cr_assert_eq(
        chunk_encoder_encode(encoder, &sample->rows, compression, &sample->workspace, &sample->out),
        0);
    cr_assert_eq(
        chunk_decoder_decode(sample->decoder,
                             (struct string_view){(char *)sample->out.data, sample->out.size},
                             &sample->chunk, &error),
        0, "%s", error.text);
}

static void expect_rows(const struct sample *sample)
{
    const struct chunk *chunk = &sample->chunk;
    const struct chunk_column *texts = chunk_find_column(chunk, "TextLog:text");
    const struct chunk_column *colors = chunk_find_column(chunk, "TextLog:color");

    cr_assert_eq(chunk->n_rows, sample->rows.n_rows);
    cr_assert_eq(tuid_compare(chunk->id, sample->rows.chunk_id), 0);
    for (size_t i = 0; i < chunk->n_rows; i++) {
        struct chunk_values cell = chunk_cell(texts, i);
        struct string_view text;
        int64_t color;
        char expected[32];

        (void)snprintf(expected, sizeof(expected), "row %zu", i);
        cr_assert_eq(cell.n, 1);
        cr_assert_eq(chunk_value_bytes(&cell, 0, &text), 0);
        cr_assert(string_view_equal(text, string_view_of(expected)));
        cell = chunk_cell(colors, i);
        cr_assert_eq(chunk_value_int(&cell, 0, &color), 0);
        cr_assert_eq(color, (int64_t)i);
        cr_assert_eq(tuid_compare(chunk->row_ids[i], sample->row_ids[i]), 0);
        cr_assert_eq(chunk_find_timeline(chunk, "log_time")->values[i], sample->log_time[i]);
        cr_assert_eq(chunk_find_timeline(chunk, "frame")->values[i], sample->frame[i]);
    }
}

Test(chunk_encoder, chunks_are_read_back)
{
    static const size_t sizes[] = {1, 2, 8, 9, 100, 1000};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct sample *sample = make_sample(sizes[i]);
        struct chunk_encoder *encoder;

        cr_assert_eq(chunk_encoder_create(&sample->series, &encoder), 0);
        encode(sample, encoder, ARROW_PLAIN);
        expect_rows(sample);
        encode(sample, encoder, ARROW_LZ4);
        expect_rows(sample);
        cr_assert(string_view_equal(sample->chunk.entity_path, string_view_of("/log")));
        cr_assert(string_view_equal(sample->chunk.store.application_id, string_view_of("app")));
        chunk_encoder_destroy(encoder);
        free_sample(sample);
    }
}

/* A false is_sorted breaks queries in the viewer: it must hold for each chunk, not for the series.
 */
Test(chunk_encoder, sorted_is_found_out_for_each_chunk)
{
    struct sample *sample = make_sample(3);
    struct chunk_encoder *encoder;

    cr_assert_eq(chunk_encoder_create(&sample->series, &encoder), 0);
    for (int round = 0; round < 3; round++) {
        encode(sample, encoder, ARROW_LZ4);
        expect_rows(sample);
        cr_assert(chunk_find_timeline(&sample->chunk, "log_time")->is_sorted);
        cr_assert_not(chunk_find_timeline(&sample->chunk, "frame")->is_sorted);

        sample->rows.n_rows = 1;
        column_truncate(&sample->columns[0], 1);
        column_truncate(&sample->columns[1], 1);
        encode(sample, encoder, ARROW_LZ4);
        expect_rows(sample);
        cr_assert(chunk_find_timeline(&sample->chunk, "log_time")->is_sorted);
        cr_assert(chunk_find_timeline(&sample->chunk, "frame")->is_sorted);

        chunk_encoder_destroy(encoder);
        free_sample(sample);
        sample = make_sample(3);
        sample->log_time[2] = sample->log_time[1]; /* equal neighbours are sorted */
        cr_assert_eq(chunk_encoder_create(&sample->series, &encoder), 0);
    }
    sample->row_ids[1] = sample->row_ids[2];
    sample->row_ids[2] = (struct tuid){0, 0};
    sample->log_time[0] = 100;
    encode(sample, encoder, ARROW_LZ4);
    expect_rows(sample);
    cr_assert_not(chunk_find_timeline(&sample->chunk, "log_time")->is_sorted);
    cr_assert_not(strstr(sample->chunk.schema->children[0]->metadata, "rerun:is_sorted"));
    chunk_encoder_destroy(encoder);
    free_sample(sample);
}

Test(chunk_encoder, without_timelines_it_is_static)
{
    struct sample *sample = make_sample(1);
    struct chunk_encoder *encoder;
    struct arrow_msg msg;

    sample->series.n_timelines = 0;
    sample->rows.times = NULL;
    cr_assert_eq(chunk_encoder_create(&sample->series, &encoder), 0);
    encode(sample, encoder, ARROW_LZ4);
    cr_assert_eq(sample->chunk.n_timelines, 0);
    cr_assert_eq(
        arrow_msg_decode((struct string_view){(char *)sample->out.data, sample->out.size}, &msg),
        0);
    cr_assert(msg.is_static);
    chunk_encoder_destroy(encoder);
    free_sample(sample);
}

Test(chunk_encoder, metadata_and_null_rows)
{
    static const struct chunk_metadata process = {{"lastword:process", 16}, {"cafe.1", 6}};
    struct sample *sample = make_sample(2);
    struct chunk_encoder *encoder;
    struct chunk_values cell;

    sample->series.metadata = &process;
    sample->series.n_metadata = 1;
    column_truncate(&sample->columns[0], 1);
    cr_assert_eq(column_append_null(&sample->columns[0]), 0);
    cr_assert_eq(chunk_encoder_create(&sample->series, &encoder), 0);
    encode(sample, encoder, ARROW_LZ4);
    cr_assert(string_view_equal(chunk_find_metadata(&sample->chunk, "lastword:process"),
                                string_view_of("cafe.1")));
    cell = chunk_cell(chunk_find_column(&sample->chunk, "TextLog:text"), 0);
    cr_assert(!cell.is_null && cell.n == 1);
    cell = chunk_cell(chunk_find_column(&sample->chunk, "TextLog:text"), 1);
    cr_assert(cell.is_null && cell.n == 0);
    chunk_encoder_destroy(encoder);
    free_sample(sample);
}

/* Names come from programs; readers refuse a chunk for one that is not UTF-8. */
Test(chunk_encoder, names_that_are_not_utf8_are_mended)
{
    static const struct chunk_metadata metadata = {{"key\xff", 4}, {"value\xff", 6}};
    struct sample *sample = make_sample(1);
    struct chunk_encoder *encoder;

    sample->series.metadata = &metadata;
    sample->series.n_metadata = 1;
    sample->series.store.recording_id = string_view_of("rec\xff");
    sample->timelines[1].name = string_view_of("frame\xff");
    cr_assert_eq(chunk_encoder_create(&sample->series, &encoder), 0);
    encode(sample, encoder, ARROW_LZ4);
    cr_assert(string_view_equal(chunk_find_metadata(&sample->chunk, "key\xef\xbf\xbd"),
                                string_view_of("value\xef\xbf\xbd")));
    cr_assert_not_null(chunk_find_timeline(&sample->chunk, "frame\xef\xbf\xbd"));
    cr_assert(
        string_view_equal(sample->chunk.store.recording_id, string_view_of("rec\xef\xbf\xbd")));
    chunk_encoder_destroy(encoder);
    sample->timelines[0].name = string_view_of("frame\xfe");
    cr_assert_eq(chunk_encoder_create(&sample->series, &encoder), -EEXIST);
    free_sample(sample);
}

static int create(const struct chunk_series *series)
{
    struct chunk_encoder *encoder = NULL;
    int error = chunk_encoder_create(series, &encoder);

    chunk_encoder_destroy(encoder);
    return error;
}

Test(chunk_encoder, refuses_bad_series)
{
    struct sample *sample = make_sample(1);
    struct chunk_series series;
    struct chunk_metadata metadata = {{"rerun:id", 8}, {"x", 1}};

    series = sample->series, series.n_columns = 0;
    cr_assert_eq(create(&series), -EINVAL);
    series = sample->series, series.metadata = &metadata, series.n_metadata = 1;
    cr_assert_eq(create(&series), -EEXIST);
    metadata.key = string_view_of("k"), metadata.value = (struct string_view){"a\0b", 3};
    cr_assert_eq(create(&series), -EINVAL);
    sample->timelines[0].name = string_view_of("frame");
    cr_assert_eq(create(&sample->series), -EEXIST);
    sample->timelines[0].name = string_view_of("");
    cr_assert_eq(create(&sample->series), -EINVAL);
    sample->timelines[0] = (struct chunk_timeline){string_view_of("log_time"), (enum time_type)4};
    cr_assert_eq(create(&sample->series), -EINVAL);
    sample->timelines[0].type = TIME_DURATION;
    cr_assert_eq(create(&sample->series), 0);
    sample->columns[1].descriptor.component = sample->columns[0].descriptor.component;
    cr_assert_eq(create(&sample->series), -EEXIST);
    free_sample(sample);
}

Test(chunk_encoder, refuses_bad_rows_and_leaves_the_buffer_alone)
{
    struct sample *sample = make_sample(3);
    struct chunk_encoder *encoder;
    struct chunk_rows rows = sample->rows;

    cr_assert_eq(chunk_encoder_create(&sample->series, &encoder), 0);
    rows.n_rows = 0;
    cr_assert_eq(chunk_encoder_encode(encoder, &rows, ARROW_LZ4, &sample->workspace, &sample->out),
                 -EINVAL);
    rows.n_rows = 2;
    cr_assert_eq(chunk_encoder_encode(encoder, &rows, ARROW_LZ4, &sample->workspace, &sample->out),
                 -EINVAL);
    for (size_t limit = 1; limit < 1500; limit += 10) {
        struct buffer out;

        buffer_init(&out, limit);
        cr_assert_eq(buffer_append(&out, "x", 1), 0);
        cr_assert_eq(
            chunk_encoder_encode(encoder, &sample->rows, ARROW_PLAIN, &sample->workspace, &out),
            -E2BIG);
        cr_assert_eq(
            chunk_encoder_encode(encoder, &sample->rows, ARROW_LZ4, &sample->workspace, &out),
            -E2BIG);
        cr_assert_eq(out.size, 1);
        buffer_done(&out);
    }
    chunk_encoder_destroy(encoder);
    free_sample(sample);
}

/* --- Against the official SDK ------------------------------------------------------------------
 */

static void expect_same_schema(const struct ArrowSchema *ours, const struct ArrowSchema *official)
{
    cr_assert_str_eq(ours->format, official->format);
    if (official->name != NULL)
        cr_assert_str_eq(ours->name, official->name);
    cr_assert_eq(ours->flags, official->flags, "flags of %s", ours->name);
    cr_assert_eq(ArrowMetadataSizeOf(ours->metadata), ArrowMetadataSizeOf(official->metadata),
                 "metadata of %s", ours->name);
    if (official->metadata != NULL)
        cr_assert_eq(memcmp(ours->metadata, official->metadata,
                            (size_t)ArrowMetadataSizeOf(official->metadata)),
                     0, "metadata of %s", ours->name);
    cr_assert_eq(ours->n_children, official->n_children);
    for (int64_t i = 0; i < ours->n_children; i++)
        expect_same_schema(ours->children[i], official->children[i]);
}

static bool next_chunk(struct rrd_reader *reader, struct chunk_decoder *decoder,
                       struct chunk *chunk)
{
    struct rrd_frame frame;

    while (rrd_reader_next(reader, &frame, NULL) == 1) {
        if (frame.kind == RRD_ARROW_MSG)
            return chunk_decoder_decode(decoder, frame.payload, chunk, NULL) == 0;
    }
    return false;
}

/* Returns 0 when there is none of that name. */
static uint32_t find_builtin(struct string_view component)
{
    for (uint32_t id = 1; id < RECORD_FIRST_COMPONENT_ID; id++) {
        const struct builtin_component *builtin = builtin_component_find(id);

        if (builtin != NULL && string_view_equal(string_view_of(builtin->component), component))
            return id;
    }
    return 0;
}

static bool is_all_builtin(const struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->n_columns; i++) {
        if (find_builtin(chunk->columns[i].descriptor.component) == 0)
            return false;
    }
    return true;
}

/* Columns of the official chunk's components, in another order, with as many rows of nothing. */
static size_t make_columns(const struct chunk *official, struct column *columns)
{
    for (size_t i = 0; i < official->n_columns; i++) {
        size_t reversed = official->n_columns - 1 - i;

        add_builtin(&columns[reversed], find_builtin(official->columns[i].descriptor.component));
        for (size_t row = 0; row < official->n_rows; row++)
            cr_assert_eq(column_append_null(&columns[reversed]), 0);
    }
    return official->n_columns;
}

/* The same series, given in another order, must come out as the official SDK wrote it. */
static void expect_same_series(struct chunk_decoder *decoder, const struct chunk *official)
{
    const int64_t *times[8];
    struct chunk_timeline timelines[8];
    struct column columns[10];
    struct chunk_encoder *encoder;
    struct chunk_workspace workspace;
    struct buffer out;
    struct chunk ours;
    const struct chunk_series series = {
        .store = official->store,
        .entity_path = official->entity_path,
        .timelines = timelines,
        .n_timelines = official->n_timelines,
        .columns = columns,
        .n_columns = make_columns(official, columns),
    };
    const struct chunk_rows rows = {
        .chunk_id = official->id,
        .n_rows = official->n_rows,
        .row_ids = official->row_ids,
        .times = times,
        .columns = columns,
    };

    cr_assert_leq(official->n_timelines, 8);
    for (size_t i = 0; i < official->n_timelines; i++) {
        const struct chunk_times *source = &official->timelines[official->n_timelines - 1 - i];

        times[i] = source->values;
        timelines[i] = (struct chunk_timeline){source->name, source->type};
    }
    chunk_workspace_init(&workspace);
    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(chunk_encoder_create(&series, &encoder), 0);
    cr_assert_eq(chunk_encoder_encode(encoder, &rows, ARROW_LZ4, &workspace, &out), 0);
    cr_assert_eq(chunk_decoder_decode(decoder, (struct string_view){(char *)out.data, out.size},
                                      &ours, NULL),
                 0);
    expect_same_schema(ours.schema, official->schema);
    chunk_encoder_destroy(encoder);
    chunk_workspace_done(&workspace);
    buffer_done(&out);
    for (size_t i = 0; i < series.n_columns; i++)
        column_done(&columns[i]);
}

Test(chunk_encoder, schemas_are_those_of_the_official_sdk)
{
    static const char *const names[] = {"textlog_one.rrd", "boxes2d_full.rrd", "multi_timeline.rrd",
                                        "static.rrd"};
    struct chunk_decoder *theirs, *ours;
    struct chunk official;
    int n_compared = 0;

    cr_assert_eq(chunk_decoder_create(&theirs), 0);
    cr_assert_eq(chunk_decoder_create(&ours), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct rrd_reader reader;
        char path[512];

        (void)snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, names[i]);
        cr_assert_eq(rrd_reader_open(&reader, path, NULL), 0);
        while (next_chunk(&reader, theirs, &official)) {
            if (!is_all_builtin(&official))
                continue;
            expect_same_series(ours, &official);
            n_compared++;
        }
        rrd_reader_done(&reader);
    }
    cr_assert_geq(n_compared, 7);
    chunk_decoder_destroy(theirs);
    chunk_decoder_destroy(ours);
}
