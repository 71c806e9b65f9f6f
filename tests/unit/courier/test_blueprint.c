/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blueprints of the official SDK, as it makes them, cut, damaged, and with what does not belong. */
#include "harness/courier/blueprint.h"
#include "harness/courier/single_row.h"
#include "harness/wire/chunk_decoder.h"
#include "harness/wire/rrd_reader.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#define GOLDEN GOLDEN_DIR "/with_blueprint.rrd"

static struct buffer sent;     /* the golden file's blueprint, as the SDK's memory gives it */
static struct buffer expected; /* its messages, with the command, as the file has them */
static struct buffer strange;  /* the file's other messages, frame by frame */
static struct buffer out;
static struct buffer store_id;
static size_t n_chunks;

static struct string_view view_of(const struct buffer *buffer)
{
    return (struct string_view){(const char *)buffer->data, buffer->size};
}

static bool is_blueprint(const struct rrd_frame *frame)
{
    struct set_store_info info;
    struct arrow_msg msg;

    if (frame->kind == RRD_SET_STORE_INFO)
        return set_store_info_decode(frame->payload, &info) == 0 &&
               info.store.kind == STORE_BLUEPRINT;
    return frame->kind == RRD_BLUEPRINT_ACTIVATION ||
           (arrow_msg_decode(frame->payload, &msg) == 0 && msg.store.kind == STORE_BLUEPRINT);
}

static void append(struct buffer *to, const struct rrd_frame *frame)
{
    cr_assert_eq(rrd_append_frame(to, frame->kind, frame->payload.data, frame->payload.size), 0);
}

static void sort_in(const struct rrd_frame *frame)
{
    if (!is_blueprint(frame)) {
        append(&strange, frame);
        return;
    }
    append(&expected, frame);
    n_chunks += frame->kind == RRD_ARROW_MSG;
    if (frame->kind != RRD_BLUEPRINT_ACTIVATION)
        append(&sent, frame);
}

static void begin(void)
{
    struct rrd_reader reader;
    struct rrd_frame frame;

    buffer_init(&sent, BUFFER_NO_LIMIT);
    buffer_init(&expected, BUFFER_NO_LIMIT);
    buffer_init(&strange, BUFFER_NO_LIMIT);
    buffer_init(&out, BUFFER_NO_LIMIT);
    buffer_init(&store_id, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&sent), 0);
    cr_assert_eq(rrd_reader_open(&reader, GOLDEN, NULL), 0);
    while (rrd_reader_next(&reader, &frame, NULL) == 1)
        sort_in(&frame);
    rrd_reader_done(&reader);
    cr_assert_gt(n_chunks, 1);
}

static void end(void)
{
    buffer_done(&sent);
    buffer_done(&expected);
    buffer_done(&strange);
    buffer_done(&out);
    buffer_done(&store_id);
}

TestSuite(blueprint, .init = begin, .fini = end);

static int take(struct string_view bytes, const char *application_id)
{
    const struct blueprint blueprint = {
        .bytes = bytes,
        .application_id = string_view_of(application_id),
        .make_default = true,
    };

    return blueprint_append(&blueprint, &out, &store_id);
}

Test(blueprint, its_messages_are_as_the_official_sdk_writes_them)
{
    struct store_id id;

    cr_assert_eq(buffer_append(&out, "before", 6), 0);
    cr_assert_eq(take(view_of(&sent), "golden"), 0);
    cr_assert_eq(out.size, 6 + expected.size);
    cr_assert_arr_eq(out.data + 6, expected.data, expected.size, "and so is the command");
    cr_assert_eq(store_id_decode(view_of(&store_id), &id), 0);
    cr_assert_eq(id.kind, STORE_BLUEPRINT);
    cr_assert(string_view_equal(id.application_id, string_view_of("golden")));
}

Test(blueprint, an_index_at_its_end_is_left_out)
{
    struct rrd_reader reader;
    size_t start;

    cr_assert_eq(rrd_begin_frame(&sent, RRD_END, &start), 0);
    cr_assert_eq(buffer_append(&sent, "an index", 8), 0);
    rrd_end_frame(&sent, start);
    cr_assert_eq(rrd_reader_open_memory(&reader, view_of(&sent), "x", NULL), 0);
    rrd_reader_done(&reader);
    cr_assert_eq(take(view_of(&sent), "golden"), 0);
    cr_assert_eq(out.size, expected.size);
}

Test(blueprint, one_of_another_application_is_refused)
{
    cr_assert_eq(take(view_of(&sent), "other"), -EBADMSG);
    cr_assert_eq(take(view_of(&sent), ""), -EBADMSG);
    cr_assert_eq(out.size, 0);
}

/* Cut anywhere but between two frames it is refused; there it is a shorter one. */
Test(blueprint, cut_ones_are_refused)
{
    for (size_t size = 0; size < sent.size; size++) {
        struct rrd_reader reader;
        struct rrd_frame frame;
        bool is_whole = false;
        int result;

        if (rrd_reader_open_memory(&reader, (struct string_view){view_of(&sent).data, size}, "x",
                                   NULL) == 0) {
            while (rrd_reader_next(&reader, &frame, NULL) == 1)
                is_whole = true; /* and it begins with the announcement */
            is_whole &= reader.ending == RRD_COMPLETE;
            rrd_reader_done(&reader);
        }
        result = take((struct string_view){view_of(&sent).data, size}, "golden");
        cr_assert_eq(result, is_whole ? 0 : -EBADMSG, "%zu bytes: %d", size, result);
        cr_assert(is_whole || out.size == 0, "%zu bytes left a trace", size);
        buffer_truncate(&out, 0);
    }
}

/* --- What does not belong ------------------------------------------------- */

/* The blueprint with frame `n` of the others behind it. */
static int take_with(size_t n)
{
    struct buffer stream;
    struct rrd_reader reader;
    struct rrd_frame frame;
    int result;

    buffer_init(&stream, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&stream), 0);
    cr_assert_eq(buffer_append(&stream, strange.data, strange.size), 0);
    cr_assert_eq(rrd_reader_open_memory(&reader, view_of(&stream), "x", NULL), 0);
    for (size_t i = 0; i <= n; i++)
        cr_assert_eq(rrd_reader_next(&reader, &frame, NULL), 1);
    buffer_truncate(&out, 0);
    buffer_done(&store_id);
    append(&sent, &frame);
    result = take(view_of(&sent), "golden");
    buffer_truncate(&sent, sent.size - frame.payload.size - RRD_FRAME_HEADER_SIZE);
    rrd_reader_done(&reader);
    buffer_done(&stream);
    return result;
}

Test(blueprint, messages_of_recordings_are_refused)
{
    for (size_t n = 0; n < 4; n++) /* two announcements and chunks */
        cr_assert_eq(take_with(n), -EBADMSG, "frame %zu", n);
    cr_assert_eq(take(view_of(&sent), "golden"), 0);
}

Test(blueprint, a_command_in_it_is_refused)
{
    struct buffer whole;

    buffer_init(&whole, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&whole), 0);
    cr_assert_eq(buffer_append(&whole, expected.data, expected.size), 0);
    cr_assert_eq(take(view_of(&whole), "golden"), -EBADMSG);
    buffer_done(&whole);
}

Test(blueprint, chunks_before_the_announcement_are_refused)
{
    struct rrd_reader reader;
    struct rrd_frame frame;
    struct buffer late;

    buffer_init(&late, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&late), 0);
    cr_assert_eq(rrd_reader_open_memory(&reader, view_of(&sent), "x", NULL), 0);
    while (rrd_reader_next(&reader, &frame, NULL) == 1) {
        if (frame.kind == RRD_ARROW_MSG)
            append(&late, &frame);
    }
    rrd_reader_done(&reader);
    cr_assert_eq(take(view_of(&late), "golden"), -EBADMSG);
    cr_assert_eq(out.size, 0);
    buffer_done(&late);
}

static int take_store(struct string_view recording_id)
{
    struct buffer stream;
    int result;

    buffer_init(&stream, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&stream), 0);
    cr_assert_eq(rrd_append_set_store_info(
                     &stream,
                     &(struct set_store_info){
                         .row_id = {1, 1},
                         .store = {STORE_BLUEPRINT, recording_id, string_view_of("golden")},
                         .source = STORE_SOURCE_PYTHON_SDK,
                     }),
                 0);
    result = take(view_of(&stream), "golden");
    buffer_done(&stream);
    return result;
}

Test(blueprint, ids_are_bounded)
{
    char text[600];

    memset(text, 'x', sizeof(text));
    cr_assert_eq(take_store((struct string_view){text, 512}), 0);
    cr_assert_eq(take_store((struct string_view){text, 513}), -EBADMSG);
    cr_assert_eq(take_store((struct string_view){text, 0}), -EBADMSG);
}

Test(blueprint, a_second_store_is_refused)
{
    const struct set_store_info info = {
        .row_id = {1, 1},
        .store = {STORE_BLUEPRINT, string_view_of("second"), string_view_of("golden")},
        .source = STORE_SOURCE_PYTHON_SDK,
    };

    cr_assert_eq(rrd_append_set_store_info(&sent, &info), 0);
    cr_assert_eq(take(view_of(&sent), "golden"), -EBADMSG);
}

/* --- Great size ----------------------------------------------------------- */

#define LARGE_SIZE ((size_t)60 << 20)

/* A chunk of the blueprint that is small only as long as it is compressed. */
static void append_large_chunk(struct buffer *to, const struct store_id *id)
{
    struct chunk_workspace workspace;
    struct single_row row;
    char *text = malloc(LARGE_SIZE);

    memset(text, 'x', LARGE_SIZE);
    chunk_workspace_init(&workspace);
    single_row_init(&row);
    single_row_add_text(&row, "ViewBlueprint:text", (struct string_view){text, LARGE_SIZE});
    cr_assert_eq(single_row_append(&row,
                                   &(struct single_row_frame){
                                       .store = *id,
                                       .entity_path = string_view_of("/viewport"),
                                       .chunk_id = {1, 1},
                                       .row_id = {1, 2},
                                   },
                                   &workspace, to),
                 0);
    single_row_done(&row);
    chunk_workspace_done(&workspace);
    free(text);
}

/* What a few bytes become is bounded. */
Test(blueprint, great_size_in_a_few_bytes_is_refused, .timeout = 120)
{
    struct buffer kept, chunk;
    struct store_id id;

    buffer_init(&chunk, BUFFER_NO_LIMIT);
    cr_assert_eq(take(view_of(&sent), "golden"), 0);
    kept = store_id; /* the id refers to it */
    buffer_init(&store_id, BUFFER_NO_LIMIT);
    cr_assert_eq(store_id_decode(view_of(&kept), &id), 0);
    append_large_chunk(&chunk, &id);
    cr_assert_lt(chunk.size, (size_t)1 << 20);
    for (int i = 1; i <= 5; i++) {
        cr_assert_eq(buffer_append(&sent, chunk.data, chunk.size), 0);
        cr_assert_eq(take(view_of(&sent), "golden"), i < 5 ? 0 : -EBADMSG, "%d chunks", i);
    }
    buffer_done(&chunk);
    buffer_done(&kept);
}

/* --- Damage --------------------------------------------------------------- */

/* What was taken in can be read by what reads our recordings. */
static void assert_readable(void)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct rrd_frame frame;
    struct buffer stream;
    int more;

    buffer_init(&stream, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&stream), 0);
    cr_assert_eq(buffer_append(&stream, out.data, out.size), 0);
    cr_assert_eq(rrd_reader_open_memory(&reader, view_of(&stream), "x", NULL), 0);
    cr_assert_eq(chunk_decoder_create(&decoder), 0);
    while ((more = rrd_reader_next(&reader, &frame, NULL)) == 1) {
        struct chunk chunk;

        if (frame.kind == RRD_ARROW_MSG)
            cr_assert_eq(chunk_decoder_decode(decoder, frame.payload, &chunk, NULL), 0);
    }
    cr_assert_eq(more, 0);
    cr_assert_eq(reader.ending, RRD_COMPLETE);
    chunk_decoder_destroy(decoder);
    rrd_reader_done(&reader);
    buffer_done(&stream);
}

Test(blueprint, any_changed_byte_is_harmless, .timeout = 120)
{
    static const uint8_t flips[] = {0x01, 0x80, 0xff};
    size_t n_refused = 0;

    for (size_t i = 0; i < sent.size * 3; i++) {
        uint8_t flip = flips[i % 3];
        int result;

        sent.data[i / 3] ^= flip;
        result = take(view_of(&sent), "golden");
        sent.data[i / 3] ^= flip;
        cr_assert(result == 0 || result == -EBADMSG, "byte %zu: %d", i / 3, result);
        if (result == 0)
            assert_readable();
        else
            cr_assert_eq(out.size, 0, "byte %zu left a trace", i / 3);
        n_refused += result != 0;
        buffer_truncate(&out, 0);
    }
    cr_assert_gt(n_refused, sent.size / 4);
}
