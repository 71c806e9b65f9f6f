/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bits in a buffer, as Arrow packs them: bit i is bit i % 8 of byte i / 8, and bits behind the last
 * one are 0.
 */
#pragma once

#include "harness/wire/buffer.h"

#include <stdbool.h>

bool bitmap_get(const uint8_t *bits, uint64_t i);

/* Sets the bits from..to-1. */
void bitmap_set(uint8_t *bits, uint64_t from, uint64_t to);

/* Makes room for `n` bits in all, the new ones 0; there may not be more already. Returns 0, -ENOMEM
 * or -E2BIG. */
__attribute__((warn_unused_result)) int bitmap_extend(struct buffer *bits, uint64_t n);

/* Appends n bits of `from` to the `length` bits that are there. Errors as bitmap_extend. */
__attribute__((warn_unused_result)) int bitmap_append(struct buffer *bits, uint64_t length,
                                                      const uint8_t *from, uint64_t n);

/* Lowers the number of bits to n. A buffer that has fewer bytes already stays as it is. */
void bitmap_truncate(struct buffer *bits, uint64_t n);

/* Returns how many of the first n bits are 0. */
uint64_t bitmap_count_zeros(const uint8_t *bits, uint64_t n);
