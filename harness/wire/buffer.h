/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A growing array of bytes with an upper limit.
 *
 * Not thread-safe. Pointers into `data` are good until the next call that may grow the buffer.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buffer {
    uint8_t *data;   /* NULL until the first bytes */
    size_t size;     /* bytes in use, <= capacity */
    size_t capacity; /* <= limit */
    size_t limit;    /* bytes; a growth beyond it is refused with -E2BIG */
};

#define BUFFER_NO_LIMIT SIZE_MAX

/* Makes an empty buffer in the caller's memory; allocates nothing. */
void buffer_init(struct buffer *buffer, size_t limit_bytes);

/* Frees the bytes. The buffer is empty then and can be used again. NULL does nothing. */
void buffer_done(struct buffer *buffer);

/*
 * Makes room for `extra` more bytes, at least doubling what it has.
 * Returns 0; -E2BIG when size + extra is above the limit; -ENOMEM. The content stays in any case.
 */
__attribute__((warn_unused_result)) int buffer_reserve(struct buffer *buffer, size_t extra);

/* Appends. Errors as buffer_reserve. `bytes` may be NULL when n is 0, and may not lie inside the
 * buffer. */
__attribute__((warn_unused_result)) int buffer_append(struct buffer *buffer, const void *bytes,
                                                      size_t n);
__attribute__((warn_unused_result)) int buffer_append_zeros(struct buffer *buffer, size_t n);

/* Appends zeros until size is a multiple of `alignment` (a power of two). Errors as buffer_reserve.
 */
__attribute__((warn_unused_result)) int buffer_align(struct buffer *buffer, size_t alignment);

/* Lowers size; memory is kept for what follows. `size` must not be above the present size. */
void buffer_truncate(struct buffer *buffer, size_t size);
