/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Counts what a schema would unfold to. State: on the stack.
 */
#include "harness/wire/schema_guard.h"

#include "harness/wire/arrow_slots.h"

#include <errno.h>

/* An honest flatbuffer refers to everything once, so it cannot unfold to more than its size. */
#define BUDGET_FACTOR 4

struct budget {
    const struct flatbuffer *message;
    size_t left; /* bytes */
};

static int spend(struct budget *budget, size_t bytes)
{
    if (bytes > budget->left)
        return -EBADMSG;
    budget->left -= bytes;
    return 0;
}

static size_t find_vector(const struct budget *budget, size_t table, unsigned int slot,
                          size_t element_size, uint32_t *ret_n)
{
    size_t field = flatbuffer_field(budget->message, table, slot);

    return flatbuffer_elements(budget->message, flatbuffer_follow(budget->message, field),
                               element_size, ret_n);
}

static int spend_text(struct budget *budget, size_t table, unsigned int slot)
{
    uint32_t size;

    (void)find_vector(budget, table, slot, 1, &size);
    return spend(budget, sizeof(uint32_t) + size);
}

static int spend_metadata(struct budget *budget, size_t table, unsigned int slot)
{
    uint32_t n;
    size_t pairs = find_vector(budget, table, slot, sizeof(uint32_t), &n);
    int error = 0;

    for (uint32_t i = 0; error == 0 && i < n; i++) {
        size_t pair = flatbuffer_table_at(budget->message, pairs, i);

        error = spend_text(budget, pair, KEY_VALUE_KEY);
        if (error == 0)
            error = spend_text(budget, pair, KEY_VALUE_VALUE);
    }
    return error;
}

static int spend_fields(struct budget *budget, size_t table, unsigned int slot, unsigned int depth);

static int spend_field(struct budget *budget, size_t field, unsigned int depth)
{
    int error = spend_text(budget, field, FIELD_NAME);

    if (flatbuffer_field(budget->message, field, FIELD_DICTIONARY) != FLATBUFFER_NOWHERE)
        return -ENOTSUP;
    if (error == 0)
        error = spend_metadata(budget, field, FIELD_CUSTOM_METADATA);
    if (error == 0)
        error = spend_fields(budget, field, FIELD_CHILDREN, depth + 1);
    return error;
}

static int spend_fields(struct budget *budget, size_t table, unsigned int slot, unsigned int depth)
{
    uint32_t n;
    size_t fields = find_vector(budget, table, slot, sizeof(uint32_t), &n);
    int error = n > 0 && depth > SCHEMA_MAX_DEPTH ? -EBADMSG : 0;

    for (uint32_t i = 0; error == 0 && i < n; i++)
        error = spend_field(budget, flatbuffer_table_at(budget->message, fields, i), depth);
    return error;
}

int schema_guard_check(const struct flatbuffer *message)
{
    struct budget budget = {message, message->size * BUDGET_FACTOR};
    size_t field = flatbuffer_field(message, flatbuffer_root(message), MESSAGE_HEADER);
    size_t schema = flatbuffer_follow(message, field);
    int error = spend_fields(&budget, schema, SCHEMA_FIELDS, 0);

    return error != 0 ? error : spend_metadata(&budget, schema, SCHEMA_CUSTOM_METADATA);
}
