/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sdk/record/builtin.h"
#include "sdk/record/record.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A payload that is put together piece by piece. */
struct payload {
    _Alignas(8) uint8_t bytes[1024];
    size_t size;
};

static void put(struct payload *payload, const void *bytes, size_t n)
{
    cr_assert_leq(payload->size + n, sizeof(payload->bytes));
    memcpy(payload->bytes + payload->size, bytes, n);
    payload->size += n;
}

static void pad(struct payload *payload)
{
    while (payload->size % 8 != 0)
        put(payload, "", 1);
}

static void put_padded(struct payload *payload, const void *bytes, size_t n)
{
    put(payload, bytes, n);
    pad(payload);
}

/* A text batch of one instance. */
static void put_text(struct payload *payload, const char *text)
{
    uint32_t offsets[2] = {0, (uint32_t)strlen(text)};
    struct record_batch head = {(uint32_t)(8 + ((offsets[1] + 7) & ~7u)), 1};

    put(payload, &head, sizeof(head));
    put(payload, offsets, sizeof(offsets));
    put_padded(payload, text, offsets[1]);
}

/* "log" with the timeline "frame" = 7, a text and an empty list of colours. */
static struct payload make_row(void)
{
    struct payload row = {.size = sizeof(struct record_row)};
    struct record_row head = {.recording_id = 5, .n_timelines = 1, .n_components = 2};
    const uint32_t ids[2] = {BUILTIN_TEXT_LOG_TEXT, BUILTIN_TEXT_LOG_COLOR};
    const uint16_t timeline[2] = {1, 5};
    const int64_t frame = 7;
    const struct record_batch empty = {0, 0};

    put(&row, ids, sizeof(ids));
    put(&row, timeline, sizeof(timeline));
    put(&row, "frame", 5);
    put_padded(&row, "log", 3);
    head.signature_size = (uint32_t)(row.size - sizeof(head));
    head.entity_path_size = 3;
    head.flags = ROW_LOG_TIME;
    memcpy(row.bytes, &head, sizeof(head));
    put(&row, &frame, sizeof(frame));
    put_text(&row, "hello");
    put(&row, &empty, sizeof(empty));
    return row;
}

Test(record, layouts_have_no_padding)
{
    cr_assert_eq(sizeof(struct record_row), 16);
    cr_assert_eq(sizeof(struct record_batch), 8);
    cr_assert_eq(sizeof(struct record_recording), 32);
    cr_assert_eq(sizeof(struct record_component), 16);
    cr_assert_eq(sizeof(struct record_blueprint), 16);
}

Test(record, parses_a_row)
{
    struct payload row = make_row();
    static struct record_row_view view;

    cr_assert_eq(record_row_parse(row.bytes, row.size, &view), 0);
    cr_assert_eq(view.head->recording_id, 5);
    cr_assert_eq(view.key, row.bytes);
    cr_assert_eq(view.key_size, sizeof(struct record_row) + view.head->signature_size);
    cr_assert_eq(memcmp(view.entity_path, "log", 3), 0);
    cr_assert_eq(view.n_timelines, 1);
    cr_assert_eq(view.timelines[0].type, 1);
    cr_assert_eq(view.timelines[0].name_size, 5);
    cr_assert_eq(memcmp(view.timelines[0].name, "frame", 5), 0);
    cr_assert_eq(view.timelines[0].value, 7);
    cr_assert_eq(view.n_batches, 2);
    cr_assert_eq(view.batches[0].component_id, BUILTIN_TEXT_LOG_TEXT);
    cr_assert_eq(view.batches[0].n_instances, 1);
    cr_assert_eq(view.batches[0].size, 16);
    cr_assert_eq(view.batches[1].component_id, BUILTIN_TEXT_LOG_COLOR);
    cr_assert_eq(view.batches[1].n_instances, 0);
    cr_assert_eq(view.batches[1].size, 0);
}

Test(record, refuses_every_cut_row)
{
    struct payload row = make_row();
    static struct record_row_view view;

    for (size_t size = 0; size < row.size; size++)
        cr_assert_eq(record_row_parse(row.bytes, size, &view), -EBADMSG, "%zu bytes", size);
    put(&row, "\0\0\0\0\0\0\0", 8);
    cr_assert_eq(record_row_parse(row.bytes, row.size, &view), -EBADMSG, "too long");
}

static int parse_with_head(struct record_row head)
{
    struct payload row = make_row();
    static struct record_row_view view;

    memcpy(row.bytes, &head, sizeof(head));
    return record_row_parse(row.bytes, row.size, &view);
}

Test(record, refuses_bad_row_heads)
{
    struct payload row = make_row();
    struct record_row good, head;

    memcpy(&good, row.bytes, sizeof(good));
    cr_assert_eq(parse_with_head(good), 0);
    head = good, head.n_components = 0;
    cr_assert_eq(parse_with_head(head), -EBADMSG);
    head = good, head.n_components = RECORD_MAX_COMPONENTS + 1;
    cr_assert_eq(parse_with_head(head), -EBADMSG);
    head = good, head.n_timelines = RECORD_MAX_TIMELINES + 1;
    cr_assert_eq(parse_with_head(head), -EBADMSG);
    head = good, head.signature_size += 4;
    cr_assert_eq(parse_with_head(head), -EBADMSG);
    head = good, head.signature_size += 8;
    cr_assert_eq(parse_with_head(head), -EBADMSG);
    head = good, head.entity_path_size = 60;
    cr_assert_eq(parse_with_head(head), -EBADMSG);
    head = good, head.flags = 4;
    cr_assert_eq(parse_with_head(head), -EBADMSG);
    head = good, head.flags = ROW_STATIC;
    cr_assert_eq(parse_with_head(head), -EBADMSG);
}

/* Any byte of a row may be anything: the views that parsing gives stay inside. Run under ASan. */
Test(record, survives_mutations)
{
    const struct builtin_component *text = builtin_component_find(BUILTIN_TEXT_LOG_TEXT);
    struct payload good = make_row();
    static struct record_row_view view;
    unsigned int seed = 1;
    int n_accepted = 0;

    for (int round = 0; round < 100000; round++) {
        uint8_t *bytes = malloc(good.size);

        memcpy(bytes, good.bytes, good.size);
        for (int i = 0; i < 1 + round % 3; i++)
            bytes[(size_t)rand_r(&seed) % good.size] = (uint8_t)rand_r(&seed);
        if (record_row_parse(bytes, good.size, &view) == 0) {
            n_accepted++;
            for (size_t i = 0; i < view.n_batches; i++)
                (void)!record_batch_check(&view.batches[i], text->nodes);
        }
        free(bytes);
    }
    cr_assert_gt(n_accepted, 1000);
}

/* --- Batches ---------------------------------------------------------------------------------- */

static int check_batch(const struct payload *data, uint32_t n, bool has_nulls,
                       const struct datatype_node *nodes)
{
    struct record_batch_view batch = {
        .n_instances = n,
        .has_nulls = has_nulls,
        .size = (uint32_t)data->size,
        .data = data->bytes,
    };

    return record_batch_check(&batch, nodes);
}

static int check_offsets(const uint32_t *offsets, uint32_t n, size_t n_bytes)
{
    const struct datatype_node *nodes = builtin_component_find(BUILTIN_TEXT_LOG_TEXT)->nodes;
    struct payload data = {.size = 0};
    const char bytes[64] = {0};

    put_padded(&data, offsets, (n + 1) * sizeof(uint32_t));
    put_padded(&data, bytes, n_bytes);
    return check_batch(&data, n, false, nodes);
}

Test(record, checks_offsets)
{
    cr_assert_eq(check_offsets((uint32_t[]){0}, 0, 0), 0);
    cr_assert_eq(check_offsets((uint32_t[]){0, 3, 3, 9}, 3, 9), 0);
    cr_assert_eq(check_offsets((uint32_t[]){1, 3}, 1, 3), -EBADMSG);
    cr_assert_eq(check_offsets((uint32_t[]){0, 3, 2}, 2, 2), -EBADMSG);
    cr_assert_eq(check_offsets((uint32_t[]){0, 17}, 1, 16), -EBADMSG);
    cr_assert_eq(check_offsets((uint32_t[]){0, 8}, 1, 16), -EBADMSG, "data left over");
    cr_assert_eq(check_offsets((uint32_t[]){0, UINT32_MAX}, 1, 16), -EBADMSG);
}

Test(record, checks_fixed_sizes)
{
    const struct datatype_node *vec2 = builtin_component_find(BUILTIN_BOXES2D_CENTERS)->nodes;
    const struct datatype_node *u16 = builtin_component_find(BUILTIN_BOXES2D_CLASS_IDS)->nodes;
    const struct datatype_node *bools = builtin_component_find(BUILTIN_BOXES2D_SHOW_LABELS)->nodes;
    struct payload data = {.size = 24};

    cr_assert_eq(check_batch(&data, 3, false, vec2), 0);
    cr_assert_eq(check_batch(&data, 2, false, vec2), -EBADMSG);
    cr_assert_eq(check_batch(&data, 4, false, vec2), -EBADMSG);
    cr_assert_eq(check_batch(&data, INT32_MAX, false, vec2), -EBADMSG);
    cr_assert_eq(check_batch(&data, 12, false, u16), 0);
    cr_assert_eq(check_batch(&data, 9, false, u16), 0);
    cr_assert_eq(check_batch(&data, 8, false, u16), -EBADMSG);
    cr_assert_eq(check_batch(&data, 130, false, bools), 0);
    cr_assert_eq(check_batch(&data, 193, false, bools), -EBADMSG);
}

Test(record, nulls_take_a_bitmap_where_the_type_allows_them)
{
    const struct datatype_node *vec2 = builtin_component_find(BUILTIN_BOXES2D_CENTERS)->nodes;
    struct payload data = {.size = 8 + 24};

    cr_assert_eq(check_batch(&data, 3, true, vec2), 0);
    cr_assert_eq(check_batch(&data, 4, true, vec2), -EBADMSG);
    cr_assert_eq(check_batch(&data, 4, false, vec2), 0);
}

Test(record, checks_nested_types)
{
    const struct datatype_node nodes[] = {
        {.kind = DATATYPE_LIST, .n_children = 1},
        {.kind = DATATYPE_STRUCT, .n_children = 2},
        {.kind = DATATYPE_INT64},
        {.kind = DATATYPE_NULL},
    };
    const uint32_t offsets[] = {0, 1, 3};
    struct payload data = {.size = 0};

    put_padded(&data, offsets, sizeof(offsets));
    data.size += 3 * sizeof(int64_t);
    cr_assert_eq(check_batch(&data, 2, false, nodes), 0);
    data.size += sizeof(int64_t);
    cr_assert_eq(check_batch(&data, 2, false, nodes), -EBADMSG);
}

static const struct datatype_node dense_union[] = {
    {.kind = DATATYPE_DENSE_UNION, .nullable = 1, .n_children = 2},
    {.kind = DATATYPE_UINT8, .code = 7},
    {.kind = DATATYPE_UTF8, .nullable = 1, .code = 1},
};

/* Two bytes and two texts; the value that is null is a text. */
static struct payload make_dense_union(void)
{
    const uint32_t offsets[] = {1, 0, 1, 0};
    const uint32_t text_offsets[] = {0, 3, 3};
    struct payload data = {.size = 0};

    put_padded(&data, "\7\1\1\7", 4);
    put_padded(&data, offsets, sizeof(offsets));
    put_padded(&data, "ab", 2);
    put_padded(&data, "\1", 1);
    put_padded(&data, text_offsets, sizeof(text_offsets));
    put_padded(&data, "one", 3);
    return data;
}

Test(record, dense_unions_have_as_many_values_as_their_offsets_say)
{
    struct payload data = make_dense_union();
    struct payload changed = data;

    cr_assert_eq(check_batch(&data, 4, true, dense_union), 0);
    changed.bytes[1] = 2;
    cr_assert_eq(check_batch(&changed, 4, true, dense_union), -EBADMSG);
    changed.bytes[1] = 7;
    cr_assert_eq(check_batch(&changed, 4, true, dense_union), 0); /* text 0 is not used */
    changed = data;
    changed.bytes[8] = 9;
    cr_assert_eq(check_batch(&changed, 4, true, dense_union), -EBADMSG);
    memset(changed.bytes + 8, 0xff, 4);
    cr_assert_eq(check_batch(&changed, 4, true, dense_union), -EBADMSG);
    data.size -= 8;
    cr_assert_eq(check_batch(&data, 4, true, dense_union), -EBADMSG);
}

Test(record, sparse_unions_have_as_many_values_in_each_child)
{
    const struct datatype_node nodes[] = {
        {.kind = DATATYPE_SPARSE_UNION, .nullable = 1, .n_children = 2},
        {.kind = DATATYPE_UINT8, .code = 7},
        {.kind = DATATYPE_NULL, .code = 1},
    };
    struct payload data = {.size = 0};

    put_padded(&data, "\7\1\1", 3);
    put_padded(&data, "abc", 3);
    cr_assert_eq(check_batch(&data, 3, false, nodes), 0);
    data.bytes[2] = 0;
    cr_assert_eq(check_batch(&data, 3, false, nodes), -EBADMSG);
}

/* Every kind in one type, whose batch is damaged at random: ASan sees what is read. */
Test(record, survives_damage)
{
    const struct datatype_node nodes[] = {
        {.kind = DATATYPE_STRUCT, .nullable = 1, .n_children = 7},
        {.kind = DATATYPE_DENSE_UNION, .n_children = 2},
        {.kind = DATATYPE_UINT8, .code = 7},
        {.kind = DATATYPE_UTF8_VIEW, .nullable = 1, .code = 1},
        {.kind = DATATYPE_SPARSE_UNION, .n_children = 1},
        {.kind = DATATYPE_LIST_VIEW, .n_children = 1},
        {.kind = DATATYPE_BOOL, .nullable = 1},
        {.kind = DATATYPE_MAP, .n_children = 1},
        {.kind = DATATYPE_STRUCT, .n_children = 2},
        {.kind = DATATYPE_LARGE_UTF8},
        {.kind = DATATYPE_INT16},
        {.kind = DATATYPE_LARGE_LIST, .n_children = 1},
        {.kind = DATATYPE_FIXED_SIZE_LIST, .n_children = 1, .param = 3},
        {.kind = DATATYPE_UINT8},
        {.kind = DATATYPE_FORMATTED, .param = 16, .name = "a\0tin"},
        {.kind = DATATYPE_BINARY_VIEW, .nullable = 1},
        {.kind = DATATYPE_LARGE_BINARY},
    };
    const size_t n_nodes = sizeof(nodes) / sizeof(nodes[0]);
    unsigned int seed = 1;
    int n_accepted = 0;

    cr_assert_eq(datatype_check(nodes, n_nodes), 0);
    for (int round = 0; round < 200000; round++) {
        struct record_batch_view batch = {.n_instances = (uint32_t)(rand_r(&seed) % 3)};
        uint32_t *data;

        batch.has_nulls = rand_r(&seed) % 2;
        batch.size = (uint32_t)(rand_r(&seed) % 40) * 8;
        data = calloc(1, batch.size + 1);
        for (int i = rand_r(&seed) % 4; batch.size > 0 && i > 0; i--)
            data[(uint32_t)rand_r(&seed) % (batch.size / 4)] = (uint32_t)rand_r(&seed) % 9;
        batch.data = data;
        n_accepted += record_batch_check(&batch, nodes) == 0;
        free(data);
    }
    cr_assert_gt(n_accepted, 100);
}

/* Lists of lists of ... of nothing: the numbers of values multiply without any data. */
Test(record, refuses_overflowing_counts)
{
    const struct datatype_node nodes[] = {
        {.kind = DATATYPE_FIXED_SIZE_LIST, .n_children = 1, .param = 65535},
        {.kind = DATATYPE_FIXED_SIZE_LIST, .n_children = 1, .param = 65535},
        {.kind = DATATYPE_FIXED_SIZE_LIST, .n_children = 1, .param = 65535},
        {.kind = DATATYPE_NULL},
    };
    struct payload data = {.size = 0};

    cr_assert_eq(check_batch(&data, 0, false, nodes), 0);
    cr_assert_eq(check_batch(&data, 65535, false, nodes), -EBADMSG);
}

/* --- Definitions ------------------------------------------------------------------------------ */

static struct payload make_recording(struct record_recording head)
{
    struct payload payload = {.size = 0};

    put(&payload, &head, sizeof(head));
    put(&payload, "my_app", 6);
    put(&payload, "rec-1", 5);
    put_padded(&payload, "/tmp/a.rrd", 10);
    return payload;
}

static const struct record_recording good_recording = {
    .id = 1,
    .store_kind = 1,
    .application_id_size = 6,
    .recording_id_size = 5,
    .sinks_size = 10,
};

static int parse_recording(struct record_recording head)
{
    struct payload payload = make_recording(head);
    struct record_recording_view view;

    return record_recording_parse(payload.bytes, payload.size, &view);
}

Test(record, parses_a_recording)
{
    struct payload payload = make_recording(good_recording);
    struct record_recording_view view;

    cr_assert_eq(record_recording_parse(payload.bytes, payload.size, &view), 0);
    cr_assert_eq(memcmp(view.application_id, "my_app", 6), 0);
    cr_assert_eq(memcmp(view.recording_id, "rec-1", 5), 0);
    cr_assert_eq(memcmp(view.sinks, "/tmp/a.rrd", 10), 0);
    for (size_t size = 0; size + 3 < payload.size; size++)
        cr_assert_eq(record_recording_parse(payload.bytes, size, &view), -EBADMSG);
}

Test(record, refuses_bad_recordings)
{
    struct record_recording head;

    head = good_recording, head.id = 0;
    cr_assert_eq(parse_recording(head), -EBADMSG);
    head = good_recording, head.store_kind = 3;
    cr_assert_eq(parse_recording(head), -EBADMSG);
    head = good_recording, head.application_id_size = 0;
    cr_assert_eq(parse_recording(head), -EBADMSG);
    head = good_recording, head.recording_id_size = RECORD_MAX_ID + 1;
    cr_assert_eq(parse_recording(head), -EBADMSG);
    head = good_recording, head.sinks_size = 60000;
    cr_assert_eq(parse_recording(head), -EBADMSG);
}

/* --- Sinks ------------------------------------------------------------------------------------ */

static int parse_sinks(const char *list, size_t size, uint16_t stated)
{
    static _Alignas(8) uint8_t bytes[RECORD_MAX_SINKS_SIZE + 64];
    struct record_recording head = good_recording;
    struct record_recording_view view;

    head.sinks_size = stated;
    memcpy(bytes, &head, sizeof(head));
    memcpy(bytes + sizeof(head), "my_apprec-1", 11);
    memcpy(bytes + sizeof(head) + 11, list, size);
    return record_recording_parse(bytes, (sizeof(head) + 11 + size + 7) & ~(size_t)7, &view);
}

Test(record, a_list_of_sinks_is_bounded)
{
    static char list[RECORD_MAX_SINKS_SIZE + 1];

    memset(list, 'x', sizeof(list));
    cr_assert_eq(parse_sinks(list, RECORD_MAX_SINKS_SIZE, RECORD_MAX_SINKS_SIZE), 0);
    cr_assert_eq(parse_sinks(list, sizeof(list), sizeof(list)), -EBADMSG);
    cr_assert_eq(parse_sinks(list, 100, 200), -EBADMSG);
    for (size_t i = 0; i < RECORD_MAX_SINKS - 1; i++)
        list[2 * i + 1] = 0;
    cr_assert_eq(parse_sinks(list, 2 * RECORD_MAX_SINKS, 2 * RECORD_MAX_SINKS), 0, "16 entries");
    list[2 * RECORD_MAX_SINKS - 1] = 0;
    cr_assert_eq(parse_sinks(list, 2 * RECORD_MAX_SINKS + 1, 2 * RECORD_MAX_SINKS + 1), -EBADMSG);
    memset(list, 0, sizeof(list));
    cr_assert_eq(parse_sinks(list, RECORD_MAX_SINKS, RECORD_MAX_SINKS), 0, "empty entries count");
    cr_assert_eq(parse_sinks(list, RECORD_MAX_SINKS + 1, RECORD_MAX_SINKS + 1), -EBADMSG);
}

Test(record, entries_of_a_list_of_sinks)
{
    const char text[] = "/a\0rerun://h/proxy\0\0b";
    const char *list = text;
    size_t size = sizeof(text) - 1;
    struct record_sink sink;

    cr_assert(record_sinks_next(&list, &size, &sink));
    cr_assert(sink.size == 2 && record_sink_kind(sink) == RECORD_SINK_FILE);
    cr_assert(record_sinks_next(&list, &size, &sink));
    cr_assert(sink.size == 15 && record_sink_kind(sink) == RECORD_SINK_VIEWER);
    cr_assert(record_sinks_next(&list, &size, &sink));
    cr_assert(sink.size == 0 && record_sink_kind(sink) == RECORD_SINK_NONE);
    cr_assert(record_sinks_next(&list, &size, &sink));
    cr_assert(sink.size == 1 && record_sink_kind(sink) == RECORD_SINK_NONE);
    cr_assert_not(record_sinks_next(&list, &size, &sink));
    cr_assert(record_sinks_have(text, sizeof(text) - 1, RECORD_SINK_FILE));
    cr_assert_not(record_sinks_have("rerun://h/proxy", 15, RECORD_SINK_FILE));
    cr_assert_eq(record_sink_kind((struct record_sink){"/", 1}), RECORD_SINK_NONE);
    cr_assert_eq(record_sink_kind((struct record_sink){"http://h/proxy", 14}), RECORD_SINK_NONE);
}

static struct payload make_component(struct record_component head)
{
    struct payload payload = {.size = 0};
    const struct builtin_component *vec2 = builtin_component_find(BUILTIN_BOXES2D_CENTERS);

    put(&payload, &head, sizeof(head));
    put(&payload, vec2->nodes, vec2->n_nodes * sizeof(*vec2->nodes));
    put_padded(&payload,
               "A"
               "A:c"
               "T",
               5);
    return payload;
}

static const struct record_component good_component = {
    .id = RECORD_FIRST_COMPONENT_ID,
    .n_nodes = 2,
    .archetype_size = 1,
    .component_size = 3,
    .component_type_size = 1,
};

static int parse_component(struct record_component head)
{
    struct payload payload = make_component(head);
    struct record_component_view view;

    return record_component_parse(payload.bytes, payload.size, &view);
}

Test(record, parses_a_component)
{
    struct payload payload = make_component(good_component);
    struct record_component_view view;

    cr_assert_eq(record_component_parse(payload.bytes, payload.size, &view), 0);
    cr_assert_eq(view.head->id, RECORD_FIRST_COMPONENT_ID);
    cr_assert_eq(view.nodes[1].kind, DATATYPE_FLOAT32);
    cr_assert_eq(memcmp(view.archetype, "A", 1), 0);
    cr_assert_eq(memcmp(view.component, "A:c", 3), 0);
    cr_assert_eq(memcmp(view.component_type, "T", 1), 0);
    for (size_t size = 0; size + 3 < payload.size; size++)
        cr_assert_eq(record_component_parse(payload.bytes, size, &view), -EBADMSG);
}

Test(record, refuses_bad_components)
{
    struct record_component head;

    head = good_component, head.id = RECORD_FIRST_COMPONENT_ID - 1;
    cr_assert_eq(parse_component(head), -EBADMSG);
    head = good_component, head.n_nodes = 0;
    cr_assert_eq(parse_component(head), -EBADMSG);
    head = good_component, head.n_nodes = 1;
    cr_assert_eq(parse_component(head), -EBADMSG);
    head = good_component, head.n_nodes = DATATYPE_MAX_NODES + 1;
    cr_assert_eq(parse_component(head), -EBADMSG);
    head = good_component, head.component_size = 0;
    cr_assert_eq(parse_component(head), -EBADMSG);
    head = good_component, head.component_type_size = 9;
    cr_assert_eq(parse_component(head), -EBADMSG);
}

static int parse_note(struct record_note head, struct record_note_view *view)
{
    struct payload payload = {.size = 0};

    put(&payload, &head, sizeof(head));
    put_padded(&payload, "stdio", 5);
    return record_note_parse(payload.bytes, payload.size, view);
}

Test(record, parses_a_note)
{
    struct record_note_view view;

    cr_assert_eq(parse_note((struct record_note){NOTE_PROVIDER, 5, 0}, &view), 0);
    cr_assert_eq(view.head->kind, NOTE_PROVIDER);
    cr_assert_eq(memcmp(view.text, "stdio", 5), 0);
}

Test(record, refuses_bad_notes)
{
    struct record_note_view view;

    cr_assert_eq(parse_note((struct record_note){NOTE_PROVIDER, 0, 0}, &view), -EBADMSG);
    cr_assert_eq(parse_note((struct record_note){NOTE_PROVIDER, 9, 0}, &view), -EBADMSG);
    cr_assert_eq(parse_note((struct record_note){NOTE_PROVIDER, RECORD_MAX_NOTE + 1, 0}, &view),
                 -EBADMSG);
}

static int parse_blueprint(struct record_blueprint head, struct record_blueprint_view *view)
{
    static struct payload payload;

    payload.size = 0;
    put(&payload, &head, sizeof(head));
    put_padded(&payload, "RRF2 and so on", 14);
    return record_blueprint_parse(payload.bytes, payload.size, view);
}

Test(record, parses_a_blueprint)
{
    struct record_blueprint_view view;

    cr_assert_eq(parse_blueprint((struct record_blueprint){7, BLUEPRINT_MAKE_ACTIVE, 14}, &view),
                 0);
    cr_assert_eq(view.head->recording_id, 7);
    cr_assert_eq(view.head->size, 14);
    cr_assert_eq(memcmp(view.bytes, "RRF2 and so on", 14), 0);
}

Test(record, refuses_bad_blueprints)
{
    struct record_blueprint_view view;

    cr_assert_eq(parse_blueprint((struct record_blueprint){7, 0, 0}, &view), -EBADMSG, "empty");
    cr_assert_eq(parse_blueprint((struct record_blueprint){7, 0, 17}, &view), -EBADMSG, "cut");
    cr_assert_eq(parse_blueprint((struct record_blueprint){7, 0, 8}, &view), -EBADMSG, "too long");
    cr_assert_eq(parse_blueprint((struct record_blueprint){7, 0, UINT64_MAX}, &view), -EBADMSG);
    for (size_t size = 0; size < sizeof(struct record_blueprint); size++)
        cr_assert_eq(record_blueprint_parse("0123456789abcdef", size, &view), -EBADMSG);
}

Test(record, a_blueprint_is_bounded)
{
    const struct record_blueprint head = {7, 0, RECORD_MAX_BLUEPRINT + 8};
    struct record_blueprint_view view;
    uint8_t *payload = calloc(1, sizeof(head) + head.size);

    memcpy(payload, &head, sizeof(head));
    cr_assert_eq(record_blueprint_parse(payload, sizeof(head) + head.size, &view), -EBADMSG);
    ((struct record_blueprint *)(void *)payload)->size = RECORD_MAX_BLUEPRINT;
    cr_assert_eq(record_blueprint_parse(payload, sizeof(head) + RECORD_MAX_BLUEPRINT, &view), 0);
    free(payload);
}
