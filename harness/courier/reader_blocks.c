/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which blocks of a spool there are to read, and whose they are. See spool_reader.h.
 */
#include "harness/courier/reader_internal.h"

#include "harness/courier/array.h"
#include "harness/courier/bus_guard.h"
#include "harness/courier/side_file.h"

#include <errno.h>
#include <string.h>

#define HEADS_AT_ONCE 128u

bool reader_is_row(const struct spool_record *record)
{
    size_t size = SPOOL_RECORD_SIZE(record->word) - sizeof(*record);

    if (record->kind == RECORD_FRAGMENT_NEXT)
        return fragment_ends_row(record + 1, size);
    if (record->kind == RECORD_SIDE_FILE)
        return side_file_kind(record + 1, size) == RECORD_ROW;
    return record->kind == RECORD_ROW;
}

/* A courier before us has read part of this block: count what it found. */
static void recount(struct spool_reader *reader, struct open_block *block)
{
    struct block_copy copy = {.bytes = reader->rows_copy};
    const struct spool_record *record;
    uint32_t offset = FIRST_RECORD;

    block_copy(reader->map, block->index, FIRST_RECORD, &copy);
    while (offset < block->position && (record = block_copy_next(&copy, &offset)) != NULL)
        block->n_rows += reader_is_row(record);
    if (block->position == BLOCK_END)
        block->is_sealed = copy.stop == BLOCK_SEALED || copy.stop == BLOCK_DAMAGED;
}

static int find_thread(struct spool_reader *reader, const struct block_head *head,
                       struct writer_thread **ret_thread)
{
    struct writer *writer = writer_list_find(&reader->writers, head->slot, head->serial);

    if (writer == NULL) {
        int result = writer_list_update(&reader->writers, reader->map, reader->calls.found,
                                        reader->calls.context);

        if (result < 0)
            return result;
        writer = writer_list_find(&reader->writers, head->slot, head->serial);
    }
    if (writer == NULL) {
        writer = writer_list_add_unseen(&reader->writers, head->serial);
        if (writer == NULL)
            return -ENOMEM;
        writer->is_dead = reader->all_dead;
    }
    *ret_thread = writer_thread_get(writer, head->tid);
    return *ret_thread == NULL ? -ENOMEM : 0;
}

int reader_mark_dirty(struct spool_reader *reader, struct open_block *block)
{
    struct open_block **dirty;

    if (block->is_dirty)
        return 0;
    dirty = array_grow(reader->dirty, reader->n_dirty, &reader->dirty_capacity,
                       sizeof(struct open_block *));
    if (dirty == NULL)
        return -ENOMEM;
    reader->dirty = dirty;
    dirty[reader->n_dirty++] = block;
    block->is_dirty = true;
    return 0;
}

/* Nothing more is read from this block. */
int reader_close_block(struct spool_reader *reader, struct open_block *block)
{
    if (block->position == BLOCK_END)
        return 0;
    block->position = BLOCK_END;
    return reader_mark_dirty(reader, block);
}

static void insert_open(struct spool_reader *reader, struct open_block *block)
{
    size_t place = reader->n_open;

    while (place > 0 && reader->open[place - 1]->chain > block->chain)
        place--;
    memmove(&reader->open[place + 1], &reader->open[place],
            (reader->n_open - place) * sizeof(struct open_block *));
    reader->open[place] = block;
    reader->n_open++;
}

static int open_block(struct spool_reader *reader, const struct block_head *head)
{
    struct open_block **open = array_grow(reader->open, reader->n_open, &reader->open_capacity,
                                          sizeof(struct open_block *));
    struct writer_thread *thread;
    struct open_block *block;
    int result;

    if (open == NULL)
        return -ENOMEM;
    reader->open = open;
    result = find_thread(reader, head, &thread);
    if (result < 0)
        return result;
    block = calloc(1, sizeof(*block));
    if (block == NULL)
        return -ENOMEM;
    *block = (struct open_block){
        .index = head->index,
        .position = head->is_damaged ? FIRST_RECORD : head->read_position,
        .committed = head->is_damaged ? FIRST_RECORD : head->read_position,
        .chain = head->chain,
        .thread = thread,
    };
    insert_open(reader, block);
    reader->known[head->index] = 1;
    thread->n_blocks++;
    thread->writer->n_blocks++;
    thread->is_gone = false;
    if (head->chain > thread->last_chain)
        thread->last_chain = head->chain;
    if (block->position > FIRST_RECORD)
        recount(reader, block);
    if (!head->is_damaged)
        return 0;
    block->is_sealed = true;
    result = reader_close_block(reader, block);
    if (result == 0)
        result = reader->calls.damaged(reader->calls.context, thread->writer, 0,
                                       "a block's header is damaged");
    return result;
}

static int open_definitions(struct spool_reader *reader, const struct block_head *head)
{
    struct open_block *definitions =
        array_grow(reader->definitions, reader->n_definitions, &reader->definitions_capacity,
                   sizeof(struct open_block));

    if (definitions == NULL)
        return -ENOMEM;
    reader->definitions = definitions;
    definitions[reader->n_definitions++] =
        (struct open_block){.index = head->index, .position = FIRST_RECORD};
    reader->known[head->index] = 1;
    return 0;
}

/*
 * A block with a number from `next_chain` on was claimed while we looked: its thread may have
 * claimed another one before it, at a place that we had passed. It waits for the next pass, so that
 * a thread's blocks are known in their order. Without writers nothing is claimed, whatever the
 * numbers say.
 */
static int take_head(struct spool_reader *reader, const struct block_head *head,
                     uint64_t next_chain)
{
    if (head->state == SPOOL_DEFINITIONS)
        return open_definitions(reader, head);
    if (head->state == SPOOL_OWNED)
        return head->chain < next_chain || reader->all_dead ? open_block(reader, head) : 0;
    block_free(reader->map, head->index, NULL);
    return 0;
}

static void count_body(void *context)
{
    struct reader_counts *call = context;

    call->next_chain = atomic_load_explicit(&call->header->next_chain, memory_order_acquire);
    call->n_blocks_used = atomic_load_explicit(&call->header->n_blocks_used, memory_order_acquire);
    call->n_waiters = atomic_load_explicit(&call->header->n_waiters, memory_order_relaxed);
    call->n_rows_refused =
        atomic_load_explicit(&call->header->n_rows_refused, memory_order_relaxed);
}

struct reader_counts reader_count(const struct spool_reader *reader)
{
    struct reader_counts call = {.header = spool_map_header(reader->map)};

    (void)!bus_guard_run(count_body, &call);
    return call;
}

/* A page may be missing for want of memory, which passes, or because somebody cut the file. */
int reader_missing(const struct spool_reader *reader)
{
    return spool_map_is_whole(reader->map) ? 0 : -EBADMSG;
}

int reader_find_blocks(struct spool_reader *reader, bool only_definitions)
{
    struct reader_counts counts = reader_count(reader);
    uint32_t n_used = counts.n_blocks_used;
    struct block_head heads[HEADS_AT_ONCE];
    uint32_t next = 0;
    size_t n;

    n_used = n_used < reader->map->n_blocks ? n_used : reader->map->n_blocks;
    do {
        n = block_find(reader->map, reader->known, &next, n_used, heads, HEADS_AT_ONCE);
        for (size_t i = 0; i < n; i++) {
            int result = 0;

            if (!only_definitions || heads[i].state == SPOOL_DEFINITIONS)
                result = take_head(reader, &heads[i], counts.next_chain);
            if (result < 0)
                return result == -EFAULT ? reader_missing(reader) : result;
        }
    } while (next < n_used);
    return 0;
}
