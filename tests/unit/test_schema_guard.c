/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Schemas that are small and unfold to more than any machine holds. Without the guard nanoarrow's
 * verifier does not come back from them, so a guard that lets one through shows as a time-out.
 */
#include "harness/wire/schema_guard.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* A flatbuffer that is written front to back. */
struct writer {
    uint8_t bytes[1 << 16];
    size_t size;
};

static size_t put_u32(struct writer *writer, uint32_t value)
{
    size_t at = writer->size;

    cr_assert_leq(at + 4, sizeof(writer->bytes));
    memcpy(writer->bytes + at, &value, 4);
    writer->size += 4;
    return at;
}

/* Makes the offset at `at` lead to what is written next. */
static void lead_here(struct writer *writer, size_t at)
{
    uint32_t offset = (uint32_t)(writer->size - at);

    memcpy(writer->bytes + at, &offset, 4);
}

/* Writes a table in which `slots` have an offset each; positions[i] is where that of slot i is. */
static void put_table(struct writer *writer, const unsigned int *slots, size_t n_slots,
                      size_t *positions)
{
    uint16_t vtable[10] = {20, (uint16_t)(4 + 4 * n_slots)};

    for (size_t i = 0; i < n_slots; i++)
        vtable[2 + slots[i]] = (uint16_t)(4 + 4 * i);
    memcpy(writer->bytes + writer->size, vtable, sizeof(vtable));
    writer->size += sizeof(vtable);
    put_u32(writer, sizeof(vtable));
    for (size_t i = 0; i < n_slots; i++)
        positions[i] = put_u32(writer, 0);
}

/* As put_table, led to from `n` places, the first of them `from`, one behind the other. */
static void put_shared_table(struct writer *writer, size_t from, size_t n, unsigned int slot,
                             size_t *ret_position)
{
    size_t vtable_size = 20;

    for (size_t i = 0; i < n; i++) {
        uint32_t offset = (uint32_t)(writer->size + vtable_size - (from + 4 * i));

        memcpy(writer->bytes + from + 4 * i, &offset, 4);
    }
    put_table(writer, &slot, 1, ret_position);
}

/* Starts a message with a schema; returns where the offset of the wanted slot of the schema is. */
static size_t start_schema(struct writer *writer, unsigned int slot)
{
    size_t position;

    memset(writer, 0, sizeof(*writer));
    put_u32(writer, 0);
    put_shared_table(writer, 0, 1, 2, &position);
    put_shared_table(writer, position, 1, slot, &position);
    return position;
}

static size_t put_vector(struct writer *writer, size_t from, uint32_t n)
{
    size_t elements;

    lead_here(writer, from);
    put_u32(writer, n);
    elements = writer->size;
    for (uint32_t i = 0; i < n; i++)
        put_u32(writer, 0);
    return elements;
}

static int check(const struct writer *writer)
{
    const struct flatbuffer message = {writer->bytes, writer->size};

    return schema_guard_check(&message);
}

/* Each field has `width` children, which are all the same field of the next level. */
static int check_bomb(unsigned int depth, uint32_t width)
{
    static struct writer writer;
    size_t position = start_schema(&writer, 1);

    for (unsigned int i = 0; i < depth; i++) {
        size_t elements = put_vector(&writer, position, width);

        put_shared_table(&writer, elements, width, 5, &position);
    }
    put_vector(&writer, position, 0);
    return check(&writer);
}

Test(schema_guard, lets_honest_schemas_pass)
{
    cr_assert_eq(check_bomb(1, 1), 0);
    cr_assert_eq(check_bomb(SCHEMA_MAX_DEPTH, 1), 0);
    cr_assert_eq(check_bomb(1, 40), 0);
}

Test(schema_guard, refuses_shared_fields, .timeout = 10)
{
    cr_assert_eq(check_bomb(16, 2), -EBADMSG);
    cr_assert_eq(check_bomb(10, 100), -EBADMSG);
    cr_assert_eq(check_bomb(2, 5000), -EBADMSG);
}

Test(schema_guard, refuses_depth)
{
    cr_assert_eq(check_bomb(SCHEMA_MAX_DEPTH + 3, 1), -EBADMSG);
}

/* A field that is its own child. */
Test(schema_guard, refuses_circles, .timeout = 10)
{
    static struct writer writer;
    size_t elements = put_vector(&writer, start_schema(&writer, 1), 1);
    size_t children, field = writer.size + 20;
    uint32_t back;

    put_shared_table(&writer, elements, 1, 5, &children);
    elements = put_vector(&writer, children, 1);
    back = (uint32_t)field - (uint32_t)elements;
    memcpy(writer.bytes + elements, &back, 4);
    cr_assert_eq(check(&writer), 0, "an offset back leads nowhere, as it is unsigned");
}

/* One long text that thousands of metadata keys share. */
Test(schema_guard, refuses_shared_texts)
{
    static struct writer writer;
    static const unsigned int slots[] = {0, 1};
    size_t elements = put_vector(&writer, start_schema(&writer, 2), 4000);
    size_t positions[2];

    for (size_t i = 0; i < 4000; i++) {
        uint32_t offset = (uint32_t)(writer.size + 20 - (elements + 4 * i));

        memcpy(writer.bytes + elements + 4 * i, &offset, 4);
    }
    put_table(&writer, slots, 2, positions);
    lead_here(&writer, positions[0]);
    lead_here(&writer, positions[1]);
    put_u32(&writer, 1000);
    writer.size += 1000;
    cr_assert_eq(check(&writer), -EBADMSG);
}

Test(schema_guard, refuses_dictionaries)
{
    static struct writer writer;
    size_t elements = put_vector(&writer, start_schema(&writer, 1), 1);
    size_t position;

    put_shared_table(&writer, elements, 1, 4, &position);
    cr_assert_eq(check(&writer), -ENOTSUP);
}
