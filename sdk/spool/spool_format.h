/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The spool file: what processes of one family write and the courier reads. docs/spool.md explains
 * it.
 *
 * The file is cut into regions of SPOOL_REGION_SIZE, counted from its end. In each of them:
 *
 *     0                the page of struct spool_header, in region 0; in the others unused
 *     SPOOL_PAGE       a directory page: the states of the region's 127 blocks, and 56 slots
 *     2 * SPOOL_PAGE   127 blocks of SPOOL_BLOCK_SIZE, each with a struct spool_block in front
 *
 * A process that begins to write touches header, directory and one block. They are neighbours, so
 * that one system call gives them memory, and one page fault of a forked child maps all that have
 * it. They are the file's end and not its beginning because a mapping of 1 GiB ends, and never
 * begins, close to the libraries: there the tables of pages are at hand.
 *
 * A file that is smaller than a region is the beginning of one.
 *
 * One file belongs to one family: the image that one exec made, and all that forks from it. Every
 * number is in the machine's byte order. The reader trusts nothing in here but what it has checked.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SPOOL_MAGIC   0x4c4f4f50535f574cull /* "LW_SPOOL" */
#define SPOOL_VERSION 2u

#define SPOOL_BLOCK_SIZE 16384u
#define SPOOL_MIN_SIZE   (1u << 20)
#define SPOOL_MAX_SIZE   (1ull << 30)
#define SPOOL_PAGE       4096u

/*
 * One huge page where the kernel can give them: the writer asks for region 0 at the first
 * definition, the courier for the next ones, ahead of the writers.
 */
#define SPOOL_REGION_SIZE (2u << 20)

#define SPOOL_REGION_BLOCKS 127u
#define SPOOL_REGION_SLOTS  56u
#define SPOOL_MAX_SLOTS     4096u
#define SPOOL_FIRST_SLOT    512u /* offset in the directory page: states come before */
#define SPOOL_FIRST_BLOCK   (2 * SPOOL_PAGE)

/*
 * A block's state word: state in the low 3 bits, the owner's slot above.
 * VIRGIN -> OWNED: a writer, compare-and-swap; FREE -> OWNED: the same.
 * OWNED -> DRAINED -> FREE: the courier alone; in between it zeroes the block. A courier that finds
 * a DRAINED block goes on with that.
 * OWNED -> VIRGIN: the courier, when the owner died before it filled the block's header in.
 * VIRGIN or FREE -> DEFINITIONS: a writer; such a block is never freed.
 * VIRGIN differs from FREE because a virgin block may have no memory behind it yet. A free one has,
 * up to its `limit`, and all of it is zero from the first record on.
 */
enum spool_block_state {
    SPOOL_VIRGIN = 0,
    SPOOL_OWNED = 1,
    SPOOL_FREE = 2,
    SPOOL_DEFINITIONS = 3,
    SPOOL_DRAINED = 4,
};
#define SPOOL_STATE_BITS              3u
#define SPOOL_STATE(word)             ((word) & ((1u << SPOOL_STATE_BITS) - 1))
#define SPOOL_STATE_SLOT(word)        ((word) >> SPOOL_STATE_BITS)
#define SPOOL_STATE_WORD(state, slot) ((uint32_t)(state) | (uint32_t)(slot) << SPOOL_STATE_BITS)

struct spool_header {
    /* Written once by the creator; magic last, with release. */
    _Atomic uint64_t magic;
    uint32_t version;
    uint32_t header_size; /* sizeof(struct spool_header) */
    uint64_t file_size;
    uint32_t block_size;
    uint32_t n_blocks;
    uint32_t n_slots;
    uint32_t creator_pid;
    uint64_t family;     /* random, never 0; the file is named by it */
    uint64_t created_ns; /* CLOCK_REALTIME */

    /* The writers' line. */
    _Alignas(128) _Atomic uint32_t n_blocks_used; /* the rest was always VIRGIN */
    _Atomic uint32_t block_cursor; /* where the next search for a FREE block begins */
    _Atomic uint32_t n_slots_used;
    _Atomic uint32_t slot_cursor;
    _Atomic uint64_t next_chain;       /* number of the next claimed block, from 1 */
    _Atomic uint64_t next_serial;      /* number of the next process, from 1 */
    _Atomic uint32_t next_definition;  /* id of the next definition */
    _Atomic uint32_t definition_block; /* index + 1 of the block that takes definitions; 0 none */
    _Atomic uint32_t n_definition_blocks;
    _Atomic uint32_t n_waiters; /* processes that wait on `progress` */
    _Atomic uint64_t n_refused; /* records that found no room, rows among them */
    _Atomic uint64_t n_rows_refused;
    _Atomic uint32_t n_backed; /* regions up to this one have memory behind their directory */

    /* The reader's line. */
    _Alignas(128) _Atomic uint32_t
        progress; /* futex: +1 with each commit of the courier that freed or stored anything */
    _Atomic uint32_t courier_pid; /* non-zero while a courier serves this spool */
};
_Static_assert(sizeof(struct spool_header) <= 4096, "the header is one page");

/* One process that has written. Claimed by pid 0 -> pid; readable once serial is not 0. */
struct spool_slot {
    _Atomic uint32_t pid; /* in the writer's pid namespace */
    uint32_t parent_pid;
    _Atomic uint64_t serial; /* of this process in the family; stored last, with release */
    uint64_t parent_serial;  /* 0: the process that made the family */
    uint64_t
        claimed_ns; /* CLOCK_BOOTTIME: a process with this pid that began later is another one */
    uint64_t reserved[4];
};
_Static_assert(sizeof(struct spool_slot) == 64, "a slot is one cache line");

_Static_assert(SPOOL_REGION_BLOCKS * sizeof(uint32_t) <= SPOOL_FIRST_SLOT &&
                   SPOOL_FIRST_SLOT + SPOOL_REGION_SLOTS * sizeof(struct spool_slot) <= SPOOL_PAGE,
               "a directory fits into its page");
_Static_assert(SPOOL_FIRST_BLOCK + SPOOL_REGION_BLOCKS * SPOOL_BLOCK_SIZE <= SPOOL_REGION_SIZE,
               "the blocks fit into their region");

struct spool_block {
    _Atomic uint64_t chain; /* order of claiming; 0 until the rest is valid, stored with release */
    uint64_t serial;        /* of the owning process */
    uint32_t slot;
    uint32_t tid;
    _Atomic uint32_t tail;   /* hint: no record begins before it that is not reserved; from
                                sizeof(struct spool_block) */
    _Atomic uint32_t n_rows; /* rows accepted: log calls that returned success */
    _Atomic uint32_t limit;  /* offset up to which there is memory: writers stay below it */
    uint8_t writers_pad[28];
    _Atomic uint32_t
        read_position; /* courier: offset of the first record not yet in the recording */
    uint8_t readers_pad[60];
};
_Static_assert(sizeof(struct spool_block) == 128, "the writer's line and the reader's line");

/* Whether a file of this size can be a spool: whole regions, or whole pages of a single one. */
static inline bool spool_is_size(uint64_t size)
{
    return size >= SPOOL_MIN_SIZE && size <= SPOOL_MAX_SIZE &&
           size % (size < SPOOL_REGION_SIZE ? SPOOL_PAGE : SPOOL_REGION_SIZE) == 0;
}

/* What a file of a size that spool_is_size has room for, and where its header lies. */
static inline uint32_t spool_room_for_blocks(uint64_t size)
{
    return (uint32_t)(size < SPOOL_REGION_SIZE ? (size - SPOOL_FIRST_BLOCK) / SPOOL_BLOCK_SIZE
                                               : size / SPOOL_REGION_SIZE * SPOOL_REGION_BLOCKS);
}

static inline uint32_t spool_room_for_slots(uint64_t size)
{
    uint64_t n = size < SPOOL_REGION_SIZE ? SPOOL_REGION_SLOTS
                                          : size / SPOOL_REGION_SIZE * SPOOL_REGION_SLOTS;

    return (uint32_t)(n < SPOOL_MAX_SLOTS ? n : SPOOL_MAX_SLOTS);
}

static inline uint64_t spool_header_offset(uint64_t size)
{
    return size < SPOOL_REGION_SIZE ? 0 : size - SPOOL_REGION_SIZE;
}

/* Places in a mapping. The caller has checked the index against n_blocks or n_slots. */
static inline uint8_t *spool_region_at(const struct spool_header *header, uint32_t region)
{
    return (uint8_t *)((uintptr_t)header - (uintptr_t)region * SPOOL_REGION_SIZE);
}

static inline _Atomic uint32_t *spool_state_at(const struct spool_header *header, uint32_t block)
{
    uint8_t *region = spool_region_at(header, block / SPOOL_REGION_BLOCKS);

    return (_Atomic uint32_t *)(void *)(region + SPOOL_PAGE) + block % SPOOL_REGION_BLOCKS;
}

static inline struct spool_slot *spool_slot_at(const struct spool_header *header, uint32_t slot)
{
    uint8_t *region = spool_region_at(header, slot / SPOOL_REGION_SLOTS);

    return (struct spool_slot *)(void *)(region + SPOOL_PAGE + SPOOL_FIRST_SLOT) +
           slot % SPOOL_REGION_SLOTS;
}

static inline struct spool_block *spool_block_at(const struct spool_header *header, uint32_t block)
{
    uint8_t *region = spool_region_at(header, block / SPOOL_REGION_BLOCKS);

    return (struct spool_block *)(void *)(region + SPOOL_FIRST_BLOCK +
                                          block % SPOOL_REGION_BLOCKS * SPOOL_BLOCK_SIZE);
}

/*
 * A record: this header, then the payload. The whole is a multiple of 8 bytes.
 * word: 0 nothing here yet | size << 2 | 1 reserved | size << 2 | 3 committed; size counts the
 * header. A PAD record is its word alone: it closes the block at any offset.
 */
struct spool_record {
    _Atomic uint32_t word;
    uint16_t kind;     /* enum record_kind, sdk/record/record.h */
    uint16_t reserved; /* 0 */
    uint64_t time_ns;  /* CLOCK_REALTIME of the call */
};
_Static_assert(sizeof(struct spool_record) == 16, "records are counted in 8 bytes");
#define SPOOL_RESERVED(size)     ((uint32_t)(size) << 2 | 1u)
#define SPOOL_COMMITTED(size)    ((uint32_t)(size) << 2 | 3u)
#define SPOOL_RECORD_SIZE(word)  ((word) >> 2)
#define SPOOL_IS_COMMITTED(word) (((word)&3u) == 3u)

#define SPOOL_MAX_PAYLOAD                                                                          \
    (SPOOL_BLOCK_SIZE - sizeof(struct spool_block) - sizeof(struct spool_record))
