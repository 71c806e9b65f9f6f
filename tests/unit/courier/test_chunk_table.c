/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rows into chunks: which rows share one, what they carry, and what a bad row leaves behind. */
#include "harness/courier/chunk_table.h"
#include "harness/wire/chunk_decoder.h"
#include "harness/wire/rrd_reader.h"
#include "sdk/record/builtin.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct chunk_table *table;
static struct process process = {.family = 1, .serial = 1, .name = "0000000000000001.1"};
static struct process other_process = {.family = 1, .serial = 2, .name = "0000000000000001.2"};
static struct store store;
static struct stream stream;
static struct component_table components;
static struct buffer out;

static void make_table(void)
{
    store.id = (struct store_id){
        .kind = STORE_RECORDING,
        .recording_id = string_view_of("rec"),
        .application_id = string_view_of("app"),
    };
    stream = (struct stream){.family = 1, .id = 7, .store = &store};
    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(chunk_table_create(&table), 0);
}

static void free_table(void)
{
    chunk_table_destroy(table);
    buffer_done(&out);
}

TestSuite(chunk_table, .init = make_table, .fini = free_table);

/* The payload of a row with one text and maybe timelines, as the SDK writes it. */
struct row {
    uint16_t flags;
    const char *entity;
    const char *text;
    size_t n_timelines;
    const char *timelines[3];
    int64_t times[3];
    uint32_t component;      /* 0: TextLog:text */
    bool has_text_twice;     /* two columns of one name */
    uint32_t offset_to_harm; /* added to the text's last offset */
};

static void put(struct buffer *payload, const void *bytes, size_t size)
{
    cr_assert_eq(buffer_append(payload, bytes, size), 0);
}

static void put_row(struct buffer *payload, const struct row *row)
{
    uint32_t component = row->component ? row->component : BUILTIN_TEXT_LOG_TEXT;
    uint32_t n_components = row->has_text_twice ? 2 : 1;
    uint32_t text_size = (uint32_t)strlen(row->text);
    uint32_t offsets[2] = {0, text_size + row->offset_to_harm};
    struct record_row head = {
        .recording_id = 7,
        .n_timelines = (uint16_t)row->n_timelines,
        .n_components = (uint16_t)n_components,
        .entity_path_size = (uint16_t)strlen(row->entity),
        .flags = row->flags,
    };
    struct record_batch batch = {8 + ((text_size + 7) & ~7u), 1};

    buffer_init(payload, BUFFER_NO_LIMIT);
    put(payload, &head, sizeof(head));
    for (uint32_t i = 0; i < n_components; i++)
        put(payload, &component, sizeof(component));
    for (size_t i = 0; i < row->n_timelines; i++) {
        uint16_t numbers[2] = {TIME_SEQUENCE, (uint16_t)strlen(row->timelines[i])};

        put(payload, numbers, sizeof(numbers));
        put(payload, row->timelines[i], numbers[1]);
    }
    put(payload, row->entity, head.entity_path_size);
    cr_assert_eq(buffer_align(payload, 8), 0);
    head.signature_size = (uint32_t)(payload->size - sizeof(head));
    memcpy(payload->data, &head, sizeof(head));
    put(payload, row->times, row->n_timelines * sizeof(int64_t));
    for (uint32_t i = 0; i < n_components; i++) {
        put(payload, &batch, sizeof(batch));
        put(payload, offsets, sizeof(offsets));
        put(payload, row->text, text_size);
        cr_assert_eq(buffer_align(payload, 8), 0);
    }
}

static int append(struct process *of, const struct row *row, uint64_t time_ns)
{
    const struct chunk_source source = {of, &stream, &components};
    static uint64_t inc;
    struct record_row_view view;
    struct buffer payload;
    int result;

    put_row(&payload, row);
    cr_assert_eq(record_row_parse(payload.data, payload.size, &view), 0);
    result = chunk_table_append(table, &source, &view, payload.size, time_ns,
                                (struct tuid){time_ns, ++inc}, &out);
    buffer_done(&payload);
    return result;
}

/* Walks what was written; `visit` sees each chunk. */
static size_t read_chunks(void (*visit)(const struct chunk *chunk))
{
    struct chunk_decoder *decoder;
    struct rrd_error error;
    struct chunk chunk;
    size_t n = 0;

    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    for (size_t at = 0; at < out.size;) {
        uint64_t head[2];

        memcpy(head, out.data + at, sizeof(head));
        cr_assert_eq(head[0], RRD_ARROW_MSG);
        cr_assert_eq(chunk_decoder_decode(decoder,
                                          (struct string_view){
                                              (const char *)out.data + at + RRD_FRAME_HEADER_SIZE,
                                              head[1],
                                          },
                                          &chunk, &error),
                     0, "%s", error.text);
        if (visit != NULL)
            visit(&chunk);
        at += RRD_FRAME_HEADER_SIZE + head[1];
        n++;
    }
    chunk_decoder_destroy(decoder);
    return n;
}

static size_t flush(void (*visit)(const struct chunk *chunk))
{
    cr_assert_eq(chunk_table_flush(table, &out), 0);
    cr_assert_eq(chunk_table_size(table), 0);
    return read_chunks(visit);
}

static void check_three_rows(const struct chunk *chunk)
{
    cr_assert_eq(chunk->n_rows, 3);
    cr_assert(string_view_equal(chunk->entity_path, string_view_of("/a/b")));
    cr_assert(string_view_equal(chunk_find_metadata(chunk, PROCESS_METADATA_KEY),
                                string_view_of(process.name)));
    cr_assert(
        string_view_equal(chunk_find_metadata(chunk, CHUNK_TABLE_STREAM_KEY), string_view_of("7")));
    cr_assert_eq(chunk->n_timelines, 1);
    cr_assert_eq(chunk->timelines[0].values[2], 30);
    cr_assert_eq(chunk->row_ids[2].time_ns, 30);
}

Test(chunk_table, rows_that_look_alike_share_a_chunk)
{
    const struct row row = {.flags = ROW_LOG_TIME, .entity = "a//b/", .text = "x"};

    for (uint64_t i = 1; i <= 3; i++)
        cr_assert_eq(append(&process, &row, i * 10), 0);
    cr_assert_eq(flush(check_three_rows), 1);
}

Test(chunk_table, rows_that_differ_do_not)
{
    cr_assert_eq(append(&process, &(struct row){.entity = "a", .text = "x"}, 1), 0);
    cr_assert_eq(append(&process, &(struct row){.entity = "b", .text = "x"}, 1), 0);
    cr_assert_eq(append(&other_process, &(struct row){.entity = "a", .text = "x"}, 1), 0);
    cr_assert_eq(
        append(&process, &(struct row){.flags = ROW_LOG_TIME, .entity = "a", .text = "x"}, 1), 0);
    cr_assert_eq(append(&process, &(struct row){.entity = "a", .text = "y"}, 1), 0);
    cr_assert_eq(flush(NULL), 4);
}

static void check_timelines(const struct chunk *chunk)
{
    const struct chunk_times *frame = chunk_find_timeline(chunk, "frame");
    const struct chunk_times *log_time = chunk_find_timeline(chunk, "log_time");

    cr_assert_eq(chunk->n_timelines, 2);
    cr_assert_eq(frame->values[0], 42);
    cr_assert_eq(log_time->values[0], 5, "the clock of the call, not a timeline of that name");
}

Test(chunk_table, log_time_is_the_clock_of_the_call)
{
    const struct row row = {
        .flags = ROW_LOG_TIME,
        .entity = "a",
        .text = "x",
        .n_timelines = 2,
        .timelines = {"log_time", "frame"},
        .times = {99, 42},
    };

    cr_assert_eq(append(&process, &row, 5), 0);
    cr_assert_eq(flush(check_timelines), 1);
}

static void check_two_texts(const struct chunk *chunk)
{
    cr_assert_eq(chunk->n_rows, 2);
}

Test(chunk_table, a_damaged_row_leaves_no_trace)
{
    struct row row = {.flags = ROW_LOG_TIME, .entity = "a", .text = "12345678"};

    cr_assert_eq(append(&process, &row, 1), 0);
    row.offset_to_harm = 1000;
    cr_assert_eq(append(&process, &row, 2), -EBADMSG);
    row.offset_to_harm = 0;
    cr_assert_eq(append(&process, &row, 3), 0);
    cr_assert_eq(flush(check_two_texts), 1);
}

Test(chunk_table, rows_that_no_chunk_can_hold_are_refused)
{
    cr_assert_eq(append(&process, &(struct row){.entity = "a", .text = "x", .component = 4711}, 1),
                 -ENOENT);
    cr_assert_eq(
        append(&process, &(struct row){.entity = "a", .text = "x", .has_text_twice = true}, 1),
        -EBADMSG);
    cr_assert_eq(append(&process,
                        &(struct row){
                            .entity = "a",
                            .text = "x",
                            .n_timelines = 2,
                            .timelines = {"t", "t"},
                        },
                        1),
                 -EBADMSG);
    cr_assert_eq(flush(NULL), 0);
}

static size_t n_rows_seen;

static void count_rows(const struct chunk *chunk)
{
    n_rows_seen += chunk->n_rows;
}

Test(chunk_table, a_full_chunk_is_closed_and_thousands_of_series_are_forgotten)
{
    char text[1001];
    char entity[16];

    memset(text, 'x', 1000);
    text[1000] = 0;
    for (uint64_t i = 0; i < 2 * CHUNK_MAX_SIZE / 1000; i++)
        cr_assert_eq(append(&process, &(struct row){.entity = "a", .text = text}, i), 0);
    n_rows_seen = 0;
    cr_assert_eq(flush(count_rows), 3);
    cr_assert_eq(n_rows_seen, 2 * CHUNK_MAX_SIZE / 1000);
    buffer_truncate(&out, 0);
    for (uint64_t i = 0; i < 5000; i++) {
        snprintf(entity, sizeof(entity), "e%lu", i);
        cr_assert_eq(append(&process, &(struct row){.entity = entity, .text = "x"}, i), 0);
    }
    cr_assert_eq(flush(NULL), 5000);
    buffer_truncate(&out, 0);
    cr_assert_eq(append(&process, &(struct row){.entity = "e0", .text = "x"}, 1), 0);
    cr_assert_eq(append(&process, &(struct row){.entity = "e4999", .text = "x"}, 1), 0);
    cr_assert_eq(flush(NULL), 2);
}
