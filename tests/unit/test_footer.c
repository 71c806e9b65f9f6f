/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The index is appended whole or not at all. What it says is compared with the official SDK's in
 * tests/interop.
 */
#include "harness/wire/chunk_encoder.h"
#include "harness/wire/footer.h"
#include "harness/wire/rrd_manifest.h"
#include "harness/wire/rrd_reader.h"
#include "harness/wire/zstd_copy.h"
#include "sdk/record/builtin.h"
#include "tests/support/batch_data.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Recordings --------------------------------------------------------------------------------
 */

/* A file in memory with a stream header and the store's announcement. */
static int make_recording(void)
{
    const struct set_store_info info = {
        .store = {STORE_RECORDING, string_view_of("rec"), string_view_of("app")},
        .crate_version = RRD_VERSION,
    };
    struct buffer out;
    int fd = memfd_create("recording", MFD_CLOEXEC);

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_geq(fd, 0);
    cr_assert_eq(rrd_append_stream_header(&out), 0);
    cr_assert_eq(rrd_append_set_store_info(&out, &info), 0);
    cr_assert_eq(write(fd, out.data, out.size), (ssize_t)out.size);
    buffer_done(&out);
    return fd;
}

/* One chunk of a text on two timelines. */
struct text_chunk {
    const char *recording, *entity, *component;
    struct chunk_timeline timelines[2];
};

static struct text_chunk usual_chunk(void)
{
    return (struct text_chunk){
        .recording = "rec",
        .entity = "/log",
        .component = "TextLog:text",
        .timelines = {{string_view_of("log_time"), TIME_TIMESTAMP},
                      {string_view_of("frame"), TIME_SEQUENCE}},
    };
}

static void make_column(struct column *column, const char *component)
{
    const struct builtin_component *builtin = builtin_component_find(BUILTIN_TEXT_LOG_TEXT);
    const struct column_descriptor descriptor = {.component = string_view_of(component)};
    struct batch_data data;
    struct record_batch_view batch = batch_text(&data, "text");

    cr_assert_eq(column_init(column, &descriptor, builtin->nodes, builtin->n_nodes), 0);
    cr_assert_eq(column_append(column, &batch), 0);
}

static void append_chunk(int fd, const struct text_chunk *chunk)
{
    static uint64_t inc;
    const struct tuid id = {5, ++inc};
    const int64_t value = 7;
    const int64_t *times[] = {&value, &value};
    struct chunk_encoder *encoder;
    struct chunk_workspace workspace;
    struct column column;
    struct buffer out;
    size_t start;
    const struct chunk_series series = {
        .store = {STORE_RECORDING, string_view_of(chunk->recording), string_view_of("app")},
        .entity_path = string_view_of(chunk->entity),
        .timelines = chunk->timelines,
        .n_timelines = 2,
        .columns = &column,
        .n_columns = 1,
    };
    const struct chunk_rows rows = {id, 1, &id, times, &column};

    make_column(&column, chunk->component);
    chunk_workspace_init(&workspace);
    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(chunk_encoder_create(&series, &encoder), 0);
    cr_assert_eq(rrd_begin_frame(&out, RRD_ARROW_MSG, &start), 0);
    cr_assert_eq(chunk_encoder_encode(encoder, &rows, ARROW_LZ4, &workspace, &out), 0);
    rrd_end_frame(&out, start);
    cr_assert_eq(write(fd, out.data, out.size), (ssize_t)out.size);
    chunk_encoder_destroy(encoder);
    chunk_workspace_done(&workspace);
    buffer_done(&out);
    column_done(&column);
}

static off_t size_of(int fd)
{
    struct stat status;

    cr_assert_eq(fstat(fd, &status), 0);
    return status.st_size;
}

/* Appends must leave the file as it was, and say why. */
static void expect_refusal(int fd, int result, const char *reason)
{
    off_t size = size_of(fd);
    struct rrd_error error = {""};

    cr_assert_eq(footer_append(fd, "m.rrd", &error), result, "%s", error.text);
    cr_assert_eq(size_of(fd), size);
    cr_assert_not_null(strstr(error.text, "m.rrd"), "%s", error.text);
    cr_assert_not_null(strstr(error.text, reason), "%s", error.text);
    cr_assert_eq(footer_append(fd, "m.rrd", NULL), result);
}

/* --- Tests -------------------------------------------------------------------------------------
 */

Test(footer, is_not_added_to_what_is_compressed)
{
    struct text_chunk chunk = usual_chunk();
    int fd = make_recording();
    int compressed = memfd_create("compressed", MFD_CLOEXEC);

    append_chunk(fd, &chunk);
    cr_assert_eq(zstd_copy(fd, compressed, ZSTD_COPY_DEFAULT_LEVEL, NULL), 0);
    expect_refusal(compressed, -EINVAL, "it is compressed");
    close(compressed);
    close(fd);
}

Test(footer, is_found_from_the_end)
{
    struct text_chunk chunk = usual_chunk();
    int fd = make_recording();
    uint64_t numbers[2], end;
    uint8_t bytes[RRD_STREAM_FOOTER_SIZE], payload[8192];
    struct rrd_manifest manifest;
    struct string_view footer;

    append_chunk(fd, &chunk);
    chunk.recording = "other";
    append_chunk(fd, &chunk);
    end = (uint64_t)size_of(fd);
    cr_assert_eq(footer_append(fd, "m.rrd", NULL), 0);

    cr_assert_eq(pread(fd, bytes, sizeof(bytes), size_of(fd) - (off_t)sizeof(bytes)),
                 (ssize_t)sizeof(bytes));
    cr_assert_eq(memcmp(bytes + 20, "RRF2FOOT\1\0\0\0", 12), 0);
    memcpy(numbers, bytes, sizeof(numbers));
    cr_assert_eq(numbers[0], end + RRD_FRAME_HEADER_SIZE);
    cr_assert_eq(numbers[0] + numbers[1] + RRD_STREAM_FOOTER_SIZE, (uint64_t)size_of(fd));
    cr_assert_leq(numbers[1], sizeof(payload));
    cr_assert_eq(pread(fd, payload, numbers[1], (off_t)numbers[0]), (ssize_t)numbers[1]);
    footer = (struct string_view){(char *)payload, numbers[1]};
    cr_assert_eq(rrd_manifest_next(&footer, &manifest), 1);
    cr_assert(string_view_equal(manifest.store.recording_id, string_view_of("rec")));
    cr_assert_eq(rrd_manifest_next(&footer, &manifest), 1);
    cr_assert(string_view_equal(manifest.store.recording_id, string_view_of("other")));
    cr_assert_eq(rrd_manifest_next(&footer, &manifest), 0);
    close(fd);
}

Test(footer, is_appended_once)
{
    const struct text_chunk chunk = usual_chunk();
    int fd = make_recording();
    struct rrd_reader reader;
    struct rrd_frame frame;
    off_t size;

    append_chunk(fd, &chunk);
    cr_assert_eq(footer_append(fd, "m.rrd", NULL), 0);
    size = size_of(fd);
    cr_assert_eq(footer_append(fd, "m.rrd", NULL), 0);
    cr_assert_eq(size_of(fd), size);
    cr_assert_eq(rrd_reader_open_fd(&reader, fd, "m.rrd", NULL), 0);
    while (rrd_reader_next(&reader, &frame, NULL) == 1)
        ;
    cr_assert_eq(reader.ending, RRD_COMPLETE);
    cr_assert(reader.has_index);
    rrd_reader_done(&reader);
    close(fd);
}

/* Readers refuse a file whose index is empty. */
Test(footer, a_recording_without_chunks_gets_none)
{
    int fd = make_recording();
    off_t size = size_of(fd);

    cr_assert_eq(footer_append(fd, "m.rrd", NULL), 0);
    cr_assert_eq(size_of(fd), size);
    close(fd);
}

Test(footer, refuses_what_is_no_whole_recording)
{
    const struct text_chunk chunk = usual_chunk();
    int fd = memfd_create("recording", MFD_CLOEXEC);
    off_t size;

    expect_refusal(fd, -EBADMSG, "not a Rerun recording");
    close(fd);
    fd = make_recording();
    append_chunk(fd, &chunk);
    size = size_of(fd);
    append_chunk(fd, &chunk);
    cr_assert_eq(ftruncate(fd, size_of(fd) - 1), 0);
    char remedy[64];
    (void)snprintf(remedy, sizeof(remedy), "truncate -s %lld", (long long)size);
    expect_refusal(fd, -EBADMSG, remedy);
    close(fd);
}

Test(footer, refuses_a_damaged_chunk_and_says_where)
{
    const struct text_chunk chunk = usual_chunk();
    int fd = make_recording();
    off_t begin = size_of(fd);
    char where[64];

    append_chunk(fd, &chunk);
    cr_assert_eq(pwrite(fd, "\xff\xff\xff\xff", 4, begin + RRD_FRAME_HEADER_SIZE), 4);
    (void)snprintf(where, sizeof(where), "the chunk at byte %lld is damaged", (long long)begin);
    expect_refusal(fd, -EBADMSG, where);
    close(fd);
}

/* A reader would find the wrong one of two columns, or refuse the file. */
Test(footer, refuses_names_that_it_cannot_keep_apart)
{
    struct text_chunk chunk = usual_chunk();
    int fd = make_recording();

    append_chunk(fd, &chunk);
    chunk.timelines[1].name = string_view_of("log-time");
    append_chunk(fd, &chunk);
    expect_refusal(fd, -ENOTSUP, "log_time");
    close(fd);

    fd = make_recording();
    chunk = usual_chunk();
    chunk.component = "a b";
    append_chunk(fd, &chunk);
    chunk.component = "a.b";
    append_chunk(fd, &chunk);
    expect_refusal(fd, -ENOTSUP, "a_b");
    close(fd);
}

Test(footer, refuses_a_timeline_of_two_types)
{
    struct text_chunk chunk = usual_chunk();
    int fd = make_recording();

    append_chunk(fd, &chunk);
    chunk.timelines[1].type = TIME_DURATION;
    append_chunk(fd, &chunk);
    expect_refusal(fd, -ENOTSUP, "frame");
    /* But different recordings may differ. */
    cr_assert_eq(ftruncate(fd, 0), 0);
    close(fd);
    fd = make_recording();
    append_chunk(fd, &chunk);
    chunk = usual_chunk();
    chunk.recording = "other";
    append_chunk(fd, &chunk);
    cr_assert_eq(footer_append(fd, "m.rrd", NULL), 0);
    close(fd);
}

/* The disk is full in the middle of the index: what was written of it goes away again. */
Test(footer, takes_back_what_it_could_not_finish)
{
    const struct text_chunk chunk = usual_chunk();
    int fd = make_recording();
    struct rlimit limit;

    append_chunk(fd, &chunk);
    limit = (struct rlimit){(rlim_t)size_of(fd) + 100, RLIM_INFINITY};
    cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    expect_refusal(fd, -EFBIG, "no index was added");
    limit.rlim_cur = RLIM_INFINITY;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(footer_append(fd, "m.rrd", NULL), 0);
    close(fd);
}

Test(footer, needs_a_descriptor_for_both)
{
    const struct text_chunk chunk = usual_chunk();
    int fd = make_recording();
    char path[64];
    int read_only;

    append_chunk(fd, &chunk);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    read_only = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert_geq(read_only, 0);
    expect_refusal(read_only, -EBADF, "no index was added");
    close(read_only);
    close(fd);
}

#define N_COLUMNS  200
#define N_ENTITIES 600

/* One chunk with many components. */
static void append_wide_chunk(int fd, const char *entity, const struct column *columns)
{
    static uint64_t inc = 1000000;
    const struct tuid id = {5, ++inc};
    const struct chunk_series series = {
        .store = {STORE_RECORDING, string_view_of("rec"), string_view_of("app")},
        .entity_path = string_view_of(entity),
        .columns = columns,
        .n_columns = N_COLUMNS,
    };
    const struct chunk_rows rows = {
        .chunk_id = id, .n_rows = 1, .row_ids = &id, .columns = columns};
    struct chunk_workspace workspace;
    struct chunk_encoder *encoder;
    struct buffer out;
    size_t start;

    chunk_workspace_init(&workspace);
    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(chunk_encoder_create(&series, &encoder), 0);
    cr_assert_eq(rrd_begin_frame(&out, RRD_ARROW_MSG, &start), 0);
    cr_assert_eq(chunk_encoder_encode(encoder, &rows, ARROW_LZ4, &workspace, &out), 0);
    rrd_end_frame(&out, start);
    cr_assert_eq(write(fd, out.data, out.size), (ssize_t)out.size);
    chunk_encoder_destroy(encoder);
    chunk_workspace_done(&workspace);
    buffer_done(&out);
}

/* A column for each component of each entity: readers refuse so many. */
Test(footer, an_index_that_no_reader_takes_is_not_written)
{
    static struct column columns[N_COLUMNS];
    struct rrd_error error = {""};
    int fd = make_recording();
    char name[16];
    off_t size;

    for (int i = 0; i < N_COLUMNS; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        make_column(&columns[i], name);
    }
    for (int i = 0; i < N_ENTITIES; i++) {
        snprintf(name, sizeof(name), "/%d", i);
        append_wide_chunk(fd, name, columns);
    }
    size = size_of(fd);
    cr_assert_eq(footer_append(fd, "many.rrd", &error), -E2BIG);
    cr_assert(strstr(error.text, "columns") != NULL, "%s", error.text);
    cr_assert_eq(size_of(fd), size);
    for (int i = 0; i < N_COLUMNS; i++)
        column_done(&columns[i]);
    close(fd);
}
