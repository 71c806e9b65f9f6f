/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The framing of recordings. No state: everything goes to the caller's buffer.
 */
#include "harness/wire/rrd_writer.h"

#include <endian.h>

int rrd_append_stream_header(struct buffer *out)
{
    /* Version; compression LZ4, which readers take from each message instead; protobuf. */
    static const char header[RRD_HEADER_SIZE] = "RRF2"
                                                "\x00\x29\x00\x00"
                                                "\x01\x02\x00\x00";

    _Static_assert(RRD_VERSION == 0x2900, "the version is written in two places");
    return buffer_append(out, header, sizeof(header));
}

int rrd_begin_frame(struct buffer *out, enum rrd_kind kind, size_t *ret_start)
{
    size_t start = out->size;
    uint64_t header[2] = {htole64(kind), 0};
    int error = buffer_append(out, header, sizeof(header));

    if (error != 0)
        return error;
    *ret_start = start;
    return 0;
}

void rrd_end_frame(struct buffer *out, size_t start)
{
    uint64_t size = htole64(out->size - start - RRD_FRAME_HEADER_SIZE);

    memcpy(out->data + start + sizeof(uint64_t), &size, sizeof(size));
}

int rrd_append_frame(struct buffer *out, enum rrd_kind kind, const void *payload, size_t size)
{
    size_t start;
    int error = rrd_begin_frame(out, kind, &start);

    if (error != 0)
        return error;
    error = buffer_append(out, payload, size);
    if (error != 0) {
        buffer_truncate(out, start);
        return error;
    }
    rrd_end_frame(out, start);
    return 0;
}

int rrd_append_set_store_info(struct buffer *out, const struct set_store_info *info)
{
    size_t start;
    int error = rrd_begin_frame(out, RRD_SET_STORE_INFO, &start);

    if (error != 0)
        return error;
    error = set_store_info_encode(info, out);
    if (error != 0) {
        buffer_truncate(out, start);
        return error;
    }
    rrd_end_frame(out, start);
    return 0;
}
