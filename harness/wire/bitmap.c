/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Arrow's bitmaps. No state.
 */
#include "harness/wire/bitmap.h"

bool bitmap_get(const uint8_t *bits, uint64_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

int bitmap_extend(struct buffer *bits, uint64_t n)
{
    return buffer_append_zeros(bits, (n + 7) / 8 - bits->size);
}

void bitmap_set(uint8_t *bits, uint64_t from, uint64_t to)
{
    for (; from < to && from % 8 != 0; from++)
        bits[from / 8] |= (uint8_t)(1 << from % 8);
    for (; from + 8 <= to; from += 8)
        bits[from / 8] = 0xff;
    for (; from < to; from++)
        bits[from / 8] |= (uint8_t)(1 << from % 8);
}

int bitmap_append(struct buffer *bits, uint64_t length, const uint8_t *from, uint64_t n)
{
    int error = bitmap_extend(bits, length + n);

    if (error != 0)
        return error;
    for (uint64_t i = 0; i < n; i++)
        bits->data[(length + i) / 8] |= (uint8_t)(bitmap_get(from, i) << (length + i) % 8);
    return 0;
}

void bitmap_truncate(struct buffer *bits, uint64_t n)
{
    size_t size = (size_t)((n + 7) / 8);

    if (size < bits->size)
        buffer_truncate(bits, size);
    if (n % 8 != 0 && bits->size == size)
        bits->data[n / 8] &= (uint8_t)((1 << n % 8) - 1);
}

uint64_t bitmap_count_zeros(const uint8_t *bits, uint64_t n)
{
    uint64_t zeros = 0;

    for (uint64_t i = 0; i < n; i++)
        zeros += !bitmap_get(bits, i);
    return zeros;
}
