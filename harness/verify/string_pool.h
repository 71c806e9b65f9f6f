/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Keeps one copy of each different text and numbers them from 0.
 * Not thread-safe. Texts stay where they are until string_pool_done.
 */
#pragma once

#include "harness/wire/string_view.h"

#include <stdint.h>

struct string_pool {
    size_t n, capacity;
    char **texts;     /* by number, terminated */
    size_t *sizes;    /* by number */
    size_t n_places;  /* of the hash table: a power of two above n, or 0 */
    uint32_t *places; /* number + 1 of a text, 0 free */
    size_t n_bytes;   /* that all texts take */
};

void string_pool_init(struct string_pool *pool);
void string_pool_done(struct string_pool *pool);

/* Finds a text or adds a copy. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int
string_pool_add(struct string_pool *pool, struct string_view text, uint32_t *ret_number);

/* Returns the number of a text, or UINT32_MAX when it was never added. */
uint32_t string_pool_find(const struct string_pool *pool, struct string_view text);
