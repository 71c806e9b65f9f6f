/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Definitions: recordings and component types, appended once for the whole family to blocks that
 * are never freed, so that a courier that starts again finds them all.
 *
 * All processes of the family append to the same block; records are reserved as in any other block.
 */
#include "sdk/spool/spool_internal.h"

#include <errno.h>
#include <time.h>

#define DEFINITIONS_SHARE 4 /* at most this fraction of the blocks: rows need the others */

static struct spool_block *current_block(struct spool_header *header)
{
    uint32_t number = atomic_load_explicit(&header->definition_block, memory_order_acquire);

    if (number == 0 || number > header->n_blocks)
        return NULL;
    return spool_block_at(header, number - 1);
}

static int add_block(struct spool_header *header)
{
    uint32_t seen = atomic_load(&header->definition_block);
    uint32_t index = 0;
    int result;

    if (!seen)
        family_collapse(); /* the first definition: rows will come */
    if (atomic_fetch_add(&header->n_definition_blocks, 1) >= header->n_blocks / DEFINITIONS_SHARE)
        result = -ENOSPC;
    else
        result = block_claim(SPOOL_DEFINITIONS, &index);
    if (result < 0) {
        atomic_fetch_sub(&header->n_definition_blocks, 1);
        return result;
    }
    /* Where another process was faster its block serves; ours stays readable, and empty. */
    atomic_compare_exchange_strong_explicit(&header->definition_block, &seen, index + 1,
                                            memory_order_release, memory_order_relaxed);
    return 0;
}

static int append(struct spool_header *header, uint16_t kind, const void *payload, size_t size,
                  const void **ret_copy)
{
    uint32_t record_size = (uint32_t)(size + sizeof(struct spool_record));
    struct spool_record *record = NULL;
    struct timespec now;

    while (!record) {
        struct spool_block *block = current_block(header);
        int result;

        record = block ? block_reserve(block, record_size) : NULL;
        result = record ? 0 : add_block(header);
        if (result < 0)
            return result;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    record->kind = kind;
    record->time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    memcpy(record + 1, payload, size);
    atomic_store_explicit(&record->word, SPOOL_COMMITTED(record_size), memory_order_release);
    if (ret_copy)
        *ret_copy = record + 1;
    return 0;
}

int definition_append(uint16_t kind, const void *payload, size_t size, const void **ret_copy)
{
    int saved = errno;
    uint64_t deadline_ns = 0;
    int result;

    if (size > SPOOL_MAX_PAYLOAD || size % 8)
        return -EMSGSIZE;
    result = family_open(false);
    while (result == 0) {
        uint32_t seen = atomic_load(&spool_state.header->progress);
        uint64_t mask = signals_block();

        result = append(spool_state.header, kind, payload, size, ret_copy);
        signals_restore(mask);
        if (result != -ENOSPC)
            break;
        result = room_wait(seen, &deadline_ns);
    }
    errno = saved;
    return result;
}
