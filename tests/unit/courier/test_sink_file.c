/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A file is made of the part of the recording in which its rows can be, and of no other. */
#include "harness/courier/sink_file.h"

#include "harness/courier/file_copy.h"
#include "harness/wire/rrd_writer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/lastword-sink-XXXXXX";
static char source_path[64], path[64];
static struct recording_table recordings;
static struct sinks_source source;

static void start(void)
{
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(source_path, sizeof(source_path), "%s/all.rrd", folder);
    snprintf(path, sizeof(path), "%s/one.rrd", folder);
    recording_table_init(&recordings);
    source = (struct sinks_source){.recordings = &recordings, .path = source_path, .id = "ID"};
}

static void end(void)
{
    recording_table_done(&recordings);
    (void)!unlink(path);
    (void)!unlink(source_path);
    (void)!rmdir(folder);
}

TestSuite(sink_file, .init = start, .fini = end);

static void append_store(struct buffer *bytes, const struct store *store)
{
    cr_assert_eq(rrd_append_set_store_info(bytes, &(struct set_store_info){.store = store->id}), 0);
}

static struct store *add_stream(uint32_t id, const char *recording_id, const char *sink)
{
    _Alignas(8) uint8_t bytes[256] = {0};
    struct record_recording head = {
        .id = id,
        .store_kind = 1,
        .application_id_size = 1,
        .recording_id_size = (uint16_t)strlen(recording_id),
        .sinks_size = (uint16_t)strlen(sink),
    };
    int n;

    memcpy(bytes, &head, sizeof(head));
    n = snprintf((char *)bytes + sizeof(head), sizeof(bytes) - sizeof(head), "a%s%s", recording_id,
                 sink);
    cr_assert_eq(recording_table_add(&recordings, 1, bytes,
                                     (sizeof(head) + (size_t)n + 7) & ~(size_t)7, NULL),
                 0);
    return recording_table_find(&recordings, 1, id)->store;
}

/* A recording that has `n` bytes which are no frame before the store of the file, and behind it. */
static void write_recording(struct store *store, size_t n)
{
    struct buffer bytes;
    int file = open(source_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    cr_assert_geq(file, 0);
    buffer_init(&bytes, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&bytes), 0);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(buffer_append(&bytes, "\xff", 1), 0);
    store->first_offset = bytes.size;
    append_store(&bytes, store);
    store->end_offset = bytes.size;
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(buffer_append(&bytes, "\xff", 1), 0);
    source.size = bytes.size;
    cr_assert_eq(file_write_at(file, bytes.data, bytes.size, 0), 0);
    buffer_done(&bytes);
    close(file);
}

static int make(void)
{
    struct sink_file sink;
    struct rrd_error error;
    int result = sink_file_init(&sink, &source, path);

    if (result == 0)
        result = sink_file_make(&sink, &error);
    sink_file_done(&sink);
    return result;
}

Test(sink_file, what_lies_before_and_behind_its_rows_is_not_read)
{
    struct store *store = add_stream(1, "rec", path);

    write_recording(store, 4096);
    cr_assert_eq(make(), 0);
    cr_assert_eq(access(path, F_OK), 0);
    store->first_offset = 0; /* not known: all is read */
    cr_assert_eq(make(), -EBADMSG);
    write_recording(store, 4096);
    store->end_offset = 0;
    cr_assert_eq(make(), -EBADMSG);
}

Test(sink_file, the_earliest_of_its_recordings_counts)
{
    struct store *late = add_stream(1, "late", path);
    struct store *early = add_stream(2, "early", path);

    write_recording(late, 4096);
    early->end_offset = late->end_offset;
    early->first_offset = RRD_HEADER_SIZE;
    cr_assert_eq(make(), -EBADMSG);
}

Test(sink_file, a_blueprint_may_lie_anywhere)
{
    struct store *store = add_stream(1, "rec", path);
    struct store *blueprint = recording_table_store(
        &recordings, &(struct store_id){.kind = STORE_BLUEPRINT,
                                        .recording_id = string_view_of("blueprint"),
                                        .application_id = string_view_of("a")});

    write_recording(store, 4096);
    cr_assert_eq(recording_table_send(blueprint, recording_table_find(&recordings, 1, 1)), 0);
    cr_assert_eq(make(), -EBADMSG);
}
