/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * See memory_ahead.h. A writer that comes to memory never used before pays 2.8 us a page; the
 * courier does it for 512 pages at once, beside the program.
 */
#include "harness/courier/memory_ahead.h"

#include "harness/courier/bus_guard.h"

#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

#define MANY_PROCESSES 8u

struct use {
    const struct spool_header *header;
    uint32_t n_blocks_used;
    bool is_busy;
};

static void read_use(void *context)
{
    struct use *use = context;

    use->n_blocks_used = atomic_load_explicit(&use->header->n_blocks_used, memory_order_relaxed);
    use->is_busy =
        atomic_load_explicit(&use->header->definition_block, memory_order_relaxed) != 0 ||
        atomic_load_explicit(&use->header->next_serial, memory_order_relaxed) > MANY_PROCESSES;
}

/* An empty region cannot be collapsed: its first page comes first. */
static bool prepare(uint8_t *region)
{
    return madvise(region, SPOOL_PAGE, MADV_POPULATE_WRITE) == 0 &&
           madvise(region, SPOOL_REGION_SIZE, MADV_COLLAPSE) == 0;
}

void memory_ahead(const struct spool_map *map, uint32_t *n_ready)
{
    uint32_t n_regions = (uint32_t)(map->size / SPOOL_REGION_SIZE);
    struct use use = {.header = spool_map_header(map)};
    uint64_t used;

    if (*n_ready >= n_regions || !bus_guard_run(read_use, &use) || !use.is_busy)
        return;
    used = (uint64_t)use.n_blocks_used * SPOOL_BLOCK_SIZE;
    if (2 * used < (uint64_t)*n_ready * SPOOL_REGION_SIZE)
        return;
    /* The first may be the writer's work, with its first definition: it is not done twice. */
    if (prepare(spool_region_at(use.header, *n_ready)))
        ++*n_ready;
    else
        *n_ready = n_regions;
}
