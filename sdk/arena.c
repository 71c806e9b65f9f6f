/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The arena: chunks of zeroed pages, handed out from the front by an atomic addition. No lock; a
 * forked child goes on in its own copy.
 */
#include "sdk/arena.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#define CHUNK_SIZE (64u << 10)
#define MAX_CHUNKS 256

struct chunk {
    _Atomic size_t used; /* this head counts too */
    uint64_t bytes[];
};

static _Atomic(struct chunk *) current;
static _Atomic unsigned int n_chunks;

static void *take(struct chunk *chunk, size_t size)
{
    size_t start = atomic_fetch_add_explicit(&chunk->used, size, memory_order_relaxed);

    return start + size <= CHUNK_SIZE ? (uint8_t *)chunk + start : NULL;
}

/* Puts a new chunk in the place of `full`, unless somebody else has done so. */
static bool replace(struct chunk *full)
{
    int saved = errno;
    struct chunk *chunk;

    if (atomic_fetch_add(&n_chunks, 1) >= MAX_CHUNKS) {
        atomic_fetch_sub(&n_chunks, 1);
        return false;
    }
    chunk = mmap(NULL, CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED) {
        atomic_fetch_sub(&n_chunks, 1);
        errno = saved;
        return false;
    }
    chunk->used = sizeof(*chunk);
    if (!atomic_compare_exchange_strong(&current, &full, chunk)) {
        munmap(chunk, CHUNK_SIZE);
        atomic_fetch_sub(&n_chunks, 1);
        errno = saved;
    }
    return true;
}

void *arena_allocate(size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (size > ARENA_MAX_ALLOCATION)
        return NULL;
    for (;;) {
        struct chunk *chunk = atomic_load(&current);
        void *memory = chunk ? take(chunk, size) : NULL;

        if (memory)
            return memory;
        if (!replace(chunk))
            return NULL;
    }
}
