/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Chunks of the official SDK: known values are read, and damage of any kind is refused or read, but
 * never leads outside. What every cell of every golden file holds is tested in tests/interop.
 */
#include "harness/wire/chunk_decoder.h"
#include "harness/wire/protobuf.h"
#include "harness/wire/rrd_reader.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <lz4.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const golden[] = {
    "any_type.rrd",
    "archetypes.rrd",
    "boxes2d_full.rrd",
    "boxes2d_many_rows.rrd",
    "multi_timeline.rrd",
    "static.rrd",
    "textlog_one.rrd",
    "with_blueprint.rrd",
    "properties.rrd",
    "multiprocess_saved_by_server.rrd",
    "boxes2d_xywh_uncompressed_reframed.rrd",
};
#define N_GOLDEN (sizeof(golden) / sizeof(golden[0]))

static void open_golden(struct rrd_reader *reader, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, name);
    cr_assert_eq(rrd_reader_open(reader, path, NULL), 0, "%s", path);
}

/* Gives the next chunk's message. */
static bool next_message(struct rrd_reader *reader, struct string_view *ret_message)
{
    struct rrd_frame frame;

    while (rrd_reader_next(reader, &frame, NULL) == 1) {
        if (frame.kind == RRD_ARROW_MSG) {
            *ret_message = frame.payload;
            return true;
        }
    }
    return false;
}

/* Decodes the chunk of an entity; the reader must stay open as long as the chunk is used. */
static void decode_entity(struct rrd_reader *reader, struct chunk_decoder *decoder,
                          const char *name, const char *entity, struct chunk *chunk)
{
    struct string_view message;
    struct rrd_error error;

    open_golden(reader, name);
    while (next_message(reader, &message)) {
        cr_assert_eq(chunk_decoder_decode(decoder, message, chunk, &error), 0, "%s", error.text);
        if (string_view_equal(chunk->entity_path, string_view_of(entity)))
            return;
    }
    cr_assert_fail("%s has no %s", name, entity);
}

static bool is(struct string_view text, const char *expected)
{
    return string_view_equal(text, string_view_of(expected));
}

static void expect_text(const struct chunk *chunk, const char *component, const char *expected)
{
    struct chunk_values cell = chunk_cell(chunk_find_column(chunk, component), 0);
    struct string_view text;

    cr_assert_eq(cell.n, 1);
    cr_assert_eq(chunk_value_bytes(&cell, 0, &text), 0);
    cr_assert(is(text, expected), "%.*s", (int)text.size, text.data);
}

Test(chunk_decoder, reads_a_text)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct chunk chunk;
    struct chunk_values cell;
    int64_t color;
    const struct chunk_times *log_time;

    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    decode_entity(&reader, decoder, "textlog_one.rrd", "/log", &chunk);
    cr_assert(is(chunk.store.application_id, "golden"));
    cr_assert(is(chunk.store.recording_id, "textlog-one"));
    cr_assert(is(chunk_find_metadata(&chunk, "sorbet:version"), "0.1.4"));
    cr_assert_null(chunk_find_metadata(&chunk, "lastword:process").data);
    cr_assert_eq(chunk.n_rows, 1);
    cr_assert_eq(chunk.id.time_ns, 0x18ea5c0f661eb8c4);
    cr_assert_eq(chunk.row_ids[0].inc, 0x32b5d5da48792005);
    cr_assert_eq(chunk.n_timelines, 1);
    log_time = chunk_find_timeline(&chunk, "log_time");
    cr_assert_eq(log_time->type, TIME_TIMESTAMP);
    cr_assert(log_time->is_sorted);
    cr_assert_eq(log_time->values[0], 1795348622666720295);
    cr_assert_eq(chunk.n_columns, 3);
    expect_text(&chunk, "TextLog:text", "hello");
    expect_text(&chunk, "TextLog:level", "INFO");
    cell = chunk_cell(chunk_find_column(&chunk, "TextLog:color"), 0);
    cr_assert_eq(chunk_value_int(&cell, 0, &color), 0);
    cr_assert_eq(color, 4286578943);
    cr_assert(is(chunk_find_column(&chunk, "TextLog:color")->descriptor.component_type,
                 "rerun.components.Color"));
    cr_assert_null(chunk_find_column(&chunk, "TextLog:nothing"));
    cr_assert_null(chunk_find_timeline(&chunk, "frame"));
    rrd_reader_done(&reader);
    chunk_decoder_destroy(decoder);
}

static void expect_vec2(const struct chunk *chunk, const char *component, size_t i, double x,
                        double y)
{
    struct chunk_values cell = chunk_cell(chunk_find_column(chunk, component), 0);
    struct chunk_values elements;
    double values[2];

    cr_assert_lt(i, cell.n);
    cr_assert_eq(chunk_value_elements(&cell, i, &elements), 0);
    cr_assert_eq(elements.n, 2);
    cr_assert_eq(chunk_value_float(&elements, 0, &values[0]), 0);
    cr_assert_eq(chunk_value_float(&elements, 1, &values[1]), 0);
    cr_assert(values[0] == x && values[1] == y, "%f %f", values[0], values[1]);
}

Test(chunk_decoder, reads_boxes)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct chunk chunk;
    struct chunk_values cell;
    struct string_view text;
    bool show;
    double number;
    int64_t whole;

    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    decode_entity(&reader, decoder, "boxes2d_full.rrd", "/b", &chunk);
    cr_assert_eq(chunk_find_timeline(&chunk, "frame")->type, TIME_SEQUENCE);
    cr_assert_eq(chunk_find_timeline(&chunk, "frame")->values[0], 7);
    expect_vec2(&chunk, "Boxes2D:centers", 0, 1, 2);
    expect_vec2(&chunk, "Boxes2D:centers", 2, 5, 6);
    expect_vec2(&chunk, "Boxes2D:half_sizes", 1, 1, 1);
    cell = chunk_cell(chunk_find_column(&chunk, "Boxes2D:labels"), 0);
    cr_assert_eq(cell.n, 3);
    cr_assert_eq(chunk_value_bytes(&cell, 1, &text), 0);
    cr_assert(is(text, "b\xc3\xa9"));
    cell = chunk_cell(chunk_find_column(&chunk, "Boxes2D:show_labels"), 0);
    cr_assert_eq(chunk_value_bool(&cell, 0, &show), 0);
    cr_assert(show);
    cell = chunk_cell(chunk_find_column(&chunk, "Boxes2D:class_ids"), 0);
    cr_assert_eq(chunk_value_int(&cell, 2, &whole), 0);
    cr_assert_eq(whole, 65535);
    cr_assert_eq(chunk_value_float(&cell, 2, &number), -EINVAL);
    cr_assert_eq(chunk_value_bytes(&cell, 2, &text), -EINVAL);
    cr_assert_eq(chunk_value_elements(&cell, 2, &cell), -EINVAL);
    cr_assert_eq(chunk_values_field(&cell, 0, &cell), -EINVAL);
    rrd_reader_done(&reader);
    chunk_decoder_destroy(decoder);
}

Test(chunk_decoder, reads_structs_and_nulls_in_them)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct chunk chunk;
    struct chunk_values format, field;
    int64_t number;

    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    decode_entity(&reader, decoder, "archetypes.rrd", "/img", &chunk);
    format = chunk_cell(chunk_find_column(&chunk, "Image:format"), 0);
    cr_assert_eq(chunk_values_kind(&format), DATATYPE_STRUCT);
    cr_assert_eq(chunk_values_field(&format, 0, &field), 0);
    cr_assert_eq(chunk_value_int(&field, 0, &number), 0);
    cr_assert_eq(number, 6);
    cr_assert_eq(chunk_values_field(&format, 2, &field), 0);
    cr_assert(chunk_value_is_null(&field, 0));
    cr_assert_eq(chunk_value_int(&field, 0, &number), -ENODATA);
    cr_assert_eq(chunk_values_field(&format, 5, &field), -ENOENT);
    rrd_reader_done(&reader);
    chunk_decoder_destroy(decoder);
}

Test(chunk_decoder, static_chunks_have_no_timeline)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct chunk chunk;

    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    decode_entity(&reader, decoder, "static.rrd", "/world/note", &chunk);
    cr_assert_eq(chunk.n_timelines, 0);
    cr_assert_eq(chunk.n_rows, 1);
    rrd_reader_done(&reader);
    chunk_decoder_destroy(decoder);
}

/* --- Damage ------------------------------------------------------------------------------------
 */

/* Looks at every byte that a chunk leads to. Returns something that depends on all of them. */
static uint64_t visit_values(const struct chunk_values *values)
{
    uint64_t sum = 0;
    size_t n = values->n < 4096 ? values->n : 4096; /* of nothing there may be any number */

    for (size_t i = 0; i < n; i++) {
        struct chunk_values inner;
        struct string_view bytes;
        int64_t number;
        double real;
        bool truth;

        sum += chunk_value_is_null(values, i);
        if (chunk_value_int(values, i, &number) == 0)
            sum += (uint64_t)number;
        if (chunk_value_float(values, i, &real) == 0)
            sum += real > 0;
        if (chunk_value_bool(values, i, &truth) == 0)
            sum += truth;
        if (chunk_value_bytes(values, i, &bytes) == 0)
            for (size_t j = 0; j < bytes.size; j++)
                sum += (uint8_t)bytes.data[j];
        if (chunk_value_elements(values, i, &inner) == 0)
            sum += visit_values(&inner);
        if (chunk_value_of_union(values, i, &inner) == 0)
            sum += visit_values(&inner);
    }
    for (size_t field = 0; field < 10; field++) {
        struct chunk_values inner;

        if (chunk_values_field(values, field, &inner) == 0)
            sum += visit_values(&inner);
    }
    return sum;
}

static uint64_t visit_text(struct string_view text)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < text.size; i++)
        sum += (uint8_t)text.data[i];
    return sum;
}

static uint64_t visit(const struct chunk *chunk)
{
    uint64_t sum = visit_text(chunk->entity_path) + visit_text(chunk->store.application_id) +
                   visit_text(chunk->store.recording_id);

    for (size_t i = 0; i < chunk->n_metadata; i++)
        sum += visit_text(chunk->metadata[i].key) + visit_text(chunk->metadata[i].value);
    for (size_t row = 0; row < chunk->n_rows; row++) {
        sum += chunk->row_ids[row].inc;
        for (size_t i = 0; i < chunk->n_timelines; i++)
            sum += (uint64_t)chunk->timelines[i].values[row];
        for (size_t i = 0; i < chunk->n_columns; i++) {
            struct chunk_values cell = chunk_cell(&chunk->columns[i], row);

            sum += visit_values(&cell);
        }
    }
    for (size_t i = 0; i < chunk->n_columns; i++)
        sum += visit_text(chunk->columns[i].descriptor.component);
    return sum;
}

static volatile uint64_t sink;

/* Decodes a message from memory that ends where it ends. Returns whether it was accepted. */
static bool try(struct chunk_decoder *decoder, const void *bytes, size_t size)
{
    char *copy = malloc(size);
    struct chunk chunk;
    struct rrd_error error = {""};
    int result;

    memcpy(copy, bytes, size);
    result = chunk_decoder_decode(decoder, (struct string_view){copy, size}, &chunk, &error);
    if (result == 0)
        sink += visit(&chunk);
    else
        cr_assert(error.text[0] != '\0', "no reason given for %d", result);
    free(copy);
    return result == 0;
}

/* The message with its payload decompressed, so that damage reaches what is inside. */
static struct buffer make_plain(struct string_view message)
{
    static char ipc[1 << 20];
    struct arrow_msg msg;
    struct buffer plain;
    int n;

    cr_assert_eq(arrow_msg_decode(message, &msg), 0);
    if (msg.compression == ARROW_LZ4) {
        n = LZ4_decompress_safe(msg.payload.data, ipc, (int)msg.payload.size, sizeof(ipc));
        cr_assert_gt(n, 0);
        msg.payload = (struct string_view){ipc, (size_t)n};
        msg.compression = ARROW_PLAIN;
    }
    buffer_init(&plain, BUFFER_NO_LIMIT);
    cr_assert_eq(arrow_msg_encode(&msg, &plain), 0);
    return plain;
}

static unsigned int seed;

/* Changes one to three places: a bit, a byte, or a number of four or eight bytes to an edge value.
 */
static void damage(uint8_t *bytes, size_t size)
{
    static const uint64_t edges[] = {0,          1,         7,
                                     255,        65536,     INT32_MAX,
                                     UINT32_MAX, INT64_MAX, (uint64_t)INT64_MIN,
                                     UINT64_MAX, 1u << 31,  (uint64_t)1 << 40};
    int n = 1 + rand_r(&seed) % 3;

    for (int i = 0; i < n; i++) {
        size_t at = (size_t)rand_r(&seed) % size;
        uint64_t edge = edges[(size_t)rand_r(&seed) % (sizeof(edges) / sizeof(edges[0]))];
        size_t width = rand_r(&seed) % 2 ? 4 : 8;

        switch (rand_r(&seed) % 3) {
        case 0:
            bytes[at] ^= (uint8_t)(1 << rand_r(&seed) % 8);
            break;
        case 1:
            bytes[at] = (uint8_t)rand_r(&seed);
            break;
        default:
            memcpy(bytes + at, &edge, width < size - at ? width : size - at);
        }
    }
}

struct outcome {
    int n_accepted, n_refused;
};

static void damage_message(struct chunk_decoder *decoder, const struct buffer *good, int n_rounds,
                           struct outcome *outcome)
{
    uint8_t *bytes = malloc(good->size);

    cr_assert(try(decoder, good->data, good->size));
    for (int round = 0; round < n_rounds; round++) {
        memcpy(bytes, good->data, good->size);
        damage(bytes, good->size);
        if (try(decoder, bytes, good->size))
            outcome->n_accepted++;
        else
            outcome->n_refused++;
    }
    free(bytes);
}

/* Each message of a golden file, damaged as it is and decompressed. */
static void damage_file(const char *name, int n_rounds, struct outcome *outcome)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct string_view message;

    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    open_golden(&reader, name);
    while (next_message(&reader, &message)) {
        struct buffer packed, plain = make_plain(message);

        buffer_init(&packed, BUFFER_NO_LIMIT);
        cr_assert_eq(buffer_append(&packed, message.data, message.size), 0);
        damage_message(decoder, &packed, n_rounds / 4, outcome);
        damage_message(decoder, &plain, n_rounds, outcome);
        buffer_done(&packed);
        buffer_done(&plain);
    }
    rrd_reader_done(&reader);
    chunk_decoder_destroy(decoder);
}

Test(chunk_decoder, survives_damage, .timeout = 120)
{
    struct outcome outcome = {0, 0};

    seed = 20231114;
    for (size_t i = 0; i < N_GOLDEN; i++)
        damage_file(golden[i], 1000, &outcome);
    cr_assert_gt(outcome.n_accepted, 1000);
    cr_assert_gt(outcome.n_refused, 10000);
}

/* Cut anywhere, as it is and decompressed. */
Test(chunk_decoder, refuses_every_cut)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct string_view message;
    struct buffer plain;

    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    open_golden(&reader, "textlog_one.rrd");
    cr_assert(next_message(&reader, &message) && next_message(&reader, &message));
    plain = make_plain(message);
    for (size_t size = 0; size < message.size; size++) {
        /* chunk id and is_static, at the end, may be missing */
        bool accepted = try(decoder, message.data, size);

        cr_assert(!accepted || message.size - size == 2 || message.size - size == 22, "%zu", size);
    }
    for (size_t size = 0; size + 22 < plain.size; size += 7)
        cr_assert_not(try(decoder, plain.data, size), "%zu", size);
    buffer_done(&plain);
    rrd_reader_done(&reader);
    chunk_decoder_destroy(decoder);
}

/* --- Claims ------------------------------------------------------------------------------------
 */

static int decode_with(struct arrow_msg msg, struct rrd_error *error)
{
    struct chunk_decoder *decoder;
    struct chunk chunk;
    struct buffer message;
    int result;

    buffer_init(&message, BUFFER_NO_LIMIT);
    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    cr_assert_eq(arrow_msg_encode(&msg, &message), 0);
    result = chunk_decoder_decode(decoder, (struct string_view){(char *)message.data, message.size},
                                  &chunk, error);
    chunk_decoder_destroy(decoder);
    buffer_done(&message);
    return result;
}

static void load_text_message(struct rrd_reader *reader, struct arrow_msg *msg)
{
    struct string_view message;

    open_golden(reader, "textlog_one.rrd");
    cr_assert(next_message(reader, &message) && next_message(reader, &message));
    cr_assert_eq(arrow_msg_decode(message, msg), 0);
}

Test(chunk_decoder, believes_no_uncompressed_size)
{
    struct rrd_reader reader;
    struct rrd_error error;
    struct arrow_msg good, msg;

    load_text_message(&reader, &good);
    cr_assert_eq(decode_with(good, &error), 0);
    msg = good, msg.uncompressed_size = 100000000;
    cr_assert_eq(decode_with(msg, &error), 0, "too large a claim is tolerated, as Rerun does");
    msg = good, msg.uncompressed_size--;
    cr_assert_eq(decode_with(msg, &error), -EBADMSG);
    msg = good, msg.uncompressed_size = 0;
    cr_assert_eq(decode_with(msg, &error), -EBADMSG);
    msg = good, msg.uncompressed_size = UINT64_MAX;
    cr_assert_eq(decode_with(msg, &error), -E2BIG);
    cr_assert_not_null(strstr(error.text, "2 GiB"));
    msg = good, msg.compression = 3;
    cr_assert_eq(decode_with(msg, &error), -ENOTSUP);
    msg = good, msg.payload.size = 0;
    cr_assert_eq(decode_with(msg, &error), -EBADMSG);
    rrd_reader_done(&reader);
}

Test(chunk_decoder, says_which_types_it_does_not_read)
{
    static char bytes[4096];
    static const char *const names[] = {"arrow_dictionary.arrows", "arrow_lz4_body.arrows"};
    static const char *const texts[] = {"dictionaries", "ompress"};

    for (size_t i = 0; i < 2; i++) {
        char path[512];
        struct rrd_error error;
        struct arrow_msg msg = {.compression = ARROW_PLAIN};
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, names[i]);
        file = fopen(path, "rb");
        cr_assert_not_null(file);
        msg.payload = (struct string_view){bytes, fread(bytes, 1, sizeof(bytes), file)};
        fclose(file);
        cr_assert_eq(decode_with(msg, &error), -ENOTSUP, "%s", names[i]);
        cr_assert_not_null(strstr(error.text, texts[i]), "%s", error.text);
    }
}
