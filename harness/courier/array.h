/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Growing arrays of one type.
 */
#pragma once

#include <stddef.h>
#include <stdlib.h>

/*
 * Returns `items` (from malloc, may be NULL) with room for at least one more than the n that are in
 * use, moved if need be, and updates *capacity; or NULL when memory is short: `items` is as before
 * then. Thread-safe.
 */
static inline void *array_grow(void *items, size_t n, size_t *capacity, size_t item_size)
{
    size_t wanted = *capacity ? *capacity * 2 : 16;
    void *grown;

    if (n < *capacity)
        return items;
    grown = reallocarray(items, wanted, item_size);
    if (grown != NULL)
        *capacity = wanted;
    return grown;
}
