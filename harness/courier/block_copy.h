/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One block of a spool: its records copied out of shared memory, its header read, its end.
 *
 * The writer may go on meanwhile, or lie: what is in the copy is whole records whose sizes were
 * checked, and each is to be believed no further than that.
 */
#pragma once

#include "harness/courier/spool_map.h"

#define BLOCK_END SPOOL_BLOCK_SIZE /* read position of a block that is read to its end */

/* Why there is no more. */
enum block_stop {
    BLOCK_OPEN,     /* nothing behind the last record yet */
    BLOCK_RESERVED, /* a record is being written, of stop_size bytes */
    BLOCK_SEALED,   /* closed by its writer */
    BLOCK_FULL,     /* no byte is left, but nobody has closed it */
    BLOCK_DAMAGED,  /* what stands there is no record */
    BLOCK_MISSING,  /* the file has no such page, or no memory for it */
};

struct block_copy {
    uint8_t *bytes; /* of the caller: SPOOL_BLOCK_SIZE, aligned to 16; offsets as in the block */
    uint32_t from;  /* first record */
    uint32_t end;   /* behind the last one */
    enum block_stop stop;
    uint32_t stop_size; /* BLOCK_RESERVED: bytes to step over */
};

/* Copies the committed records of block `index` from offset `from` (a multiple of 8, at most
 * BLOCK_END) on. copy->bytes must be set. */
void block_copy(const struct spool_map *map, uint32_t index, uint32_t from,
                struct block_copy *copy);

/*
 * Takes the next record of the copy: *offset, which begins at copy->from, is moved behind it. NULL
 * at the end. The size of the record is SPOOL_RECORD_SIZE(word) and lies inside the copy.
 */
const struct spool_record *block_copy_next(const struct block_copy *copy, uint32_t *offset);

/* What a block says of itself. */
struct block_head {
    uint32_t index;
    uint32_t state; /* enum spool_block_state */
    uint64_t chain;
    uint64_t serial;
    uint32_t slot;
    uint32_t tid;
    uint32_t read_position; /* checked: a multiple of 8 between the block's header and its end */
    bool is_damaged;        /* it was not */
};

/*
 * Looks through the states of blocks [*next, n) for those that hold records, or that a courier
 * died over while freeing them (DRAINED), and are not marked in `known`; gives up to n_heads of
 * them and moves *next behind the last one looked at. n: at most map->n_blocks. Blocks whose page
 * is missing are passed over. Returns how many.
 */
size_t block_find(const struct spool_map *map, const uint8_t *known, uint32_t *next, uint32_t n,
                  struct block_head *heads, size_t n_heads);

/* Stores the read position of a block. */
void block_store_position(const struct spool_map *map, uint32_t index, uint32_t position);

/*
 * Gives a block that is read, committed and left by its writer back to the writers, zeroed. Can be
 * repeated after death in the middle. ret_n_rows (may be NULL) gets the number of rows that its
 * writer counted in it.
 */
void block_free(const struct spool_map *map, uint32_t index, uint32_t *ret_n_rows);

/* Gives the memory of a FREE block back to the file system. Returns false when it is not FREE, or
 * has no memory of its own. */
bool block_release_memory(const struct spool_map *map, uint32_t index);

/*
 * Gives the blocks back that a dead process took but did not fill in. `slot`: its slot, which is
 * still its own.
 */
void block_free_unfilled(const struct spool_map *map, uint32_t slot);
