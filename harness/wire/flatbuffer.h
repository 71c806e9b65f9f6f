/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds its way in a flatbuffer without trusting it: every step is checked to stay inside.
 *
 * Positions are bytes from the start. A step that leads outside gives FLATBUFFER_NOWHERE, and so
 * does every step from there, so that a way of several steps needs one check at its end.
 * Thread-safe. Source: flatbuffers.dev, "Internals"; slots: the order of fields in Arrow's
 * Message.fbs and Schema.fbs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flatbuffer {
    const uint8_t *bytes;
    size_t size;
};

#define FLATBUFFER_NOWHERE SIZE_MAX

/* Returns where the root table is. */
size_t flatbuffer_root(const struct flatbuffer *buffer);

/* Returns where a field of a table is stored; NOWHERE also when it is left out, holding its default
 * value. */
size_t flatbuffer_field(const struct flatbuffer *buffer, size_t table, unsigned int slot);

/* Returns the table, vector or string that the offset at `at` leads to. */
size_t flatbuffer_follow(const struct flatbuffer *buffer, size_t at);

/* Returns where the elements of a vector or string are, and their number; 0 elements for NOWHERE.
 */
size_t flatbuffer_elements(const struct flatbuffer *buffer, size_t vector, size_t element_size,
                           uint32_t *ret_n);

/* Returns table i (below the number of elements) of a vector of tables. */
size_t flatbuffer_table_at(const struct flatbuffer *buffer, size_t elements, uint32_t i);

/* Tells whether `size` bytes lie at `at`. */
bool flatbuffer_is_inside(const struct flatbuffer *buffer, size_t at, size_t size);
