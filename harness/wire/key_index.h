/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Numbers keys in the order in which they first come: 0, 1, 2, ... Keys are any bytes.
 *
 * Not thread-safe.
 */
#pragma once

#include "harness/wire/string_view.h"

#include <stdbool.h>
#include <stdint.h>

struct key_index {
    struct string_view *keys; /* n of them, own copies at fixed addresses, terminated */
    size_t n;
    uint32_t *slots; /* hash table: number + 1, or 0; a power of two, at most half full */
    size_t n_slots;
};

void key_index_init(struct key_index *index);
void key_index_done(struct key_index *index);

/*
 * Gives the number of a key, and whether it is new. Returns 0 or -ENOMEM; the index is as before
 * then.
 */
__attribute__((warn_unused_result)) int key_index_add(struct key_index *index,
                                                      struct string_view key, uint32_t *ret_number,
                                                      bool *ret_is_new);

/* Gives the number of a key; false when it has none. */
bool key_index_find(const struct key_index *index, struct string_view key, uint32_t *ret_number);
