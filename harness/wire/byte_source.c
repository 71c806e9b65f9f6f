/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Chooses between the kinds of source; reads nothing but memory itself. State: the caller's struct.
 */
#include "harness/wire/byte_source.h"

#include <string.h>

int byte_source_open(struct byte_source *source, int fd)
{
    int result;

    *source = (struct byte_source){0};
    result = file_source_open(&source->file, fd);
    if (result == 0 && zstd_source_is_magic(source->file.head, source->file.n_head))
        result = zstd_source_create(&source->zstd);
    return result;
}

void byte_source_open_memory(struct byte_source *source, struct string_view bytes)
{
    *source = (struct byte_source){.is_memory = true, .memory = bytes, .memory_size = bytes.size};
}

void byte_source_done(struct byte_source *source)
{
    zstd_source_destroy(source->zstd);
    *source = (struct byte_source){0};
}

static ssize_t read_memory(struct string_view *left, void *bytes, size_t size)
{
    size_t n = left->size < size ? left->size : size;

    if (n > 0)
        memcpy(bytes, left->data, n);
    *left = (struct string_view){left->data + n, left->size - n};
    return (ssize_t)n;
}

ssize_t byte_source_read(struct byte_source *source, void *bytes, size_t size)
{
    if (source->is_memory)
        return read_memory(&source->memory, bytes, size);
    return source->zstd != NULL ? zstd_source_read(source->zstd, &source->file, bytes, size)
                                : file_source_read(&source->file, bytes, size);
}

bool byte_source_skip_to(struct byte_source *source, uint64_t offset)
{
    if (source->is_memory || source->zstd != NULL || !source->file.is_seekable)
        return false;
    source->file.offset = offset;
    return true;
}

bool byte_source_is_compressed(const struct byte_source *source)
{
    return source->zstd != NULL;
}

uint64_t byte_source_size(const struct byte_source *source)
{
    if (source->is_memory)
        return source->memory_size;
    return source->zstd != NULL ? UINT64_MAX : source->file.size;
}

bool byte_source_is_cut(const struct byte_source *source)
{
    return source->zstd != NULL && zstd_source_is_cut(source->zstd);
}

const char *byte_source_fault(const struct byte_source *source)
{
    return source->zstd != NULL ? zstd_source_fault(source->zstd) : NULL;
}
