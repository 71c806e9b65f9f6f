/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Decompressing as a stream. It believes nothing that a frame says of itself: libzstd refuses
 * windows above the maximum before it takes memory for them. State: the struct.
 */
#include "harness/wire/zstd_source.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct zstd_source {
    ZSTD_DCtx *decompressor;
    ZSTD_inBuffer in; /* of `bytes`: what was read of the file and not decompressed yet */
    bool is_at_end;   /* of the file */
    bool is_in_frame; /* one has begun, and not everything of it was given */
    bool is_over;     /* 0 was returned */
    int error;        /* the first one, for ever */
    const char *fault;
    size_t capacity;
    uint8_t bytes[];
};

bool zstd_source_is_magic(const uint8_t *head, size_t size)
{
    uint32_t magic;

    if (size < sizeof(magic))
        return false;
    magic = (uint32_t)head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 |
            (uint32_t)head[3] << 24;
    return magic == ZSTD_MAGICNUMBER ||
           (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

int zstd_source_create(struct zstd_source **ret_source)
{
    size_t capacity = ZSTD_DStreamInSize();
    struct zstd_source *source = calloc(1, sizeof(*source) + capacity);

    if (source == NULL)
        return -ENOMEM;
    source->capacity = capacity;
    source->in.src = source->bytes;
    source->decompressor = ZSTD_createDCtx();
    if (source->decompressor == NULL ||
        ZSTD_isError(ZSTD_DCtx_setParameter(source->decompressor, ZSTD_d_windowLogMax,
                                            ZSTD_SOURCE_MAX_WINDOW_LOG))) {
        zstd_source_destroy(source);
        return -ENOMEM;
    }
    *ret_source = source;
    return 0;
}

void zstd_source_destroy(struct zstd_source *source)
{
    if (source == NULL)
        return;
    (void)ZSTD_freeDCtx(source->decompressor);
    free(source);
}

static int refill(struct zstd_source *source, struct file_source *file)
{
    ssize_t n = file_source_read(file, source->bytes, source->capacity);

    if (n < 0)
        return (int)n;
    source->in.size = (size_t)n;
    source->in.pos = 0;
    source->is_at_end = n == 0;
    return 0;
}

static int explain(struct zstd_source *source, size_t code)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return -ENOMEM;
    case ZSTD_error_frameParameter_windowTooLarge:
        source->fault = "its compression needs a window above 128 MiB of memory; decompress it "
                        "with `zstd -d --long=31`";
        return -E2BIG;
    default:
        source->fault = ZSTD_getErrorName(code);
        return -EBADMSG;
    }
}

/* Decompresses what there is room for. Without input it would take the next frame for begun. */
static int decompress(struct zstd_source *source, ZSTD_outBuffer *out)
{
    size_t code;

    if (source->in.pos == source->in.size && !source->is_in_frame)
        return 0;
    code = ZSTD_decompressStream(source->decompressor, out, &source->in);
    if (ZSTD_isError(code))
        return explain(source, code);
    source->is_in_frame = code != 0;
    return 0;
}

ssize_t zstd_source_read(struct zstd_source *source, struct file_source *file, void *bytes,
                         size_t size)
{
    ZSTD_outBuffer out = {bytes, size, 0};

    while (source->error == 0 && out.pos == 0 && !source->is_over) {
        if (source->in.pos == source->in.size && !source->is_at_end)
            source->error = refill(source, file);
        if (source->error == 0)
            source->error = decompress(source, &out);
        /* At the end of the file a call without output means that there is none left inside. */
        source->is_over = source->error == 0 && source->is_at_end && out.pos == 0;
    }
    return out.pos > 0 ? (ssize_t)out.pos : source->error;
}

bool zstd_source_is_cut(const struct zstd_source *source)
{
    return source->is_in_frame;
}

const char *zstd_source_fault(const struct zstd_source *source)
{
    return source->fault;
}
