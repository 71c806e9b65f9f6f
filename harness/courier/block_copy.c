/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * All that touches the blocks of a spool, under the bus guard. The bodies below only load from and
 * store to the mapping and the caller's memory, as the guard demands.
 *
 * Orders: a record's word is loaded with acquire before its bytes are; a block's state goes back to
 * FREE with release after the block was zeroed.
 */
#include "harness/courier/block_copy.h"

#include "harness/courier/bus_guard.h"
#include "sdk/record/record.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_RECORD ((uint32_t)sizeof(struct spool_block))
#define WORD_SIZE    8u /* the least of a record: a PAD */

static bool is_position(uint32_t position)
{
    return position >= FIRST_RECORD && position <= BLOCK_END && position % 8 == 0;
}

/* --- Copying records --------------------------------------------------------------------------
 */

struct copy_call {
    const struct spool_block *block;
    struct block_copy *copy;
};

static bool is_size(uint32_t size, uint32_t offset)
{
    return size >= WORD_SIZE && size % 8 == 0 && size <= BLOCK_END - offset;
}

/*
 * Where the memory of the block ends: behind it lies a page that reading would have to allocate,
 * which a full file system answers by SIGBUS.
 */
static uint32_t limit_of(const struct spool_block *block)
{
    uint32_t limit = atomic_load_explicit(&block->limit, memory_order_relaxed);

    return is_position(limit) ? limit : BLOCK_END;
}

/* Finds out how far the committed records go. A PAD is the only one shorter than its header. */
static enum block_stop walk(const struct spool_block *block, struct block_copy *copy)
{
    uint32_t limit = limit_of(block);

    while (copy->end < limit) {
        const struct spool_record *record =
            (const struct spool_record *)(const void *)((const uint8_t *)block + copy->end);
        uint32_t word = atomic_load_explicit(&record->word, memory_order_acquire);
        uint32_t size = SPOOL_RECORD_SIZE(word);

        if (word == 0)
            return BLOCK_OPEN;
        if (!(word & 1) || !is_size(size, copy->end))
            return BLOCK_DAMAGED;
        copy->stop_size = size;
        if (!SPOOL_IS_COMMITTED(word))
            return BLOCK_RESERVED;
        if (record->kind == RECORD_PAD)
            return BLOCK_SEALED;
        if (size < sizeof(*record))
            return BLOCK_DAMAGED;
        copy->end += size;
    }
    return copy->end < BLOCK_END ? BLOCK_OPEN : BLOCK_FULL;
}

static void copy_body(void *context)
{
    struct copy_call *call = context;
    struct block_copy *copy = call->copy;
    enum block_stop stop = walk(call->block, copy);

    memcpy(copy->bytes + copy->from, (const uint8_t *)call->block + copy->from,
           copy->end - copy->from);
    copy->stop = stop;
}

void block_copy(const struct spool_map *map, uint32_t index, uint32_t from, struct block_copy *copy)
{
    struct copy_call call = {spool_map_block(map, index), copy};

    copy->from = from;
    copy->end = from;
    copy->stop = BLOCK_MISSING;
    copy->stop_size = 0;
    if (!bus_guard_run(copy_body, &call)) {
        copy->end = from;
        copy->stop = BLOCK_MISSING;
    }
}

/* The bytes were copied after they were looked at: a writer out of order may have changed them. */
const struct spool_record *block_copy_next(const struct block_copy *copy, uint32_t *offset)
{
    const struct spool_record *record =
        (const struct spool_record *)(const void *)(copy->bytes + *offset);
    uint32_t size;

    if (copy->end - *offset < sizeof(*record))
        return NULL;
    size = SPOOL_RECORD_SIZE(record->word);
    if (size < sizeof(*record) || size % 8 != 0 || size > copy->end - *offset)
        return NULL;
    *offset += size;
    return record;
}

/* --- Finding blocks ---------------------------------------------------------------------------
 */

struct find_call {
    const struct spool_map *map;
    const uint8_t *known;
    uint32_t next, n;
    struct block_head *heads;
    size_t n_heads, n_found;
};

static bool holds_records(uint32_t state)
{
    return state == SPOOL_OWNED || state == SPOOL_DEFINITIONS || state == SPOOL_DRAINED;
}

/* Returns false when the block is not filled in yet. */
static bool read_head(const struct spool_map *map, uint32_t index, uint32_t state,
                      struct block_head *head)
{
    const struct spool_block *block = spool_map_block(map, index);

    *head = (struct block_head){.index = index, .state = state};
    if (state == SPOOL_DRAINED)
        return true;
    head->chain = atomic_load_explicit(&block->chain, memory_order_acquire);
    head->serial = block->serial;
    head->slot = block->slot;
    head->tid = block->tid;
    head->read_position = atomic_load_explicit(&block->read_position, memory_order_relaxed);
    head->is_damaged = !is_position(head->read_position);
    return head->chain != 0;
}

static void find_body(void *context)
{
    struct find_call *call = context;

    for (; call->next < call->n && call->n_found < call->n_heads; call->next++) {
        uint32_t state;

        if (call->known[call->next])
            continue;
        state = SPOOL_STATE(
            atomic_load_explicit(spool_map_state(call->map, call->next), memory_order_acquire));
        if (holds_records(state) &&
            read_head(call->map, call->next, state, &call->heads[call->n_found]))
            call->n_found++;
    }
}

/* Looks at each block by itself, and passes over those whose page is missing. */
static size_t find_one_by_one(struct find_call call, uint32_t *next)
{
    size_t n_found = 0;

    while (*next < call.n && n_found < call.n_heads) {
        struct find_call one = call;

        one.next = *next;
        one.n = *next + 1;
        one.heads = call.heads + n_found;
        if (bus_guard_run(find_body, &one))
            n_found += one.n_found;
        ++*next;
    }
    return n_found;
}

/*
 * A claimed block has no memory for a moment, and on a full file system reading it would have to
 * allocate some: that must not keep us from the others.
 */
size_t block_find(const struct spool_map *map, const uint8_t *known, uint32_t *next, uint32_t n,
                  struct block_head *heads, size_t n_heads)
{
    const struct find_call begin = {
        .map = map,
        .known = known,
        .next = *next,
        .n = n,
        .heads = heads,
        .n_heads = n_heads,
    };
    struct find_call call = begin;

    if (!bus_guard_run(find_body, &call))
        return find_one_by_one(begin, next);
    *next = call.next;
    return call.n_found;
}

/* --- Storing ----------------------------------------------------------------------------------
 */

struct store_call {
    const struct spool_map *map;
    uint32_t index;
    uint32_t position;
    uint32_t n_rows;
};

static void position_body(void *context)
{
    const struct store_call *call = context;

    atomic_store_explicit(&spool_map_block(call->map, call->index)->read_position, call->position,
                          memory_order_release);
}

void block_store_position(const struct spool_map *map, uint32_t index, uint32_t position)
{
    struct store_call call = {.map = map, .index = index, .position = position};

    (void)!bus_guard_run(position_body, &call);
}

/*
 * Up to where there may be anything but zeros. The half behind the limit is left alone, so that it
 * is given no memory that no writer has asked for.
 */
static uint32_t written_end(const struct spool_block *block)
{
    return limit_of(block) <= BLOCK_END / 2 ? BLOCK_END / 2 : BLOCK_END;
}

/*
 * DRAINED comes first: who finds it knows that the rest is to be done, whatever the block looks
 * like by then. Then the chain number goes, before the first zero: a writer that was interrupted
 * between looking into the block and reserving a record there can do so only where it finds a zero,
 * and knows by the number that the block is not its own any more.
 */
static void free_body(void *context)
{
    struct store_call *call = context;
    struct spool_block *block = spool_map_block(call->map, call->index);
    _Atomic uint32_t *state = spool_map_state(call->map, call->index);

    call->n_rows = atomic_load_explicit(&block->n_rows, memory_order_relaxed);
    atomic_store_explicit(state, SPOOL_STATE_WORD(SPOOL_DRAINED, 0), memory_order_relaxed);
    atomic_store_explicit(&block->chain, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    memset((uint8_t *)block + FIRST_RECORD, 0, written_end(block) - FIRST_RECORD);
    atomic_store_explicit(&block->n_rows, 0, memory_order_relaxed);
    atomic_store_explicit(state, SPOOL_STATE_WORD(SPOOL_FREE, 0), memory_order_release);
}

void block_free(const struct spool_map *map, uint32_t index, uint32_t *ret_n_rows)
{
    struct store_call call = {.map = map, .index = index};

    (void)!bus_guard_run(free_body, &call);
    if (ret_n_rows != NULL)
        *ret_n_rows = call.n_rows;
}

/* Nobody can take the block meanwhile: DRAINED. */
static void release_body(void *context)
{
    struct store_call *call = context;
    struct spool_block *block = spool_map_block(call->map, call->index);
    _Atomic uint32_t *state = spool_map_state(call->map, call->index);
    uint32_t found = SPOOL_FREE;

    call->n_rows = 0;
    if (!atomic_compare_exchange_strong_explicit(state, &found, SPOOL_DRAINED, memory_order_acquire,
                                                 memory_order_relaxed))
        return;
    call->n_rows = madvise(block, SPOOL_BLOCK_SIZE, MADV_REMOVE) == 0;
    atomic_store_explicit(state, call->n_rows ? SPOOL_VIRGIN : SPOOL_FREE, memory_order_release);
}

bool block_release_memory(const struct spool_map *map, uint32_t index)
{
    struct store_call call = {.map = map, .index = index};

    return bus_guard_run(release_body, &call) && call.n_rows != 0;
}

/* VIRGIN, not FREE: it may have died before the block had memory. */
static void unfilled_body(void *context)
{
    const struct store_call *call = context;
    uint32_t n =
        atomic_load_explicit(&spool_map_header(call->map)->n_blocks_used, memory_order_relaxed);

    for (uint32_t i = 0; i < n && i < call->map->n_blocks; i++) {
        _Atomic uint32_t *state = spool_map_state(call->map, i);

        if (atomic_load_explicit(state, memory_order_acquire) ==
                SPOOL_STATE_WORD(SPOOL_OWNED, call->index) &&
            atomic_load_explicit(&spool_map_block(call->map, i)->chain, memory_order_acquire) == 0)
            atomic_store_explicit(state, SPOOL_VIRGIN, memory_order_release);
    }
}

void block_free_unfilled(const struct spool_map *map, uint32_t slot)
{
    struct store_call call = {.map = map, .index = slot};

    (void)!bus_guard_run(unfilled_body, &call);
}
