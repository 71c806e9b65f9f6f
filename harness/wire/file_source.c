/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading a descriptor from its first byte to its last. It knows no format: what the head means is
 * its caller's. State: the caller's struct.
 */
#include "harness/wire/file_source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t read_at(const struct file_source *source, void *bytes, size_t size, uint64_t offset)
{
    ssize_t n;

    do {
        n = source->is_seekable ? pread(source->fd, bytes, size, (off_t)offset)
                                : read(source->fd, bytes, size);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static int read_head(struct file_source *source)
{
    ssize_t n = 1;

    while (n > 0 && source->n_head < sizeof(source->head)) {
        n = read_at(source, source->head + source->n_head, sizeof(source->head) - source->n_head,
                    source->n_head);
        if (n > 0)
            source->n_head += (size_t)n;
    }
    return n < 0 ? (int)n : 0;
}

int file_source_open(struct file_source *source, int fd)
{
    struct stat status;

    *source = (struct file_source){.fd = fd};
    if (fstat(fd, &status) != 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return -EISDIR;
    source->is_seekable = S_ISREG(status.st_mode);
    source->size = source->is_seekable ? (uint64_t)status.st_size : UINT64_MAX;
    return read_head(source);
}

ssize_t file_source_read(struct file_source *source, void *bytes, size_t size)
{
    ssize_t n;

    if (source->offset < source->n_head) {
        size_t left = source->n_head - (size_t)source->offset;

        n = (ssize_t)(left < size ? left : size);
        memcpy(bytes, source->head + source->offset, (size_t)n);
    } else {
        n = read_at(source, bytes, size, source->offset);
    }
    if (n > 0)
        source->offset += (uint64_t)n;
    return n;
}
