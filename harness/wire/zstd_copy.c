/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compressing a file piece by piece. It neither names nor syncs files. State: on the stack of one
 * call.
 */
#include "harness/wire/zstd_copy.h"

#include "harness/wire/file_source.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

struct copy {
    struct file_source from;
    int to;
    ZSTD_CCtx *compressor;
    uint8_t *piece; /* ZSTD_COPY_FRAME_SIZE bytes, read; behind them room for one frame */
    uint8_t *frame;
    size_t frame_capacity;
};

static int init(struct copy *copy, int from, int to, int level)
{
    size_t code;
    int result = file_source_open(&copy->from, from);

    copy->to = to;
    copy->frame_capacity = ZSTD_compressBound(ZSTD_COPY_FRAME_SIZE);
    copy->piece = malloc(ZSTD_COPY_FRAME_SIZE + copy->frame_capacity);
    copy->compressor = ZSTD_createCCtx();
    if (result < 0)
        return result;
    if (copy->piece == NULL || copy->compressor == NULL)
        return -ENOMEM;
    copy->frame = copy->piece + ZSTD_COPY_FRAME_SIZE;
    code = ZSTD_CCtx_setParameter(copy->compressor, ZSTD_c_compressionLevel, level);
    if (!ZSTD_isError(code))
        code = ZSTD_CCtx_setParameter(copy->compressor, ZSTD_c_checksumFlag, 1);
    return ZSTD_isError(code) ? -EINVAL : 0;
}

static void done(struct copy *copy)
{
    (void)ZSTD_freeCCtx(copy->compressor);
    free(copy->piece);
}

/* Reads a whole piece, or what is left of the file. */
static int read_piece(struct copy *copy, size_t *ret_size)
{
    ssize_t n = 1;

    *ret_size = 0;
    while (n > 0 && *ret_size < ZSTD_COPY_FRAME_SIZE) {
        n = file_source_read(&copy->from, copy->piece + *ret_size,
                             ZSTD_COPY_FRAME_SIZE - *ret_size);
        if (n > 0)
            *ret_size += (size_t)n;
    }
    return n < 0 ? (int)n : 0;
}

static int write_all(int to, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(to, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ENOSPC;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

static int write_frame(const struct copy *copy, size_t size)
{
    size_t code =
        ZSTD_compress2(copy->compressor, copy->frame, copy->frame_capacity, copy->piece, size);

    if (ZSTD_isError(code))
        return ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation ? -ENOMEM : -EIO;
    return write_all(copy->to, copy->frame, code);
}

/* An empty file becomes an empty frame: no bytes at all would be no zstd file. */
static int copy_all(struct copy *copy, const struct zstd_progress *progress)
{
    size_t size = 0;
    int result;

    do {
        result = read_piece(copy, &size);
        if (result == 0 && (size > 0 || copy->from.offset == 0))
            result = write_frame(copy, size);
        if (result == 0 && progress != NULL && progress->tell != NULL)
            progress->tell(progress->context, copy->from.offset);
    } while (result == 0 && size == ZSTD_COPY_FRAME_SIZE);
    return result;
}

int zstd_copy(int from, int to, int level, const struct zstd_progress *progress)
{
    struct copy copy = {0};
    int result = init(&copy, from, to, level);

    if (result == 0)
        result = copy_all(&copy, progress);
    done(&copy);
    return result;
}
