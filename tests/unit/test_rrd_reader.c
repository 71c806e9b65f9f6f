/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Recordings of the official SDK, whole, cut at every byte and damaged; and our own framing. */
#include "harness/wire/rrd_reader.h"
#include "harness/wire/rrd_writer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

/* A file in memory, so that nothing is left behind. */
static int file_of(const void *bytes, size_t size)
{
    int fd = memfd_create("recording", MFD_CLOEXEC);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    return fd;
}

static struct buffer load(const char *name)
{
    char path[512];
    struct buffer content;
    int fd;
    ssize_t n;

    (void)snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, name);
    buffer_init(&content, BUFFER_NO_LIMIT);
    cr_assert_eq(buffer_reserve(&content, 1 << 20), 0);
    fd = open(path, O_RDONLY);
    cr_assert_geq(fd, 0, "%s", path);
    n = read(fd, content.data, content.capacity);
    cr_assert_gt(n, 0);
    content.size = (size_t)n;
    close(fd);
    return content;
}

struct walk {
    int result;      /* of opening, or of the last rrd_reader_next */
    int n_frames[4]; /* by kind */
    uint64_t end;    /* where the last whole frame ends */
    enum rrd_ending ending;
    uint64_t cut_offset;
    bool has_index;
    struct rrd_error error;
};

/* Walks what was opened, with that result. */
static void walk_on(struct walk *walk, struct rrd_reader *reader)
{
    struct rrd_frame frame;

    if (walk->result != 0)
        return;
    while ((walk->result = rrd_reader_next(reader, &frame, &walk->error)) == 1) {
        cr_assert_eq(frame.offset, walk->end);
        walk->n_frames[frame.kind]++;
        walk->end = frame.offset + RRD_FRAME_HEADER_SIZE + frame.payload.size;
    }
    walk->ending = reader->ending;
    walk->cut_offset = reader->cut_offset;
    walk->has_index = reader->has_index;
    cr_assert_eq(rrd_reader_next(reader, &frame, NULL), walk->result, "not the same again");
    rrd_reader_done(reader);
}

static struct walk walk_fd(int fd)
{
    struct walk walk = {.end = RRD_HEADER_SIZE};
    struct rrd_reader reader;

    walk.result = rrd_reader_open_fd(&reader, fd, "x.rrd", &walk.error);
    walk_on(&walk, &reader);
    return walk;
}

static struct walk walk_memory(const void *bytes, size_t size)
{
    struct walk walk = {.end = RRD_HEADER_SIZE};
    struct rrd_reader reader;

    walk.result =
        rrd_reader_open_memory(&reader, (struct string_view){bytes, size}, "x.rrd", &walk.error);
    walk_on(&walk, &reader);
    return walk;
}

/* In memory it is the same recording, unless it is compressed. */
static void assert_same(const struct walk *a, const struct walk *b)
{
    cr_assert_eq(a->result, b->result);
    cr_assert_arr_eq(a->n_frames, b->n_frames, sizeof(a->n_frames));
    cr_assert_eq(a->end, b->end);
    cr_assert_eq(a->ending, b->ending);
    cr_assert_eq(a->cut_offset, b->cut_offset);
    cr_assert_eq(a->has_index, b->has_index);
    cr_assert_str_eq(a->error.text, b->error.text);
}

static struct walk walk_bytes(const void *bytes, size_t size)
{
    int fd = file_of(bytes, size);
    struct walk walk = walk_fd(fd);

    close(fd);
    if (size < 4 || memcmp(bytes, "\x28\xb5\x2f\xfd", 4) != 0) {
        struct walk in_memory = walk_memory(bytes, size);

        assert_same(&walk, &in_memory);
    }
    return walk;
}

Test(rrd_reader, reads_official_recordings)
{
    static const struct {
        const char *name;
        int n_infos, n_chunks, n_activations;
        bool has_index;
    } cases[] = {
        {"textlog_one.rrd", 2, 2, 0, true},
        {"textlog_one_uncompressed_reframed.rrd", 2, 2, 0, false},
        {"textlog_plain_nofooter.rrd", 2, 3, 0, false},
        {"empty_noprops.rrd", 2, 0, 0, true},
        {"with_blueprint.rrd", 4, 6, 1, true},
        {"multiprocess_saved_by_server.rrd", 8, 12, 0, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer file = load(cases[i].name);
        struct walk walk = walk_bytes(file.data, file.size);

        cr_expect_eq(walk.result, 0, "%s: %s", cases[i].name, walk.error.text);
        cr_expect_eq(walk.ending, RRD_COMPLETE, "%s", cases[i].name);
        cr_expect_eq(walk.n_frames[RRD_SET_STORE_INFO], cases[i].n_infos, "%s", cases[i].name);
        cr_expect_eq(walk.n_frames[RRD_ARROW_MSG], cases[i].n_chunks, "%s", cases[i].name);
        cr_expect_eq(walk.n_frames[RRD_BLUEPRINT_ACTIVATION], cases[i].n_activations);
        cr_expect_eq(walk.has_index, cases[i].has_index, "%s", cases[i].name);
        buffer_done(&file);
    }
}

/* Wherever a recording is cut, all whole frames are read, and the place to mend it at is told. */
Test(rrd_reader, reads_what_a_cut_leaves)
{
    struct buffer file = load("textlog_one.rrd");
    struct walk whole = walk_bytes(file.data, file.size);
    uint64_t footer = file.size - RRD_STREAM_FOOTER_SIZE;

    for (size_t size = RRD_HEADER_SIZE; size < file.size; size++) {
        struct walk cut = walk_bytes(file.data, size);

        cr_assert_eq(cut.result, 0, "at %zu: %s", size, cut.error.text);
        cr_assert_leq(cut.end, size);
        if (cut.ending == RRD_COMPLETE) {
            cr_assert(size == cut.end || size == footer, "at %zu", size);
            continue;
        }
        cr_assert_eq(cut.ending, RRD_CUT);
        cr_assert_eq(cut.cut_offset, size > footer ? footer : cut.end, "at %zu", size);
        cr_assert_eq(walk_bytes(file.data, cut.cut_offset).ending, RRD_COMPLETE);
    }
    cr_assert_eq(whole.n_frames[RRD_ARROW_MSG], 2);
    buffer_done(&file);
}

Test(rrd_reader, refuses_what_is_no_recording)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } cases[] = {
        {"", 0, "shorter"},
        {"RRF2", 4, "shorter"},
        {"#!/bin/sh\necho", 14, "does not begin"},
        {"RRF1\0\x29\0\0\1\2\0\0", 12, "older than RRF2"},
        {"RRF2\0\0\0\0\1\2\0\0", 12, "0.0.0"},
        {"RRF2\0\x16\1\0\1\2\0\0", 12, "0.22.1"},
        {"RRF2\0\x29\0\0\2\2\0\0", 12, "options"},
        {"RRF2\0\x29\0\0\1\1\0\0", 12, "options"},
        {"RRF2\0\x29\0\0\1\2\0\1", 12, "options"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct walk walk = walk_bytes(cases[i].bytes, cases[i].size);

        cr_assert_eq(walk.result, -EBADMSG, "case %zu", i);
        cr_assert_not_null(strstr(walk.error.text, cases[i].text), "%s", walk.error.text);
        cr_assert_not_null(strstr(walk.error.text, "x.rrd"), "%s", walk.error.text);
    }
}

Test(rrd_reader, tells_where_a_recording_is_damaged)
{
    struct buffer file = load("textlog_one.rrd");

    file.data[96] = 7; /* the kind of the second frame */
    struct walk walk = walk_bytes(file.data, file.size);

    cr_assert_eq(walk.result, -EBADMSG);
    cr_assert_eq(walk.n_frames[RRD_SET_STORE_INFO], 1);
    cr_assert_not_null(strstr(walk.error.text, "x.rrd: damaged at byte 96"), "%s", walk.error.text);
    buffer_done(&file);
}

Test(rrd_reader, refuses_more_behind_the_end)
{
    struct buffer file = load("textlog_one.rrd");

    cr_assert_eq(buffer_append(&file, "more", 4), 0);
    struct walk walk = walk_bytes(file.data, file.size);

    cr_assert_eq(walk.result, -EBADMSG);
    cr_assert_eq(walk.n_frames[RRD_ARROW_MSG], 2);
    buffer_done(&file);
}

/* A size that the file does not have is a cut, and costs no memory. */
Test(rrd_reader, believes_no_size)
{
    struct buffer file = load("textlog_one.rrd");
    static const uint64_t sizes[] = {UINT64_MAX, INT64_MAX, UINT32_MAX, 1 << 20};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        memcpy(file.data + 96 + 8, &sizes[i], sizeof(sizes[i]));
        struct walk walk = walk_bytes(file.data, file.size);

        cr_assert_eq(walk.result, 0);
        cr_assert_eq(walk.ending, RRD_CUT);
        cr_assert_eq(walk.cut_offset, 96);
    }
    buffer_done(&file);
}

/* A pipe has no size to hold a claim against, but a frame still has a limit. */
Test(rrd_reader, reads_a_pipe)
{
    struct buffer file = load("textlog_one.rrd");
    const uint64_t huge = UINT64_MAX / 2;
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], file.data, file.size), (ssize_t)file.size);
    close(ends[1]);
    struct walk walk = walk_fd(ends[0]);
    close(ends[0]);
    cr_assert_eq(walk.result, 0);
    cr_assert_eq(walk.ending, RRD_COMPLETE);
    cr_assert_eq(walk.n_frames[RRD_ARROW_MSG], 2);

    memcpy(file.data + 96 + 8, &huge, sizeof(huge));
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], file.data, file.size), (ssize_t)file.size);
    close(ends[1]);
    walk = walk_fd(ends[0]);
    close(ends[0]);
    cr_assert_eq(walk.result, -E2BIG);
    buffer_done(&file);
}

Test(rrd_reader, says_why_it_cannot_open)
{
    struct rrd_reader reader;
    struct rrd_error error;

    cr_assert_eq(rrd_reader_open(&reader, "/nonexistent/m.rrd", &error), -ENOENT);
    cr_assert_not_null(strstr(error.text, "/nonexistent/m.rrd"));
    rrd_reader_done(&reader);
    cr_assert_eq(rrd_reader_open(&reader, "/", &error), -EISDIR);
    cr_assert_not_null(strstr(error.text, "directory"));
    cr_assert_eq(rrd_reader_open(&reader, "/", NULL), -EISDIR);
}

/* Any bytes lead to an end or an error. Run under the sanitizers. */
Test(rrd_reader, survives_mutations)
{
    struct buffer file = load("with_blueprint.rrd");
    unsigned int seed = 7;
    int n_by_outcome[3] = {0};

    for (int round = 0; round < 3000; round++) {
        struct buffer copy;
        struct walk walk;

        buffer_init(&copy, BUFFER_NO_LIMIT);
        cr_assert_eq(buffer_append(&copy, file.data, file.size), 0);
        for (int i = 0; i < 200; i++)
            copy.data[12 + (size_t)rand_r(&seed) % (file.size - 12)] ^=
                (uint8_t)(1 << rand_r(&seed) % 8);
        walk = walk_bytes(copy.data, copy.size);
        n_by_outcome[walk.result < 0 ? 0 : walk.ending]++;
        buffer_done(&copy);
    }
    cr_assert_gt(n_by_outcome[0], 0);
    cr_assert_gt(n_by_outcome[RRD_CUT], 0);
    buffer_done(&file);
}

/* --- Compressed ---------------------------------------------------------------------------------
 */

#define ZSTD_PIECE ((size_t)512) /* bytes that become one zstd frame: a golden file has many */

/* Compresses in small frames, and notes which part of the file `n_pieces` of them are. */
static struct buffer compress(const struct buffer *file, size_t n_pieces, size_t *ret_size)
{
    ZSTD_CCtx *compressor = ZSTD_createCCtx();
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(buffer_reserve(&out, 2 * file->size + 4096), 0);
    cr_assert_not(ZSTD_isError(ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1)));
    for (size_t at = 0; at < file->size && at / ZSTD_PIECE < n_pieces; at += ZSTD_PIECE) {
        size_t left = file->size - at;
        size_t n = ZSTD_compress2(compressor, out.data + out.size, out.capacity - out.size,
                                  file->data + at, left < ZSTD_PIECE ? left : ZSTD_PIECE);

        cr_assert_not(ZSTD_isError(n));
        out.size += n;
        *ret_size = at + (left < ZSTD_PIECE ? left : ZSTD_PIECE);
    }
    ZSTD_freeCCtx(compressor);
    return out;
}

static void assert_same_walk(const struct walk *one, const struct walk *other)
{
    cr_assert_eq(one->result, 0, "%s", one->error.text);
    cr_assert_eq(memcmp(one->n_frames, other->n_frames, sizeof(one->n_frames)), 0);
    cr_assert_eq(one->end, other->end);
    cr_assert_eq(one->ending, other->ending);
    cr_assert_eq(one->cut_offset, other->cut_offset);
    cr_assert_eq(one->has_index, other->has_index);
}

Test(rrd_reader, reads_compressed_recordings_as_it_reads_plain_ones)
{
    static const char *const names[] = {"textlog_one.rrd", "textlog_plain_nofooter.rrd",
                                        "with_blueprint.rrd", "boxes2d_many_rows.rrd"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct buffer file = load(names[i]);
        size_t ignored;
        struct buffer compressed = compress(&file, SIZE_MAX, &ignored);
        struct walk plain = walk_bytes(file.data, file.size);
        struct walk walk = walk_bytes(compressed.data, compressed.size);

        assert_same_walk(&walk, &plain);
        cr_assert_eq(walk.ending, RRD_COMPLETE);
        buffer_done(&file);
        buffer_done(&compressed);
    }
}

/* Up to `size` bytes of a compressed file are there, which are n_pieces and a part of the next. */
static void check_compressed_cut(const struct buffer *compressed, size_t size,
                                 const struct walk *border, bool is_border)
{
    struct walk cut = walk_bytes(compressed->data, size);

    if (is_border) {
        assert_same_walk(&cut, border);
        return;
    }
    cr_assert_eq(cut.result, 0, "at %zu: %s", size, cut.error.text);
    cr_assert_eq(cut.ending, RRD_CUT, "at %zu", size);
    cr_assert_geq(cut.end, border->end, "at %zu: whole zstd frames were not read", size);
    /* The index has no rows, so what ends in it ends before it: nothing behind the last row. */
    cr_assert_geq(cut.cut_offset, cut.end);
}

Test(rrd_reader, reads_what_a_cut_leaves_of_a_compressed_recording)
{
    struct buffer file = load("textlog_one.rrd");
    size_t n_pieces = (file.size + ZSTD_PIECE - 1) / ZSTD_PIECE;

    for (size_t n = 1; n < n_pieces; n++) {
        size_t there;
        size_t ignored;
        struct buffer some = compress(&file, n, &there);
        struct buffer more = compress(&file, n + 1, &ignored);
        struct walk border = walk_bytes(file.data, there);

        /* A frame's size is not known, so a cut inside it is seen where its bytes end. */
        for (size_t size = some.size; size < more.size; size++)
            check_compressed_cut(&more, size, &border, size == some.size);
        buffer_done(&some);
        buffer_done(&more);
    }
    buffer_done(&file);
}

/* All Rerun frames are there, but the zstd frame's end is not. */
Test(rrd_reader, a_compressed_recording_that_lacks_its_checksum_is_cut)
{
    struct buffer file = load("textlog_plain_nofooter.rrd");
    size_t ignored;
    struct buffer compressed = compress(&file, SIZE_MAX, &ignored);
    struct walk walk = walk_bytes(compressed.data, compressed.size - 1);

    cr_assert_eq(walk.ending, RRD_CUT);
    cr_assert_eq(walk.cut_offset, file.size);
    cr_assert_eq(walk.end, file.size);
    buffer_done(&file);
    buffer_done(&compressed);
}

/* Each byte in turn: an error, or a cut, or at the least nothing but what was written. */
Test(rrd_reader, survives_each_flipped_byte_of_a_compressed_recording)
{
    struct buffer file = load("textlog_one.rrd");
    struct walk plain = walk_bytes(file.data, file.size);
    int n_errors = 0;
    size_t ignored;
    struct buffer compressed = compress(&file, SIZE_MAX, &ignored);

    for (size_t i = 0; i < compressed.size; i++) {
        struct walk walk;

        compressed.data[i] ^= (uint8_t)(1 << i % 8);
        walk = walk_bytes(compressed.data, compressed.size);
        compressed.data[i] ^= (uint8_t)(1 << i % 8);
        n_errors += walk.result < 0;
        if (walk.result < 0)
            cr_assert(strncmp(walk.error.text, "x.rrd: ", 7) == 0, "%s", walk.error.text);
        else if (walk.ending == RRD_COMPLETE)
            assert_same_walk(&walk, &plain);
    }
    cr_assert_gt(n_errors, (int)compressed.size / 2);
    buffer_done(&file);
    buffer_done(&compressed);
}

Test(rrd_reader, says_what_is_wrong_with_a_compressed_recording)
{
    struct buffer file = load("textlog_one.rrd");
    size_t ignored;
    struct buffer compressed = compress(&file, SIZE_MAX, &ignored);
    /* A frame that asks for a window of 256 MiB: magic, no size and checksum, 2^(10 + 18). */
    static const uint8_t large[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0x00, 0x00};
    struct walk walk = walk_bytes(large, sizeof(large));

    cr_assert_eq(walk.result, -E2BIG);
    cr_assert_not_null(strstr(walk.error.text, "above 128 MiB"), "%s", walk.error.text);
    compressed.data[compressed.size / 2] ^= 1;
    walk = walk_bytes(compressed.data, compressed.size);
    cr_assert_eq(walk.result, -EBADMSG);
    cr_assert_not_null(strstr(walk.error.text, "of the decompressed recording: "), "%s",
                       walk.error.text);
    cr_assert_not_null(strstr(walk.error.text, "`zstd -dc FILE | head -c "), "%s", walk.error.text);
    buffer_done(&file);
    buffer_done(&compressed);
}

/* --- Our own framing ---------------------------------------------------------------------------
 */

Test(rrd_reader, reads_what_the_writer_writes)
{
    struct buffer file;
    const struct set_store_info info = {
        .row_id = {1, 2},
        .store = {STORE_RECORDING, string_view_of("rec"), string_view_of("app")},
        .source = STORE_SOURCE_C_SDK,
        .crate_version = RRD_VERSION,
    };
    size_t start;

    buffer_init(&file, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&file), 0);
    cr_assert_eq(rrd_append_set_store_info(&file, &info), 0);
    cr_assert_eq(rrd_append_frame(&file, RRD_ARROW_MSG, "abc", 3), 0);
    cr_assert_eq(rrd_begin_frame(&file, RRD_ARROW_MSG, &start), 0);
    cr_assert_eq(buffer_append(&file, "defg", 4), 0);
    rrd_end_frame(&file, start);

    struct walk walk = walk_bytes(file.data, file.size);

    cr_assert_eq(walk.result, 0, "%s", walk.error.text);
    cr_assert_eq(walk.ending, RRD_COMPLETE);
    cr_assert_eq(walk.n_frames[RRD_SET_STORE_INFO], 1);
    cr_assert_eq(walk.n_frames[RRD_ARROW_MSG], 2);
    cr_assert_eq(walk.end, file.size);
    buffer_done(&file);
}

Test(rrd_reader, the_stream_header_is_the_official_one)
{
    struct buffer official = load("textlog_one.rrd");
    struct buffer ours;

    buffer_init(&ours, BUFFER_NO_LIMIT);
    cr_assert_eq(rrd_append_stream_header(&ours), 0);
    cr_assert_eq(ours.size, RRD_HEADER_SIZE);
    cr_assert_eq(memcmp(ours.data, official.data, RRD_HEADER_SIZE), 0);
    buffer_done(&official);
    buffer_done(&ours);
}

/* A writer that runs into its limit leaves whole frames. */
Test(rrd_reader, the_writer_takes_half_a_frame_back)
{
    struct buffer file;
    const struct set_store_info info = {
        .store = {STORE_RECORDING, string_view_of("rec"), string_view_of("app")},
    };

    for (size_t limit = 12; limit < 60; limit++) {
        buffer_init(&file, limit);
        cr_assert_eq(rrd_append_stream_header(&file), 0);
        (void)!rrd_append_set_store_info(&file, &info);
        (void)!rrd_append_frame(&file, RRD_ARROW_MSG, "abcdefgh", 8);
        cr_assert_eq(walk_bytes(file.data, file.size).ending, RRD_COMPLETE, "limit %zu", limit);
        buffer_done(&file);
    }
}
