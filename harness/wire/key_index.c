/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A hash table of byte strings that only grows. State: the caller's struct.
 */
#include "harness/wire/key_index.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

#define FIRST_N_SLOTS 64

void key_index_init(struct key_index *index)
{
    *index = (struct key_index){0};
}

void key_index_done(struct key_index *index)
{
    for (size_t i = 0; i < index->n; i++)
        free((void *)(uintptr_t)index->keys[i].data);
    free(index->keys);
    free(index->slots);
    key_index_init(index);
}

/* The slot that has the key, or the empty one where it belongs. */
static uint32_t *find_slot(const struct key_index *index, struct string_view key)
{
    size_t i = XXH64(key.data, key.size, 0) & (index->n_slots - 1);

    while (index->slots[i] != 0 && !string_view_equal(index->keys[index->slots[i] - 1], key))
        i = (i + 1) & (index->n_slots - 1);
    return &index->slots[i];
}

/* Doubles the table; there is room for as many keys as half the slots. */
static int grow(struct key_index *index)
{
    struct key_index larger = *index;

    larger.n_slots = index->n_slots == 0 ? FIRST_N_SLOTS : index->n_slots * 2;
    larger.keys = realloc(index->keys, larger.n_slots / 2 * sizeof(*larger.keys));
    if (larger.keys == NULL)
        return -ENOMEM;
    index->keys = larger.keys;
    larger.slots = calloc(larger.n_slots, sizeof(*larger.slots));
    if (larger.slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < larger.n; i++)
        *find_slot(&larger, larger.keys[i]) = (uint32_t)i + 1;
    free(index->slots);
    *index = larger;
    return 0;
}

static char *copy_key(struct string_view key)
{
    char *copy = malloc(key.size + 1);

    if (copy == NULL)
        return NULL;
    if (key.size > 0)
        memcpy(copy, key.data, key.size);
    copy[key.size] = '\0';
    return copy;
}

int key_index_add(struct key_index *index, struct string_view key, uint32_t *ret_number,
                  bool *ret_is_new)
{
    int error = index->n < index->n_slots / 2 ? 0 : grow(index);
    uint32_t *slot;
    char *copy;

    if (error != 0)
        return error;
    slot = find_slot(index, key);
    *ret_is_new = *slot == 0;
    if (*ret_is_new) {
        copy = copy_key(key);
        if (copy == NULL)
            return -ENOMEM;
        index->keys[index->n++] = (struct string_view){copy, key.size};
        *slot = (uint32_t)index->n;
    }
    *ret_number = *slot - 1;
    return 0;
}

bool key_index_find(const struct key_index *index, struct string_view key, uint32_t *ret_number)
{
    uint32_t number = index->n > 0 ? *find_slot(index, key) : 0;

    *ret_number = number - 1;
    return number > 0;
}
