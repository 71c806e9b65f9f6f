/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Component batches as they stand in spool records, put together for tests.
 *
 * Everything lies in the caller's struct; a batch that does not fit ends the test program.
 */
#pragma once

#include "sdk/record/record.h"

#include <stdlib.h>
#include <string.h>

struct batch_data {
    _Alignas(8) uint8_t bytes[8192];
    size_t size;
};

/* Appends a buffer, padded to 8. NULL stands for zeros. */
static inline void batch_put(struct batch_data *data, const void *bytes, size_t size)
{
    size_t padded = (size + 7) & ~(size_t)7;

    if (padded > sizeof(data->bytes) - data->size)
        abort();
    memset(data->bytes + data->size, 0, padded);
    if (bytes != NULL && size > 0)
        memcpy(data->bytes + data->size, bytes, size);
    data->size += padded;
}

static inline struct record_batch_view batch_view(const struct batch_data *data, uint32_t n)
{
    return (struct record_batch_view){
        .n_instances = n,
        .size = (uint32_t)data->size,
        .data = data->bytes,
    };
}

/* A batch of n values of `value_size` bytes; of vectors, give the size of a whole vector. */
static inline struct record_batch_view batch_fixed(struct batch_data *data, const void *values,
                                                   uint32_t n, size_t value_size)
{
    data->size = 0;
    batch_put(data, values, n * value_size);
    return batch_view(data, n);
}

static inline struct record_batch_view batch_texts(struct batch_data *data,
                                                   const char *const *texts, uint32_t n)
{
    uint32_t offsets[257] = {0};
    char bytes[4096];

    if (n > 256)
        abort();
    for (uint32_t i = 0; i < n; i++) {
        size_t size = strlen(texts[i]);

        if (size > sizeof(bytes) - offsets[i])
            abort();
        memcpy(bytes + offsets[i], texts[i], size);
        offsets[i + 1] = offsets[i] + (uint32_t)size;
    }
    data->size = 0;
    batch_put(data, offsets, (n + 1) * sizeof(uint32_t));
    batch_put(data, bytes, offsets[n]);
    return batch_view(data, n);
}

static inline struct record_batch_view batch_text(struct batch_data *data, const char *text)
{
    return batch_texts(data, &text, 1);
}

static inline struct record_batch_view batch_bools(struct batch_data *data, const bool *values,
                                                   uint32_t n)
{
    uint8_t bits[32] = {0};

    if (n > 8 * sizeof(bits))
        abort();
    for (uint32_t i = 0; i < n; i++)
        bits[i / 8] |= (uint8_t)(values[i] << i % 8);
    data->size = 0;
    batch_put(data, bits, (n + 7) / 8);
    return batch_view(data, n);
}
