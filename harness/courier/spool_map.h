/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A spool file as the courier sees it: found sound, mapped, and its layout copied, so that nothing
 * that a writer stores later can lead outside of the mapping.
 *
 * Whoever follows the pointers below must do so under bus_guard_run, and must copy what is checked
 * before it is used: writers may be storing at the same time.
 */
#pragma once

#include "harness/wire/rrd_error.h"
#include "sdk/spool/spool_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SPOOL_NAME_SIZE 64 /* with the terminating NUL */

struct spool_map {
    int file; /* close-on-exec */
    uint8_t *base;
    size_t size;                /* bytes mapped, as spool_is_size demands */
    char name[SPOOL_NAME_SIZE]; /* in the session directory */

    /* Copied from the header and checked. */
    uint64_t family;
    uint64_t created_ns;
    uint32_t creator_pid;
    uint32_t n_blocks;
    uint32_t n_slots;
};

/*
 * Opens and maps the spool `name` of a session directory. `owner` is the user to whom it must
 * belong. Returns 0; -EINVAL: not a spool's name; -EPERM: not a regular file of that user's;
 * -EPROTONOSUPPORT: another version of the format; -EBADMSG: damaged; or what open(2) and mmap(2)
 * say. `error` names the file and the remedy. On error there is nothing to close.
 */
__attribute__((warn_unused_result)) int spool_map_open(struct spool_map *map, int session,
                                                       const char *name, uid_t owner,
                                                       struct rrd_error *error);

/* Unmaps and closes. Leaves the file. */
void spool_map_close(struct spool_map *map);

/*
 * Tells whether no process maps the spool any more, so that nobody can write to it. Once true it
 * stays true: only a mapping can make another one.
 */
bool spool_map_is_unused(const struct spool_map *map);

/* Tells whether the file is still as long as it was, which nobody but a stranger changes. */
bool spool_map_is_whole(const struct spool_map *map);

static inline struct spool_header *spool_map_header(const struct spool_map *map)
{
    return (struct spool_header *)(void *)(map->base + spool_header_offset(map->size));
}

/* `block` must be below n_blocks. */
static inline _Atomic uint32_t *spool_map_state(const struct spool_map *map, uint32_t block)
{
    return spool_state_at(spool_map_header(map), block);
}

/* `slot` must be below n_slots. */
static inline struct spool_slot *spool_map_slot(const struct spool_map *map, uint32_t slot)
{
    return spool_slot_at(spool_map_header(map), slot);
}

/* `index` must be below n_blocks. */
static inline struct spool_block *spool_map_block(const struct spool_map *map, uint32_t index)
{
    return spool_block_at(spool_map_header(map), index);
}
