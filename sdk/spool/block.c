/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blocks: claiming them, and reserving records in them.
 *
 * A block is claimed by compare-and-swap of its state word and written by one thread; whoever
 * shares that thread's memory (signal handlers, vfork children) may append too, because each record
 * is reserved by a compare-and-swap of its own. No locks, so nothing that a fork or a kill could
 * leave locked.
 */
#include "sdk/spool/raw_syscall.h"
#include "sdk/spool/spool_internal.h"

#include <errno.h>

#define QUICK_PROBES                                                                               \
    64u /* states looked at before memory that was never used is taken: four cache lines */

/*
 * Puts memory behind a block that was just claimed, so that writing to it cannot fail: for rows
 * behind its first half, since most processes write little. A block that was free has some.
 */
static bool back(struct spool_block *block, bool was_free, enum spool_block_state state)
{
    uint32_t wanted = state == SPOOL_OWNED ? BLOCK_FIRST_HALF : SPOOL_BLOCK_SIZE;

    if (was_free && atomic_load_explicit(&block->limit, memory_order_relaxed) >= wanted)
        return true;
    if (family_back(block, wanted) < 0)
        return false;
    atomic_store_explicit(&block->limit, wanted, memory_order_relaxed);
    return true;
}

/* Takes block `index` if it is free; it stays as it was where there is no memory for it. */
static bool take(struct spool_header *header, uint32_t index, uint32_t wanted)
{
    _Atomic uint32_t *state = spool_state_at(header, index);
    uint32_t found = atomic_load_explicit(state, memory_order_relaxed);

    if (found != SPOOL_FREE && found != SPOOL_VIRGIN)
        return false;
    if (!atomic_compare_exchange_strong_explicit(state, &found, wanted, memory_order_acquire,
                                                 memory_order_relaxed))
        return false;
    if (back(spool_block_at(header, index), found == SPOOL_FREE, SPOOL_STATE(wanted)))
        return true;
    atomic_store_explicit(state, found, memory_order_release);
    return false;
}

/* Looks at up to `n_probes` blocks that were used before. */
static int take_used(struct spool_header *header, uint32_t wanted, uint32_t n_probes,
                     uint32_t *ret_index)
{
    uint32_t used = atomic_load_explicit(&header->n_blocks_used, memory_order_relaxed);
    uint32_t start = atomic_load_explicit(&header->block_cursor, memory_order_relaxed);

    used = used < header->n_blocks ? used : header->n_blocks;
    n_probes = n_probes < used ? n_probes : used;
    for (uint32_t i = 0; i < n_probes; i++) {
        uint32_t index = (start + i) % used;

        if (directory_back(index / SPOOL_REGION_BLOCKS) == 0 && take(header, index, wanted)) {
            atomic_store_explicit(&header->block_cursor, index + 1, memory_order_relaxed);
            *ret_index = index;
            return 0;
        }
    }
    if (used)
        atomic_store_explicit(&header->block_cursor, (start + n_probes) % used,
                              memory_order_relaxed);
    return -ENOSPC;
}

static int take_new(struct spool_header *header, uint32_t wanted, uint32_t *ret_index)
{
    uint32_t index;

    if (atomic_load_explicit(&header->n_blocks_used, memory_order_relaxed) >= header->n_blocks)
        return -ENOSPC;
    index = atomic_fetch_add_explicit(&header->n_blocks_used, 1, memory_order_relaxed);
    if (index >= header->n_blocks)
        return -ENOSPC;
    if (directory_back(index / SPOOL_REGION_BLOCKS) < 0)
        return -ENOSPC;
    *ret_index = index;
    return take(header, index, wanted) ? 0 : -ENOSPC;
}

static int take_any(struct spool_header *header, uint32_t wanted, uint32_t *ret_index)
{
    if (take_used(header, wanted, QUICK_PROBES, ret_index) == 0 ||
        take_new(header, wanted, ret_index) == 0)
        return 0;
    return take_used(header, wanted, header->n_blocks, ret_index);
}

static void fill(struct spool_header *header, struct spool_block *block,
                 enum spool_block_state state)
{
    struct spool_wiped *wiped = spool_state.wiped;

    block->serial = state == SPOOL_OWNED ? wiped->serial : 0;
    block->slot = state == SPOOL_OWNED ? wiped->slot : 0;
    block->tid = (uint32_t)RAW_SYSCALL(SYS_gettid);
    atomic_store_explicit(&block->n_rows, 0, memory_order_relaxed);
    atomic_store_explicit(&block->read_position, sizeof(*block), memory_order_relaxed);
    atomic_store_explicit(&block->tail, sizeof(*block), memory_order_relaxed);
    /*
     * Release, twice: a reader that sees the next number sees the claim of every block with a lower
     * one, and a reader that sees the chain number sees all of the above.
     */
    atomic_store_explicit(&block->chain,
                          atomic_fetch_add_explicit(&header->next_chain, 1, memory_order_release),
                          memory_order_release);
}

int block_claim(enum spool_block_state state, uint32_t *ret_index)
{
    struct spool_header *header = spool_state.header;
    uint32_t slot = state == SPOOL_OWNED ? spool_state.wiped->slot : 0;
    uint32_t wanted = SPOOL_STATE_WORD(state, slot);
    int result = take_any(header, wanted, ret_index);

    if (result == 0)
        fill(header, spool_block_at(header, *ret_index), state);
    return result;
}

/* The record that begins at `offset`, of which at least the word lies inside the block. */
static struct spool_record *record_at(struct spool_block *block, uint32_t offset)
{
    return (struct spool_record *)(void *)((uint8_t *)block + offset);
}

struct spool_record *block_reserve(struct spool_block *block, uint32_t size)
{
    uint32_t limit = atomic_load_explicit(&block->limit, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&block->tail, memory_order_relaxed);

    while (tail + size <= limit) {
        struct spool_record *record = record_at(block, tail);
        uint32_t word = 0;

        /*
         * Relaxed is enough: what the reader may look at is published by the commit, and the zeros
         * that were here came with the acquire of the claim.
         */
        if (atomic_compare_exchange_strong_explicit(&record->word, &word, SPOOL_RESERVED(size),
                                                    memory_order_relaxed, memory_order_relaxed)) {
            atomic_store_explicit(&block->tail, tail + size, memory_order_relaxed);
            return record;
        }
        tail += SPOOL_RECORD_SIZE(word);
    }
    return NULL;
}

uint32_t block_end(struct spool_block *block)
{
    uint32_t limit = atomic_load_explicit(&block->limit, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&block->tail, memory_order_relaxed);

    while (tail < limit) {
        uint32_t word = atomic_load_explicit(&record_at(block, tail)->word, memory_order_relaxed);

        if (word == 0)
            break;
        tail += SPOOL_RECORD_SIZE(word);
    }
    return tail;
}

bool block_make_room(struct spool_block *block, uint32_t size)
{
    uint32_t end = block_end(block);
    uint32_t limit = atomic_load_explicit(&block->limit, memory_order_relaxed);

    if (end + size <= limit)
        return true;
    if (limit == SPOOL_BLOCK_SIZE || end + size > SPOOL_BLOCK_SIZE ||
        family_back((uint8_t *)block + limit, SPOOL_BLOCK_SIZE - limit) < 0)
        return false;
    atomic_store_explicit(&block->limit, SPOOL_BLOCK_SIZE, memory_order_relaxed);
    return true;
}

void block_seal(struct spool_block *block)
{
    uint32_t end;

    /* At the limit there is no memory for a word: the block stays open until its owner's death. */
    while ((end = block_end(block)) < atomic_load_explicit(&block->limit, memory_order_relaxed)) {
        struct spool_record *record = record_at(block, end);
        uint32_t word = 0;

        if (atomic_compare_exchange_strong_explicit(&record->word, &word,
                                                    SPOOL_COMMITTED(SPOOL_BLOCK_SIZE - end),
                                                    memory_order_release, memory_order_relaxed))
            return;
    }
}
