/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The spool file: what processes of one family write and the courier reads. docs/spool.md explains
 * it.
 *
 *     offset 0         struct spool_header, one page
 *     SPOOL_PAGE       n_blocks / 512 directory pages: the states of 512 blocks, and 32 slots
 *     blocks_offset    n_blocks x block of SPOOL_BLOCK_SIZE, each with a struct spool_block in
 * front
 *
 * A process that begins to write touches header, directory and one block: header and first
 * directory page are neighbours, so that one system call maps them both.
 *
 * One file belongs to one family: the image that one exec made, and all that forks from it. Every
 * number is in the machine's byte order. The reader trusts nothing in here but what it has checked.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define SPOOL_MAGIC   0x4c4f4f50535f574cull /* "LW_SPOOL" */
#define SPOOL_VERSION 1u

#define SPOOL_BLOCK_SIZE 16384u
#define SPOOL_MIN_SIZE   (1u << 20)
#define SPOOL_MAX_SIZE   (1ull << 30)
#define SPOOL_PAGE       4096u

/*
 * Memory comes in regions of this size where the kernel can give huge pages: the writer asks for
 * the first at the first definition, the courier for the next ones, ahead of the writers.
 */
#define SPOOL_REGION_SIZE (2u << 20)

#define SPOOL_DIRECTORY_BLOCKS 512u /* in one directory page: states first, */
#define SPOOL_DIRECTORY_SLOTS  32u  /* then slots */

/*
 * A block's state word: state in the low 3 bits, the owner's slot above.
 * VIRGIN -> OWNED: a writer, compare-and-swap; FREE -> OWNED: the same.
 * OWNED -> DRAINED -> FREE: the courier alone; in between it zeroes the block. A courier that finds
 * a DRAINED block goes on with that.
 * OWNED -> VIRGIN: the courier, when the owner died before it filled the block's header in.
 * VIRGIN or FREE -> DEFINITIONS: a writer; such a block is never freed.
 * VIRGIN differs from FREE because a virgin block has no memory behind it yet.
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
    uint32_t n_slots;       /* n_directories * 32 */
    uint32_t n_directories; /* n_blocks / 512, rounded up */
    uint64_t blocks_offset;
    uint64_t family;     /* random, never 0; the file is named by it */
    uint64_t created_ns; /* CLOCK_REALTIME */
    uint32_t creator_pid;
    uint32_t reserved; /* 0 */

    /* The writers' line. */
    _Alignas(128) _Atomic uint32_t n_blocks_used; /* blocks ever claimed: the rest is VIRGIN */
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
    _Atomic uint32_t n_backed; /* directory pages up to this one, counted from 0, have memory */

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

_Static_assert(SPOOL_DIRECTORY_BLOCKS * sizeof(uint32_t) +
                       SPOOL_DIRECTORY_SLOTS * sizeof(struct spool_slot) ==
                   SPOOL_PAGE,
               "a directory page is full");

/* Offsets in the file. The index must be checked against n_blocks or n_slots by the caller. */
static inline uint64_t spool_state_offset(uint32_t block)
{
    return (1 + (uint64_t)(block / SPOOL_DIRECTORY_BLOCKS)) * SPOOL_PAGE +
           block % SPOOL_DIRECTORY_BLOCKS * sizeof(uint32_t);
}

static inline uint64_t spool_slot_offset(uint32_t slot)
{
    return (1 + (uint64_t)(slot / SPOOL_DIRECTORY_SLOTS)) * SPOOL_PAGE +
           SPOOL_DIRECTORY_BLOCKS * sizeof(uint32_t) +
           slot % SPOOL_DIRECTORY_SLOTS * sizeof(struct spool_slot);
}

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
