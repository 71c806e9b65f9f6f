/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the three files of the spool reader share: spool_reader.c (passes and commits),
 * reader_blocks.c (which blocks there are), reader_records.c (what is in one).
 */
#pragma once

#include "harness/courier/spool_reader.h"

#define FIRST_RECORD ((uint32_t)sizeof(struct spool_block))

/* A block that holds records of a writer's. */
struct open_block {
    uint32_t index;
    uint32_t position;  /* of the first record that was not read */
    uint32_t committed; /* of the first one that is not committed: what stands in the spool */
    uint32_t n_rows;    /* found before `position` */
    uint64_t chain;
    uint64_t stuck_since_ns; /* CLOCK_MONOTONIC; 0: not */
    struct writer_thread *thread;
    bool is_sealed;    /* its writer has closed it */
    bool is_abandoned; /* its thread is gone */
    bool is_dirty;
    uint32_t checked_position; /* where it was when threads were checked last */
};

struct spool_reader {
    const struct spool_map *map;
    struct spool_reader_calls calls;
    struct writer_list writers;
    uint8_t *known;           /* a byte for each block: it is in `open` or `definitions` */
    struct open_block **open; /* by chain */
    size_t n_open, open_capacity;
    struct open_block **dirty; /* those of `open` that are */
    size_t n_dirty, dirty_capacity;
    struct open_block *definitions; /* only index and position are used */
    size_t n_definitions, definitions_capacity;
    uint64_t pass;
    uint64_t now_ns;
    bool all_dead;
    bool has_stored; /* positions, since progress was last made */
    size_t n_read;   /* records in this pass */
    _Alignas(16) uint8_t rows_copy[SPOOL_BLOCK_SIZE];
    _Alignas(16) uint8_t fragments_copy[SPOOL_BLOCK_SIZE];
    _Alignas(16) uint8_t definitions_copy[SPOOL_BLOCK_SIZE];
};

/*
 * reader_blocks.c: registers the blocks that have turned up, or only those of definitions, which is
 * all that may be done while rows are being read: of a thread's block a copy is read, and the rows
 * that came to it since would be passed over if a later block were known. Returns 0, -EBADMSG,
 * -ENOMEM, or of `found`.
 */
__attribute__((warn_unused_result)) int reader_find_blocks(struct spool_reader *reader,
                                                           bool only_definitions);

/* 0 when the page that is missing may be there later, -EBADMSG when the file was cut. */
__attribute__((warn_unused_result)) int reader_missing(const struct spool_reader *reader);

/* Notes that the block was read further. 0, -ENOMEM. */
__attribute__((warn_unused_result)) int reader_mark_dirty(struct spool_reader *reader,
                                                          struct open_block *block);

/* Nothing more is read from this block. 0, -ENOMEM. */
__attribute__((warn_unused_result)) int reader_close_block(struct spool_reader *reader,
                                                           struct open_block *block);

/* Does this record count as a row of the block that it is in? */
bool reader_is_row(const struct spool_record *record);

/* What the header counts. All zero when its page is missing. */
struct reader_counts {
    struct spool_header *header;
    uint64_t next_chain; /* read before n_blocks_used: blocks of lower numbers are below that */
    uint32_t n_blocks_used;
    uint32_t n_waiters;
    uint64_t n_rows_refused;
};
struct reader_counts reader_count(const struct spool_reader *reader);

/*
 * reader_records.c: reads on in one block. Returns 0; 1: a record was taken and the pass should
 * end; -EBADMSG, -ENOMEM, or what a callback returned.
 */
__attribute__((warn_unused_result)) int reader_read_block(struct spool_reader *reader,
                                                          struct open_block *block);
__attribute__((warn_unused_result)) int reader_read_definitions(struct spool_reader *reader);
