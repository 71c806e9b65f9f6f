/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Walks the frames of a recording. It believes nothing that the file says about itself before the
 * bytes are there: a frame's size is held against the file's, memory comes after that; where that
 * is not known, memory grows with the bytes that come.
 *
 * The window is a stretch of the recording in memory. The frame being read lies in it, at
 * reader->offset; what was read ahead behind that frame is kept for the next ones. State: the
 * caller's struct.
 */
#include "harness/wire/rrd_reader.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* Small frames are read many at a time. */
#define READ_AHEAD ((size_t)256 << 10)

/* The oldest version that Rerun 0.41 still reads, as in the stream header. */
#define OLDEST_MINOR 23

/* --- The window ------------------------------------------------------------------------------- */

/* Returns the bytes at reader->offset, and how many of them are in the window. */
static const uint8_t *ahead(const struct rrd_reader *reader, size_t *ret_size)
{
    size_t passed = (size_t)(reader->offset - reader->window_offset);

    *ret_size = reader->window.size - passed;
    return passed > 0 ? reader->window.data + passed : reader->window.data;
}

/* Drops what lies before reader->offset. */
static void advance_window(struct rrd_reader *reader)
{
    size_t left;
    const uint8_t *bytes = ahead(reader, &left);

    if (left > 0)
        memmove(reader->window.data, bytes, left);
    buffer_truncate(&reader->window, left);
    reader->window_offset = reader->offset;
}

static bool knows_size(const struct rrd_reader *reader)
{
    return byte_source_size(&reader->source) != UINT64_MAX;
}

/* Reads more behind what the window holds. `wanted` bytes are said to come. Returns 1, 0, -errno.
 */
static int read_more(struct rrd_reader *reader, size_t wanted)
{
    struct buffer *window = &reader->window;
    bool trusts = wanted > READ_AHEAD && knows_size(reader);
    int error = buffer_reserve(window, trusts ? wanted : READ_AHEAD);
    ssize_t n;

    if (error != 0)
        return error;
    n = byte_source_read(&reader->source, window->data + window->size,
                         window->capacity - window->size);
    if (n > 0)
        window->size += (size_t)n;
    return n > 0 ? 1 : (int)n;
}

/*
 * Reads until the window holds `size` bytes at reader->offset; *ret_bytes points to them. Returns
 * 1; 0 when the file ends before; -errno.
 */
static int fill_window(struct rrd_reader *reader, size_t size, const uint8_t **ret_bytes)
{
    struct buffer *window = &reader->window;
    size_t left;
    int got = 1;

    *ret_bytes = ahead(reader, &left);
    if (left >= size)
        return 1;
    advance_window(reader);
    while (got == 1 && window->size < size)
        got = read_more(reader, size - window->size);
    *ret_bytes = window->data;
    return got;
}

/* Tells whether the file ends at reader->offset, after fill_window returned 0. */
static bool is_at_end(const struct rrd_reader *reader)
{
    size_t left;

    (void)ahead(reader, &left);
    return left == 0;
}

static uint64_t load_u64(const uint8_t *bytes)
{
    uint64_t value;

    memcpy(&value, bytes, sizeof(value));
    return le64toh(value);
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* In a message, behind an offset. */
static const char *of_what(const struct rrd_reader *reader)
{
    return byte_source_is_compressed(&reader->source) ? " of the decompressed recording" : "";
}

static const char *why(const struct rrd_reader *reader, int result)
{
    const char *fault = byte_source_fault(&reader->source);

    return fault != NULL ? fault : strerror(-result);
}

static int not_a_recording(const struct rrd_reader *reader, const char *reason,
                           struct rrd_error *error)
{
    rrd_error_set(error, "%s: not a Rerun recording: %s", reader->name, reason);
    return -EBADMSG;
}

static int check_version(struct rrd_reader *reader, const uint8_t *version, struct rrd_error *error)
{
    reader->version = (uint32_t)version[0] | (uint32_t)version[1] << 8 |
                      (uint32_t)version[2] << 16 | (uint32_t)version[3] << 24;
    if (version[0] > 0 || version[1] >= OLDEST_MINOR)
        return 0;
    rrd_error_set(error,
                  "%s: written by Rerun %d.%d.%d, which is too old to read: convert it with `rerun "
                  "rrd migrate`",
                  reader->name, version[0], version[1], version[2]);
    return -EBADMSG;
}

static int check_stream_header(struct rrd_reader *reader, struct rrd_error *error)
{
    const uint8_t *header;
    int got = fill_window(reader, RRD_HEADER_SIZE, &header);

    if (got < 0) {
        rrd_error_set(error, "%s: cannot read: %s", reader->name, why(reader, got));
        return got;
    }
    if (got == 0)
        return not_a_recording(reader, "it is shorter than the 12 bytes of a header", error);
    if (memcmp(header, "RRF", 3) != 0)
        return not_a_recording(reader, "it does not begin with RRF2", error);
    if (header[3] != '2')
        return not_a_recording(reader, "its format is older than RRF2", error);
    if (header[8] > 1 || header[9] != 2 || header[10] != 0 || header[11] != 0)
        return not_a_recording(reader, "its header has options that nobody knows", error);
    reader->offset = RRD_HEADER_SIZE;
    return check_version(reader, header + 4, error);
}

static int open_source(struct rrd_reader *reader, int fd, struct rrd_error *error)
{
    int result = byte_source_open(&reader->source, fd);

    if (result == -EISDIR)
        rrd_error_set(error, "%s: is a directory, not a recording", reader->name);
    else if (result < 0)
        rrd_error_set(error, "%s: cannot read: %s", reader->name, strerror(-result));
    return result;
}

static int init(struct rrd_reader *reader, const char *name, struct rrd_error *error)
{
    *reader = (struct rrd_reader){.own_fd = -1, .name = strdup(name)};
    buffer_init(&reader->window, RRD_MAX_FRAME_SIZE + RRD_FRAME_HEADER_SIZE + 2 * READ_AHEAD);
    if (reader->name != NULL)
        return 0;
    rrd_error_set(error, "%s: out of memory", name);
    return -ENOMEM;
}

/* `result`: of what came before. */
static int begin(struct rrd_reader *reader, int result, struct rrd_error *error)
{
    if (result == 0)
        result = check_stream_header(reader, error);
    if (result != 0)
        rrd_reader_done(reader);
    return result;
}

int rrd_reader_open_fd(struct rrd_reader *reader, int fd, const char *name, struct rrd_error *error)
{
    int result = init(reader, name, error);

    if (result == 0)
        result = open_source(reader, fd, error);
    return begin(reader, result, error);
}

int rrd_reader_open_memory(struct rrd_reader *reader, struct string_view bytes, const char *name,
                           struct rrd_error *error)
{
    int result = init(reader, name, error);

    if (result == 0)
        byte_source_open_memory(&reader->source, bytes);
    return begin(reader, result, error);
}

int rrd_reader_open(struct rrd_reader *reader, const char *path, struct rrd_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result;

    *reader = (struct rrd_reader){.own_fd = -1};
    if (fd < 0) {
        int saved = errno;

        rrd_error_set(error, "%s: cannot open: %s", path, strerror(saved));
        return -saved;
    }
    result = rrd_reader_open_fd(reader, fd, path, error);
    if (result != 0) {
        (void)close(fd);
        return result;
    }
    reader->own_fd = fd;
    return 0;
}

void rrd_reader_skip_to(struct rrd_reader *reader, uint64_t offset)
{
    if (offset <= reader->offset || !byte_source_skip_to(&reader->source, offset))
        return;
    buffer_truncate(&reader->window, 0);
    reader->offset = reader->window_offset = offset;
}

void rrd_reader_done(struct rrd_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->own_fd >= 0)
        (void)close(reader->own_fd);
    byte_source_done(&reader->source);
    free(reader->name);
    buffer_done(&reader->window);
    *reader = (struct rrd_reader){.own_fd = -1};
}

/* --- Frames ----------------------------------------------------------------------------------- */

/* The file ends inside what begins at reader->offset. */
static int end_cut(struct rrd_reader *reader)
{
    reader->ending = RRD_CUT;
    reader->cut_offset = reader->offset;
    return 0;
}

/* The bytes end where a frame does: all is there, unless compressed ones should have followed. */
static int end_complete(struct rrd_reader *reader)
{
    if (byte_source_is_cut(&reader->source))
        return end_cut(reader);
    reader->ending = RRD_COMPLETE;
    return 0;
}

static int damaged(struct rrd_reader *reader, const char *reason, struct rrd_error *error)
{
    bool is_compressed = byte_source_is_compressed(&reader->source);

    rrd_error_set(error,
                  "%s: damaged at byte %" PRIu64
                  "%s: %s; what lies before can be saved with `%shead -c %" PRIu64 "`",
                  reader->name, reader->offset, of_what(reader), reason,
                  is_compressed ? "zstd -dc FILE | " : "", reader->offset);
    return -EBADMSG;
}

static int fail(struct rrd_reader *reader, int result, struct rrd_error *error)
{
    if (result == -EBADMSG)
        return damaged(reader, why(reader, result), error);
    rrd_error_set(error, "%s: cannot read at byte %" PRIu64 "%s: %s", reader->name, reader->offset,
                  of_what(reader), why(reader, result));
    return result;
}

/* Behind the End frame comes the stream footer, and nothing else. */
static int read_footer(struct rrd_reader *reader, struct rrd_error *error)
{
    const uint8_t *footer;
    int got = fill_window(reader, RRD_STREAM_FOOTER_SIZE + 1, &footer);

    if (got < 0)
        return fail(reader, got, error);
    if (is_at_end(reader))
        return end_complete(reader);
    if (reader->window.size < RRD_STREAM_FOOTER_SIZE)
        return end_cut(reader);
    if (got == 1 || memcmp(footer + 20, "RRF2FOOT", 8) != 0)
        return damaged(reader, "there is more behind the end of the recording", error);
    return end_complete(reader);
}

/* Takes in the frame whose header is in the window and which lies inside the file. */
static int read_frame(struct rrd_reader *reader, uint64_t kind, size_t size,
                      struct rrd_frame *ret_frame, struct rrd_error *error)
{
    const uint8_t *frame;
    int got = fill_window(reader, RRD_FRAME_HEADER_SIZE + size, &frame);

    if (got < 0)
        return fail(reader, got, error);
    if (got == 0)
        return end_cut(reader);
    *ret_frame = (struct rrd_frame){
        .kind = (enum rrd_kind)kind,
        .offset = reader->offset,
        .payload = {(const char *)frame + RRD_FRAME_HEADER_SIZE, size},
    };
    reader->offset += RRD_FRAME_HEADER_SIZE + size;
    return 1;
}

/* As read_frame for an End frame, whose payload is not wanted. */
static int read_end(struct rrd_reader *reader, size_t size, struct rrd_error *error)
{
    struct rrd_frame ignored;
    int got = read_frame(reader, RRD_END, size, &ignored, error);

    if (got != 1)
        return got;
    reader->has_index = true;
    return read_footer(reader, error);
}

static int check_size(const struct rrd_reader *reader, uint64_t size, struct rrd_error *error)
{
    if (size <= RRD_MAX_FRAME_SIZE)
        return 0;
    rrd_error_set(error,
                  "%s: the frame at byte %" PRIu64 "%s has %" PRIu64
                  " bytes, more than are read at once (%zu)",
                  reader->name, reader->offset, of_what(reader), size, RRD_MAX_FRAME_SIZE);
    return -E2BIG;
}

static int next_frame(struct rrd_reader *reader, struct rrd_frame *ret_frame,
                      struct rrd_error *error)
{
    uint64_t kind, size;
    const uint8_t *header;
    int got = fill_window(reader, RRD_FRAME_HEADER_SIZE, &header);

    if (got < 0)
        return fail(reader, got, error);
    if (got == 0)
        return is_at_end(reader) ? end_complete(reader) : end_cut(reader);
    kind = load_u64(header);
    size = load_u64(header + sizeof(kind));
    if (kind > RRD_BLUEPRINT_ACTIVATION)
        return damaged(reader, "no frame begins there", error);
    if (knows_size(reader) &&
        size > byte_source_size(&reader->source) - reader->offset - RRD_FRAME_HEADER_SIZE)
        return end_cut(reader);
    got = check_size(reader, size, error);
    if (got != 0)
        return got;
    return kind == RRD_END ? read_end(reader, (size_t)size, error)
                           : read_frame(reader, kind, (size_t)size, ret_frame, error);
}

int rrd_reader_next(struct rrd_reader *reader, struct rrd_frame *ret_frame, struct rrd_error *error)
{
    if (reader->ending != RRD_ENDING_NONE)
        return 0;
    if (reader->has_index)
        return read_footer(reader, error);
    return next_frame(reader, ret_frame, error);
}
