/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Streams and stores, and component types: found again, and never more than once. */
#include "harness/courier/component_table.h"
#include "harness/courier/recording_table.h"
#include "sdk/record/builtin.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct recording_table recordings;

static void make_table(void)
{
    recording_table_init(&recordings);
}

static void free_table(void)
{
    recording_table_done(&recordings);
}

TestSuite(recording_table, .init = make_table, .fini = free_table);

static int add_sinks(uint64_t family, uint32_t id, const char *recording_id, const char *sinks,
                     size_t sinks_size, bool *ret_is_new)
{
    _Alignas(8) uint8_t bytes[512] = {0};
    struct record_recording head = {
        .id = id,
        .store_kind = 1,
        .application_id_size = 3,
        .recording_id_size = (uint16_t)strlen(recording_id),
        .sinks_size = (uint16_t)sinks_size,
    };
    size_t size = sizeof(head) + 3 + head.recording_id_size + head.sinks_size;

    memcpy(bytes, &head, sizeof(head));
    memcpy(bytes + sizeof(head), "a/p", 3);
    memcpy(bytes + sizeof(head) + 3, recording_id, head.recording_id_size);
    memcpy(bytes + sizeof(head) + 3 + head.recording_id_size, sinks, head.sinks_size);
    return recording_table_add(&recordings, family, bytes, (size + 7) & ~(size_t)7, ret_is_new);
}

static int add(uint64_t family, uint32_t id, const char *recording_id, const char *sink,
               bool *ret_is_new)
{
    return add_sinks(family, id, recording_id, sink, strlen(sink), ret_is_new);
}

Test(recording_table, streams_of_one_store_share_it)
{
    bool is_new;

    cr_assert_eq(add(1, 5, "rec", "", &is_new), 0);
    cr_assert(is_new);
    cr_assert_eq(add(1, 3, "rec", "/x.rrd", &is_new), 0);
    cr_assert_eq(add(2, 5, "rec", "", &is_new), 0);
    cr_assert_eq(add(2, 6, "other", "", &is_new), 0);
    cr_assert_eq(add(1, 5, "changed", "", &is_new), 0);
    cr_assert_not(is_new, "a known stream stays as it is");
    cr_assert_eq(recordings.n_stores, 2);
    cr_assert_eq(recordings.n_streams, 4);
    cr_assert_eq(recording_table_find(&recordings, 1, 5)->store,
                 recording_table_find(&recordings, 2, 5)->store);
    cr_assert_eq(recording_table_find(&recordings, 1, 3)->n_files, 1);
    cr_assert_str_eq(recording_table_find(&recordings, 1, 3)->files[0], "/x.rrd");
    cr_assert(recording_table_find(&recordings, 1, 4) == NULL);
    cr_assert(recording_table_find(&recordings, 3, 5) == NULL);
}

Test(recording_table, files_and_viewers_are_told_apart)
{
    static const char list[] =
        "/a\0rerun+http://h:1/proxy\0\0relative\0/b\0http://h\0rerun://i/proxy";
    char full[2 * RECORD_MAX_SINKS];
    const struct stream *stream;
    bool is_new;

    cr_assert_eq(add_sinks(1, 1, "rec", list, sizeof(list) - 1, &is_new), 0);
    stream = recording_table_find(&recordings, 1, 1);
    cr_assert_eq(stream->n_files, 2);
    cr_assert_str_eq(stream->files[0], "/a");
    cr_assert_str_eq(stream->files[1], "/b");
    cr_assert_eq(stream->n_viewers, 2);
    cr_assert_str_eq(stream->viewers[0], "rerun://i/proxy");
    cr_assert_str_eq(stream->viewers[1], "rerun+http://h:1/proxy");
    for (size_t i = 0; i < RECORD_MAX_SINKS; i++)
        memcpy(&full[2 * i], "/x", 2);
    cr_assert_eq(add_sinks(1, 2, "rec", full, sizeof(full), &is_new), 0);
    cr_assert_eq(recording_table_find(&recordings, 1, 2)->n_files, 1, "one long path");
    cr_assert_eq(
        add_sinks(1, 3, "rec", "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p\0/q", 34, &is_new),
        -EBADMSG, "seventeen");
    cr_assert(recording_table_find(&recordings, 1, 3) == NULL);
}

Test(recording_table, odd_texts_are_mended)
{
    bool is_new;
    const struct store_id *id;

    cr_assert_eq(add(1, 1, "re\xff", "relative.rrd", &is_new), 0);
    id = &recording_table_find(&recordings, 1, 1)->store->id;
    cr_assert(string_view_equal(id->recording_id, string_view_of("re\xef\xbf\xbd")));
    cr_assert_eq(id->application_id.size, 7, "a-p and four digits");
    cr_assert_eq(recording_table_find(&recordings, 1, 1)->n_files, 0);
    cr_assert_eq(recording_table_add(&recordings, 1, "12345678", 8, &is_new), -EBADMSG);
}

Test(recording_table, stores_of_one_recording_id_are_told_apart)
{
    struct store_id id = {STORE_RECORDING, string_view_of("rec"), string_view_of("a")};
    struct store *first = recording_table_store(&recordings, &id);
    struct store *second, *third;

    id.kind = STORE_BLUEPRINT;
    cr_assert(recording_table_find_store(&recordings, &id) == NULL);
    second = recording_table_store(&recordings, &id);
    id.application_id = string_view_of("b");
    third = recording_table_store(&recordings, &id);
    cr_assert(first != second && second != third && first != third);
    cr_assert_eq(recording_table_store(&recordings, &id), third);
    cr_assert_eq(recording_table_find_store(&recordings, &first->id), first);
    cr_assert_eq(recording_table_find_store(&recordings, &second->id), second);
    cr_assert_eq(recordings.n_stores, 3);
}

Test(recording_table, thousands_of_stores_are_found_again)
{
    char text[16];
    struct store_id id = {STORE_BLUEPRINT, {text, 0}, string_view_of("a")};

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            id.recording_id.size = (size_t)snprintf(text, sizeof(text), "%d", i);
            cr_assert_eq(recording_table_store(&recordings, &id), recordings.stores[i]);
        }
    }
    cr_assert_eq(recordings.n_stores, 5000);
}

Test(recording_table, a_blueprint_knows_where_it_was_sent)
{
    const struct store_id id = {STORE_BLUEPRINT, string_view_of("b"), string_view_of("a")};
    struct store *blueprint = recording_table_store(&recordings, &id);
    struct stream *streams[40];
    bool is_new;

    for (uint32_t i = 0; i < 40; i++) {
        cr_assert_eq(add(1, i + 1, "rec", "", &is_new), 0);
        streams[i] = recording_table_find(&recordings, 1, i + 1);
    }
    for (int i = 0; i < 40; i += 2) {
        cr_assert_eq(recording_table_send(blueprint, streams[i]), 0);
        cr_assert_eq(recording_table_send(blueprint, streams[i]), 0, "once more changes nothing");
    }
    cr_assert_eq(blueprint->n_senders, 20);
    for (int i = 0; i < 40; i++)
        cr_assert_eq(recording_table_was_sent(blueprint, streams[i]), i % 2 == 0);
}

Test(component_table, registered_and_built_in_types_are_found)
{
    struct component_table components;
    struct component_type type;
    struct {
        struct record_component head;
        struct datatype_node node;
        char names[16];
    } payload = {
        .head = {.n_nodes = 1, .component_size = 4},
        .node = {.kind = DATATYPE_INT64, .nullable = 1, .name = "item"},
        .names = "name",
    };

    component_table_init(&components);
    for (uint32_t id = 2000; id > 1500; id--) {
        payload.head.id = id;
        cr_assert_eq(component_table_add(&components, &payload, sizeof(payload) - 8), 0);
        cr_assert_eq(component_table_add(&components, &payload, sizeof(payload) - 8), 0);
    }
    cr_assert_eq(components.n, 500);
    cr_assert_eq(component_table_find(&components, 1777, &type), 0);
    cr_assert_eq(type.id, 1777);
    cr_assert(string_view_equal(type.descriptor.component, string_view_of("name")));
    cr_assert_eq(component_table_find(&components, BUILTIN_TEXT_LOG_TEXT, &type), 0);
    cr_assert(string_view_equal(type.descriptor.component, string_view_of("TextLog:text")));
    cr_assert_eq(component_table_find(&components, 1500, &type), -ENOENT);
    payload.node.kind = 99;
    cr_assert_eq(component_table_add(&components, &payload, sizeof(payload) - 8), -EBADMSG);
    component_table_done(&components);
}
