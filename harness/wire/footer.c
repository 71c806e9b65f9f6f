/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Appends the index to a recording. State: on the stack.
 *
 * Everything is known before the first byte is written, and what was written is taken back when the
 * rest cannot be: a file that ends inside its index is refused by strict readers.
 */
#include "harness/wire/footer.h"

#include "harness/wire/chunk_decoder.h"
#include "harness/wire/manifest_writer.h"
#include "harness/wire/rrd_reader.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#define XXH32_SEED 7850921

struct footer {
    const char *name;
    struct key_index stores; /* encoded StoreIds */
    struct buffer manifests; /* struct manifest, one for each store */
    struct buffer key;
    struct buffer end; /* the End frame and what follows */
};

static struct manifest *manifest_at(const struct footer *footer, size_t i)
{
    return (struct manifest *)footer->manifests.data + i;
}

static void footer_init(struct footer *footer, const char *name)
{
    *footer = (struct footer){.name = name};
    key_index_init(&footer->stores);
    buffer_init(&footer->manifests, BUFFER_NO_LIMIT);
    buffer_init(&footer->key, BUFFER_NO_LIMIT);
    buffer_init(&footer->end, FOOTER_MAX_SIZE);
}

static void footer_done(struct footer *footer)
{
    for (size_t i = 0; i < footer->stores.n; i++)
        manifest_done(manifest_at(footer, i));
    key_index_done(&footer->stores);
    buffer_done(&footer->manifests);
    buffer_done(&footer->key);
    buffer_done(&footer->end);
}

/* Adds a word about the recording to what a lower layer said, or says it all. */
static int fail(const struct footer *footer, int result, const char *reason,
                struct rrd_error *error)
{
    rrd_error_set(error, "%s: no index was added: %s", footer->name,
                  reason[0] != '\0' ? reason : strerror(-result));
    return result;
}

/* --- Collecting ------------------------------------------------------------------------------- */

/* Finds the manifest of a store, or makes it. Its strings live in the key. */
static int find_manifest(struct footer *footer, const struct store_id *store,
                         struct manifest **ret_manifest)
{
    struct store_id kept = {.kind = STORE_RECORDING};
    uint32_t number;
    bool is_new;
    int error;

    buffer_truncate(&footer->key, 0);
    error = store_id_encode(store, &footer->key);
    if (error == 0)
        error = buffer_reserve(&footer->manifests, sizeof(struct manifest));
    if (error == 0)
        error = key_index_add(&footer->stores,
                              (struct string_view){(char *)footer->key.data, footer->key.size},
                              &number, &is_new);
    if (error == 0 && is_new) {
        footer->manifests.size += sizeof(struct manifest);
        error = store_id_decode(footer->stores.keys[number], &kept);
        manifest_init(manifest_at(footer, number), &kept);
    }
    if (error == 0)
        *ret_manifest = manifest_at(footer, number);
    return error;
}

static int add_chunk(struct footer *footer, const struct chunk *chunk,
                     const struct rrd_frame *frame, struct rrd_error *reason)
{
    const struct manifest_place place = {
        .offset = frame->offset + RRD_FRAME_HEADER_SIZE,
        .size = frame->payload.size,
    };
    struct manifest *manifest;
    int error = find_manifest(footer, &chunk->store, &manifest);

    return error != 0 ? error : manifest_add(manifest, chunk, place, reason);
}

static int add_frame(struct footer *footer, struct chunk_decoder *decoder,
                     const struct rrd_frame *frame, struct rrd_error *error)
{
    struct rrd_error reason = {""};
    struct chunk chunk;
    int result = chunk_decoder_decode(decoder, frame->payload, &chunk, &reason);

    if (result != 0) {
        rrd_error_set(error, "%s: no index was added: the chunk at byte %" PRIu64 " is damaged: %s",
                      footer->name, frame->offset, reason.text);
        return result;
    }
    result = add_chunk(footer, &chunk, frame, &reason);
    return result != 0 ? fail(footer, result, reason.text, error) : 0;
}

/* Returns 1 at the end of a recording that has no index yet; 0 when it has one; -errno. */
static int collect(struct footer *footer, struct rrd_reader *reader, struct chunk_decoder *decoder,
                   struct rrd_error *error)
{
    struct rrd_frame frame;
    int more;

    while ((more = rrd_reader_next(reader, &frame, error)) > 0) {
        int result = frame.kind == RRD_ARROW_MSG ? add_frame(footer, decoder, &frame, error) : 0;

        if (result != 0)
            return result;
    }
    if (more < 0)
        return more;
    if (reader->ending == RRD_CUT) {
        rrd_error_set(error,
                      "%s: no index was added: it is cut inside a frame; cut it to its last whole "
                      "one: truncate -s %" PRIu64,
                      footer->name, reader->cut_offset);
        return -EBADMSG;
    }
    return reader->has_index ? 0 : 1;
}

static int collect_from(struct footer *footer, int fd, uint64_t *ret_size, struct rrd_error *error)
{
    struct chunk_decoder *decoder;
    struct rrd_reader reader;
    int result = rrd_reader_open_fd(&reader, fd, footer->name, error);

    if (result != 0)
        return result;
    if (byte_source_is_compressed(&reader.source)) {
        rrd_reader_done(&reader);
        return fail(footer, -EINVAL, "it is compressed, and the index comes before that", error);
    }
    result = chunk_decoder_create(&decoder);
    if (result != 0) {
        rrd_reader_done(&reader);
        return fail(footer, result, "", error);
    }
    result = collect(footer, &reader, decoder, error);
    *ret_size = reader.offset;
    chunk_decoder_destroy(decoder);
    rrd_reader_done(&reader);
    return result;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static int append_u64(struct buffer *out, uint64_t value)
{
    value = htole64(value);
    return buffer_append(out, &value, sizeof(value));
}

static int append_u32(struct buffer *out, uint32_t value)
{
    value = htole32(value);
    return buffer_append(out, &value, sizeof(value));
}

/* What follows the End frame: where its payload is, in a file of which `file_size` bytes come
 * before. */
static int append_stream_footer(struct buffer *out, uint64_t file_size)
{
    const uint8_t *payload = out->data + RRD_FRAME_HEADER_SIZE;
    size_t size = out->size - RRD_FRAME_HEADER_SIZE;
    uint32_t checksum = XXH32(payload, size, XXH32_SEED);
    int error = append_u64(out, file_size + RRD_FRAME_HEADER_SIZE);

    if (error == 0)
        error = append_u64(out, size);
    if (error == 0)
        error = append_u32(out, checksum);
    if (error == 0)
        error = buffer_append(out, "RRF2FOOT", 8);
    return error != 0 ? error : append_u32(out, 1);
}

static int encode(struct footer *footer, uint64_t file_size, struct rrd_error *reason)
{
    size_t start;
    int error = rrd_begin_frame(&footer->end, RRD_END, &start);

    for (size_t i = 0; error == 0 && i < footer->stores.n; i++)
        error = manifest_write(manifest_at(footer, i), &footer->end, reason);
    if (error != 0)
        return error;
    rrd_end_frame(&footer->end, start);
    return append_stream_footer(&footer->end, file_size);
}

static int write_all(int fd, const struct buffer *bytes, uint64_t offset)
{
    size_t done = 0;

    while (done < bytes->size) {
        ssize_t n = pwrite(fd, bytes->data + done, bytes->size - done, (off_t)(offset + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += (size_t)n;
    }
    return 0;
}

static int append_to(struct footer *footer, int fd, uint64_t file_size, struct rrd_error *error)
{
    struct rrd_error reason = {""};
    int result = encode(footer, file_size, &reason);

    if (result != 0)
        return fail(footer, result, reason.text, error);
    result = write_all(fd, &footer->end, file_size);
    if (result == 0)
        return 0;
    if (ftruncate(fd, (off_t)file_size) != 0)
        return fail(footer, result, "it could not be written whole, nor taken back", error);
    return fail(footer, result, "", error);
}

int footer_append(int fd, const char *name, struct rrd_error *error)
{
    struct footer footer;
    uint64_t file_size = 0;
    int result;

    footer_init(&footer, name);
    result = collect_from(&footer, fd, &file_size, error);
    if (result == 1)
        result = footer.stores.n > 0 ? append_to(&footer, fd, file_size, error) : 0;
    footer_done(&footer);
    return result;
}

bool footer_is_impossible(int error)
{
    return error == -ENOTSUP || error == -E2BIG;
}
