/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Steps through flatbuffers. No state.
 */
#include "harness/wire/flatbuffer.h"

#include <endian.h>
#include <string.h>

bool flatbuffer_is_inside(const struct flatbuffer *buffer, size_t at, size_t size)
{
    return at <= buffer->size && size <= buffer->size - at;
}

/* Reads 0 outside. */
static uint32_t load_u32(const struct flatbuffer *buffer, size_t at)
{
    uint32_t value = 0;

    if (flatbuffer_is_inside(buffer, at, sizeof(value)))
        memcpy(&value, buffer->bytes + at, sizeof(value));
    return le32toh(value);
}

static uint16_t load_u16(const struct flatbuffer *buffer, size_t at)
{
    uint16_t value = 0;

    if (flatbuffer_is_inside(buffer, at, sizeof(value)))
        memcpy(&value, buffer->bytes + at, sizeof(value));
    return le16toh(value);
}

size_t flatbuffer_follow(const struct flatbuffer *buffer, size_t at)
{
    if (!flatbuffer_is_inside(buffer, at, sizeof(uint32_t)))
        return FLATBUFFER_NOWHERE;
    at += load_u32(buffer, at);
    return flatbuffer_is_inside(buffer, at, sizeof(uint32_t)) ? at : FLATBUFFER_NOWHERE;
}

size_t flatbuffer_root(const struct flatbuffer *buffer)
{
    return flatbuffer_follow(buffer, 0);
}

size_t flatbuffer_field(const struct flatbuffer *buffer, size_t table, unsigned int slot)
{
    size_t entry = 4 + 2 * (size_t)slot;
    size_t vtable;
    uint16_t offset;

    if (!flatbuffer_is_inside(buffer, table, sizeof(int32_t)))
        return FLATBUFFER_NOWHERE;
    /* The offset is signed: the vtable may lie on either side. Outside, loads give 0: no such
     * field. */
    vtable = table - (size_t)(int32_t)load_u32(buffer, table);
    if (entry + 2 > load_u16(buffer, vtable))
        return FLATBUFFER_NOWHERE;
    offset = load_u16(buffer, vtable + entry);
    return offset == 0 ? FLATBUFFER_NOWHERE : table + offset;
}

size_t flatbuffer_elements(const struct flatbuffer *buffer, size_t vector, size_t element_size,
                           uint32_t *ret_n)
{
    uint32_t n;

    *ret_n = 0;
    if (!flatbuffer_is_inside(buffer, vector, sizeof(n)))
        return FLATBUFFER_NOWHERE;
    n = load_u32(buffer, vector);
    vector += sizeof(n);
    if (!flatbuffer_is_inside(buffer, vector, n * element_size))
        return FLATBUFFER_NOWHERE;
    *ret_n = n;
    return vector;
}

size_t flatbuffer_table_at(const struct flatbuffer *buffer, size_t elements, uint32_t i)
{
    if (elements == FLATBUFFER_NOWHERE)
        return FLATBUFFER_NOWHERE;
    return flatbuffer_follow(buffer, elements + sizeof(uint32_t) * (size_t)i);
}
