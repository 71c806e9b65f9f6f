/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See row_writer.h. */
#include "row_writer.h"

#include "harness/courier/single_row.h"
#include "harness/process_schema.h"
#include "harness/wire/chunk_decoder.h"
#include "harness/wire/rrd_reader.h"
#include "sdk/record/builtin.h"
#include "sdk/spool/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PADDED(size) (((size) + 7) & ~(size_t)7)

uint32_t write_recording(const char *recording_id, const char *sink, uint32_t previous_id,
                         uint32_t flags)
{
    _Alignas(8) uint8_t bytes[1024] = {0};
    struct record_recording *head = (struct record_recording *)(void *)bytes;
    size_t id_size = strlen(recording_id);
    size_t sink_size = sink == NULL ? 0 : strlen(sink);
    uint8_t *text = bytes + sizeof(*head);

    *head = (struct record_recording){
        .id = lastword_spool_v1.next_id(),
        .store_kind = 1,
        .previous_id = previous_id,
        .flags = flags,
        .time_ns = 1700000000000000000u,
        .application_id_size = 4,
        .recording_id_size = (uint16_t)id_size,
        .sinks_size = (uint16_t)sink_size,
    };
    memcpy(text, "test", 4);
    memcpy(text + 4, recording_id, id_size);
    memcpy(text + 4 + id_size, sink == NULL ? "" : sink, sink_size);
    if (head->id == 0 ||
        lastword_spool_v1.define(RECORD_DEFINE_RECORDING, bytes,
                                 PADDED(sizeof(*head) + 4 + id_size + sink_size), NULL) < 0)
        _exit(91);
    return head->id;
}

static uint64_t realtime_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int write_finish(uint32_t recording)
{
    const struct record_finish_sink finish = {.recording_id = recording};
    struct spool_cursor cursor;
    int result =
        lastword_spool_v1.begin(&cursor, RECORD_FINISH_SINK, realtime_ns(), sizeof(finish));

    if (result < 0)
        return result;
    spool_put(&cursor, &finish, sizeof(finish));
    return lastword_spool_v1.end(&cursor);
}

int write_text(uint32_t recording, const char *entity, const char *text)
{
    const uint32_t component = BUILTIN_TEXT_LOG_TEXT;
    size_t entity_size = strlen(entity);
    uint32_t text_size = (uint32_t)strlen(text);
    const uint32_t offsets[2] = {0, text_size};
    const struct record_row head = {
        .recording_id = recording,
        .n_components = 1,
        .signature_size = (uint32_t)PADDED(sizeof(component) + entity_size),
        .entity_path_size = (uint16_t)entity_size,
        .flags = ROW_LOG_TIME,
    };
    const struct record_batch batch = {(uint32_t)(sizeof(offsets) + PADDED(text_size)), 1};
    struct spool_cursor cursor;
    int result =
        lastword_spool_v1.begin(&cursor, RECORD_ROW, realtime_ns(),
                                sizeof(head) + head.signature_size + sizeof(batch) + batch.size);

    if (result < 0)
        return result;
    spool_put(&cursor, &head, sizeof(head));
    spool_put(&cursor, &component, sizeof(component));
    spool_put(&cursor, entity, entity_size);
    spool_put_padding(&cursor, sizeof(component) + entity_size);
    spool_put(&cursor, &batch, sizeof(batch));
    spool_put(&cursor, offsets, sizeof(offsets));
    spool_put(&cursor, text, text_size);
    spool_put_padding(&cursor, text_size);
    return lastword_spool_v1.end(&cursor);
}

int write_number(uint32_t recording, const char *entity, uint64_t number, size_t size)
{
    char *text = malloc(size + 32);
    int n = sprintf(text, "%llu", (unsigned long long)number);
    int result;

    while ((size_t)n < size)
        text[n++] = '.';
    text[n] = 0;
    result = write_text(recording, entity, text);
    free(text);
    return result;
}

/* --- Blueprints ---------------------------------------------------------------------------------
 */

#define BLUEPRINT_ID_SIZE 24

static struct store_id blueprint_id(unsigned int number, char name[BLUEPRINT_ID_SIZE])
{
    snprintf(name, BLUEPRINT_ID_SIZE, "blueprint_%u", number);
    return (struct store_id){STORE_BLUEPRINT, string_view_of(name), string_view_of("test")};
}

/* The row of one, with a text of that size. */
static void append_blueprint_row(struct buffer *out, const struct store_id *store,
                                 struct string_view text)
{
    const struct chunk_metadata metadata = {string_view_of(PROCESS_METADATA_KEY),
                                            string_view_of("00000000000000aa.1")};
    struct chunk_workspace workspace;
    struct single_row row;

    chunk_workspace_init(&workspace);
    single_row_init(&row);
    single_row_add_text(&row, "ViewBlueprint:text", text);
    if (single_row_append(&row,
                          &(struct single_row_frame){
                              .store = *store,
                              .entity_path = string_view_of("/viewport"),
                              .metadata = &metadata,
                              .n_metadata = 1,
                              .log_time_ns = 1,
                              .chunk_id = {1, text.size},
                              .row_id = {2, text.size},
                          },
                          &workspace, out) < 0)
        _exit(92);
    single_row_done(&row);
    chunk_workspace_done(&workspace);
}

int write_blueprint(uint32_t recording, unsigned int number, size_t size)
{
    char name[BLUEPRINT_ID_SIZE];
    const struct store_id store = blueprint_id(number, name);
    char *text = malloc(size + 1);
    unsigned int seed = number;
    struct buffer bytes;
    int result;

    for (size_t i = 0; i < size; i++) /* nothing that shrinks much when it is compressed */
        text[i] = (char)('0' + rand_r(&seed) % 64);
    buffer_init(&bytes, BUFFER_NO_LIMIT);
    if (rrd_append_stream_header(&bytes) < 0 ||
        rrd_append_set_store_info(&bytes, &(struct set_store_info){
                                              .row_id = {1, 1},
                                              .store = store,
                                              .source = STORE_SOURCE_PYTHON_SDK,
                                          }) < 0)
        _exit(92);
    append_blueprint_row(&bytes, &store, (struct string_view){text, size});
    result = write_blueprint_bytes(recording, bytes.data, bytes.size);
    buffer_done(&bytes);
    free(text);
    return result;
}

int write_blueprint_bytes(uint32_t recording, const void *bytes, size_t size)
{
    const struct record_blueprint head = {recording, BLUEPRINT_MAKE_DEFAULT, size};
    struct spool_cursor cursor;
    int result = lastword_spool_v1.begin(&cursor, RECORD_BLUEPRINT, realtime_ns(),
                                         sizeof(head) + PADDED(size));

    if (result < 0)
        return result;
    spool_put(&cursor, &head, sizeof(head));
    spool_put(&cursor, bytes, size);
    spool_put_padding(&cursor, size);
    return lastword_spool_v1.end(&cursor);
}

static bool is_store(const struct store_id *a, const struct store_id *b)
{
    return a->kind == b->kind && string_view_equal(a->recording_id, b->recording_id) &&
           string_view_equal(a->application_id, b->application_id);
}

static void count_frame(struct stored_blueprint *stored, const struct rrd_frame *frame,
                        size_t place, const struct store_id *wanted)
{
    struct blueprint_activation command;
    struct set_store_info info;
    struct arrow_msg msg;

    if (frame->kind == RRD_SET_STORE_INFO && set_store_info_decode(frame->payload, &info) == 0 &&
        is_store(&info.store, wanted)) {
        stored->n_infos++;
        stored->is_in_order = stored->n_chunks + stored->n_commands == 0;
    } else if (frame->kind == RRD_ARROW_MSG && arrow_msg_decode(frame->payload, &msg) == 0 &&
               is_store(&msg.store, wanted)) {
        stored->n_chunks++;
        stored->is_in_order &= stored->n_commands == 0;
    } else if (frame->kind == RRD_BLUEPRINT_ACTIVATION &&
               blueprint_activation_decode(frame->payload, &command) == 0 &&
               is_store(&command.store, wanted)) {
        stored->n_commands++;
        stored->place = place;
        stored->is_in_order &= stored->n_chunks > 0 && command.make_default && !command.make_active;
    }
}

struct stored_blueprint read_blueprint(const char *path, unsigned int number)
{
    char name[BLUEPRINT_ID_SIZE];
    const struct store_id wanted = blueprint_id(number, name);
    struct stored_blueprint stored = {0};
    struct rrd_reader reader;
    struct rrd_frame frame;

    if (rrd_reader_open(&reader, path, NULL) < 0)
        return stored;
    for (size_t place = 0; rrd_reader_next(&reader, &frame, NULL) == 1; place++)
        count_frame(&stored, &frame, place, &wanted);
    rrd_reader_done(&reader);
    return stored;
}

/* --- Reading back -------------------------------------------------------------------------------
 */

static void copy_view(char *to, size_t size, struct string_view from)
{
    snprintf(to, size, "%.*s", (int)from.size, from.size ? from.data : "");
}

static void add_text(struct stored_texts *texts, const struct chunk *chunk, size_t row,
                     struct string_view text)
{
    struct stored_text *one;

    if (texts->n == texts->capacity) {
        texts->capacity = texts->capacity * 2 + 64;
        texts->at = reallocarray(texts->at, texts->capacity, sizeof(*texts->at));
    }
    one = &texts->at[texts->n++];
    copy_view(one->process, sizeof(one->process), chunk_find_metadata(chunk, PROCESS_METADATA_KEY));
    copy_view(one->entity, sizeof(one->entity), chunk->entity_path);
    copy_view(one->recording_id, sizeof(one->recording_id), chunk->store.recording_id);
    one->text = strndup(text.data, text.size);
    one->row_time = chunk->row_ids[row].time_ns;
    one->row_inc = chunk->row_ids[row].inc;
}

static void add_chunk(struct stored_texts *texts, const struct chunk *chunk)
{
    const struct chunk_column *column = chunk_find_column(chunk, "TextLog:text");
    size_t prefix = strlen(PROCESS_ENTITY_PREFIX);

    if (chunk->entity_path.size > prefix &&
        memcmp(chunk->entity_path.data, PROCESS_ENTITY_PREFIX, prefix) == 0)
        texts->n_process_rows++;
    if (string_view_equal(chunk->entity_path, string_view_of("/__properties")))
        texts->n_properties++;
    for (size_t row = 0; column != NULL && row < chunk->n_rows; row++) {
        struct chunk_values values = chunk_cell(column, row);
        struct string_view text;

        if (chunk_value_bytes(&values, 0, &text) == 0)
            add_text(texts, chunk, row, text);
    }
}

struct stored_texts read_texts(const char *path)
{
    struct stored_texts texts = {0};
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    struct rrd_frame frame;
    struct chunk chunk;

    texts.result = rrd_reader_open(&reader, path, NULL);
    if (texts.result < 0)
        return texts;
    texts.result = chunk_decoder_create(&decoder);
    while (texts.result == 0 && (texts.result = rrd_reader_next(&reader, &frame, NULL)) == 1) {
        texts.result = 0;
        texts.n_stores += frame.kind == RRD_SET_STORE_INFO;
        if (frame.kind != RRD_ARROW_MSG)
            continue;
        texts.result = chunk_decoder_decode(decoder, frame.payload, &chunk, NULL);
        if (texts.result == 0)
            add_chunk(&texts, &chunk);
    }
    chunk_decoder_destroy(decoder);
    rrd_reader_done(&reader);
    return texts;
}

void stored_texts_done(struct stored_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        free(texts->at[i].text);
    free(texts->at);
    *texts = (struct stored_texts){0};
}
