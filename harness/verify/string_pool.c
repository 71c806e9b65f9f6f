/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A hash table of texts with linear probing, at most half full. Owned by its caller. */
#include "harness/verify/string_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

void string_pool_init(struct string_pool *pool)
{
    *pool = (struct string_pool){0};
}

void string_pool_done(struct string_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (size_t i = 0; i < pool->n; i++) {
        free(pool->texts[i]);
    }
    free(pool->texts);
    free(pool->sizes);
    free(pool->places);
    string_pool_init(pool);
}

/* Returns the place of a text, or the free one where it belongs. The table has a free place. */
static size_t find_place(const struct string_pool *pool, struct string_view text)
{
    size_t mask = pool->n_places - 1;
    size_t place = (size_t)XXH64(text.size > 0 ? text.data : "", text.size, 0) & mask;
    for (;; place = (place + 1) & mask) {
        uint32_t entry = pool->places[place];
        if (entry == 0 ||
            string_view_equal((struct string_view){pool->texts[entry - 1], pool->sizes[entry - 1]},
                              text)) {
            return place;
        }
    }
}

uint32_t string_pool_find(const struct string_pool *pool, struct string_view text)
{
    uint32_t entry = pool->n_places > 0 ? pool->places[find_place(pool, text)] : 0;
    return entry > 0 ? entry - 1 : UINT32_MAX;
}

static int grow_texts(struct string_pool *pool)
{
    size_t capacity = pool->capacity > 0 ? 2 * pool->capacity : 16;
    char **texts = reallocarray(pool->texts, capacity, sizeof *texts);
    if (texts == NULL) {
        return -ENOMEM;
    }
    pool->texts = texts;
    size_t *sizes = reallocarray(pool->sizes, capacity, sizeof *sizes);
    if (sizes == NULL) {
        return -ENOMEM;
    }
    pool->sizes = sizes;
    pool->capacity = capacity;
    return 0;
}

static int grow_places(struct string_pool *pool)
{
    size_t n_places = pool->n_places > 0 ? 2 * pool->n_places : 64;
    uint32_t *places = calloc(n_places, sizeof *places);
    if (places == NULL) {
        return -ENOMEM;
    }
    free(pool->places);
    pool->places = places;
    pool->n_places = n_places;
    for (uint32_t i = 0; i < pool->n; i++) {
        struct string_view text = {pool->texts[i], pool->sizes[i]};
        pool->places[find_place(pool, text)] = i + 1;
    }
    return 0;
}

static int make_room(struct string_pool *pool)
{
    int error = 0;
    if (pool->n == UINT32_MAX - 1) {
        return -ENOMEM;
    }
    if (pool->n == pool->capacity) {
        error = grow_texts(pool);
    }
    if (error == 0 && 2 * (pool->n + 1) > pool->n_places) {
        error = grow_places(pool);
    }
    return error;
}

int string_pool_add(struct string_pool *pool, struct string_view text, uint32_t *ret_number)
{
    uint32_t number = string_pool_find(pool, text);
    if (number != UINT32_MAX) {
        *ret_number = number;
        return 0;
    }
    int error = make_room(pool);
    char *copy = error == 0 ? malloc(text.size + 1) : NULL;
    if (copy == NULL) {
        return -ENOMEM;
    }
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    pool->places[find_place(pool, text)] = (uint32_t)pool->n + 1;
    pool->texts[pool->n] = copy;
    pool->sizes[pool->n] = text.size;
    pool->n_bytes += text.size + 1;
    *ret_number = (uint32_t)pool->n++;
    return 0;
}
