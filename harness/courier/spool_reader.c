/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Passes over a spool, and what happens once their records are committed. Owned by the courier that
 * serves the spool. Shared memory is touched only under the bus guard: here, in block_copy.c,
 * writer_list.c and reader_blocks.c.
 *
 * Order within a thread: its blocks are read in the order of their chain numbers. Where a block
 * cannot be read on (a large record that is not whole yet, a record being written), the thread's
 * later blocks wait.
 */
#include "harness/courier/reader_internal.h"

#include "harness/courier/bus_guard.h"
#include "harness/courier/liveness.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_ROWS ((SPOOL_BLOCK_SIZE - FIRST_RECORD) / (uint32_t)sizeof(struct spool_record))

int spool_reader_create(const struct spool_map *map, const struct spool_reader_calls *calls,
                        struct spool_reader **ret_reader)
{
    struct spool_reader *reader = calloc(1, sizeof(*reader));
    int result;

    if (reader == NULL)
        return -ENOMEM;
    reader->map = map;
    reader->calls = *calls;
    reader->known = calloc(map->n_blocks, 1);
    result = writer_list_init(&reader->writers, map);
    if (result == 0 && reader->known == NULL)
        result = -ENOMEM;
    if (result < 0)
        spool_reader_destroy(reader);
    else
        *ret_reader = reader;
    return result;
}

void spool_reader_destroy(struct spool_reader *reader)
{
    if (reader == NULL)
        return;
    for (size_t i = 0; i < reader->n_open; i++)
        free(reader->open[i]);
    free(reader->open);
    free(reader->dirty);
    free(reader->definitions);
    free(reader->known);
    writer_list_done(&reader->writers);
    free(reader);
}

/* --- Passes -----------------------------------------------------------------------------------
 */

/* Blocks were looked for after these were dead: what they wrote is all known now. */
static void mark_searched(struct spool_reader *reader)
{
    for (size_t i = 0; i < reader->writers.n; i++) {
        struct writer *writer = reader->writers.all[i];

        writer->is_dead |= reader->all_dead;
        writer->is_searched = writer->is_dead;
    }
}

static int read_blocks(struct spool_reader *reader, size_t max_dirty)
{
    for (size_t i = 0; i < reader->n_open; i++) {
        struct open_block *block = reader->open[i];
        int result;

        if (block->position == BLOCK_END || block->thread->held_in_pass == reader->pass)
            continue;
        if (!block->is_dirty && reader->n_dirty >= max_dirty)
            return -EAGAIN;
        result = reader_read_block(reader, block);
        if (result != 0)
            return result < 0 ? result : -EAGAIN;
    }
    return 0;
}

int spool_reader_pass(struct spool_reader *reader, uint64_t now_ns, bool all_dead, size_t max_dirty)
{
    int result;

    reader->pass++;
    reader->n_read = 0;
    reader->now_ns = now_ns;
    reader->all_dead = all_dead;
    if (!spool_map_is_whole(reader->map))
        return -EBADMSG;
    result = writer_list_update(&reader->writers, reader->map, reader->calls.found,
                                reader->calls.context);
    if (result == -EFAULT)
        return reader_missing(reader);
    if (result == 0)
        result = reader_find_blocks(reader, false);
    if (result < 0)
        return result;
    mark_searched(reader);
    result = reader_read_definitions(reader);
    if (result == 0)
        result = read_blocks(reader, max_dirty);
    return result < 0 ? result : (int)(reader->n_read < INT_MAX ? reader->n_read : INT_MAX);
}

int spool_reader_definitions(struct spool_reader *reader)
{
    int result = reader_find_blocks(reader, true);

    return result < 0 ? result : reader_read_definitions(reader);
}

/* --- Commits ----------------------------------------------------------------------------------
 */

size_t spool_reader_n_dirty(const struct spool_reader *reader)
{
    return reader->n_dirty;
}

void spool_reader_dirty(const struct spool_reader *reader, struct journal_entry *entries)
{
    for (size_t i = 0; i < reader->n_dirty; i++) {
        entries[i] = (struct journal_entry){
            .family = reader->map->family,
            .block = reader->dirty[i]->index,
            .position = reader->dirty[i]->position,
        };
    }
}

void spool_reader_store(struct spool_reader *reader)
{
    for (size_t i = 0; i < reader->n_dirty; i++) {
        struct open_block *block = reader->dirty[i];

        block_store_position(reader->map, block->index, block->position);
        block->committed = block->position;
        block->is_dirty = false;
    }
    reader->has_stored |= reader->n_dirty > 0;
    reader->n_dirty = 0;
}

/*
 * A block that is exactly full was closed by nobody: its thread may still look into it, until it
 * has taken another one.
 */
static bool is_left_by_writer(const struct spool_reader *reader, const struct open_block *block)
{
    return block->is_sealed || block->is_abandoned || reader->all_dead ||
           block->thread->writer->is_dead || block->thread->last_chain > block->chain;
}

static void give_back(struct spool_reader *reader, struct open_block *block)
{
    struct writer_thread *thread = block->thread;
    struct writer *writer = thread->writer;
    uint32_t n_counted = 0;

    block_free(reader->map, block->index, &n_counted);
    writer->n_rows_counted += n_counted < MOST_ROWS ? n_counted : MOST_ROWS;
    writer->n_rows_found += block->n_rows;
    reader->known[block->index] = 0;
    writer->n_blocks--;
    thread->n_blocks--;
    if (thread->n_blocks == 0 && thread->is_gone)
        writer_thread_remove(thread);
    free(block);
}

static size_t free_blocks(struct spool_reader *reader)
{
    size_t n_kept = 0;
    size_t n_freed;

    for (size_t i = 0; i < reader->n_open; i++) {
        struct open_block *block = reader->open[i];

        if (block->committed == BLOCK_END && is_left_by_writer(reader, block))
            give_back(reader, block);
        else
            reader->open[n_kept++] = block;
    }
    n_freed = reader->n_open - n_kept;
    reader->n_open = n_kept;
    return n_freed;
}

static void progress_body(void *context)
{
    struct reader_counts *call = context;

    atomic_fetch_add(&call->header->progress, 1);
    call->n_waiters = atomic_load(&call->header->n_waiters);
}

/* Futexes of a shared mapping: without FUTEX_PRIVATE_FLAG. */
static void make_progress(const struct spool_reader *reader)
{
    struct reader_counts call = {.header = spool_map_header(reader->map)};

    if (bus_guard_run(progress_body, &call) && call.n_waiters > 0)
        syscall(SYS_futex, &call.header->progress, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static int leave(struct spool_reader *reader)
{
    for (size_t i = 0; i < reader->writers.n; i++) {
        struct writer *writer = reader->writers.all[i];
        int result;

        if (!writer->is_searched || writer->n_blocks > 0 || writer->has_left)
            continue;
        result = reader->calls.left(reader->calls.context, writer, writer->n_rows_counted,
                                    writer->n_rows_found);
        if (result < 0)
            return result;
        writer->has_left = true;
    }
    return 0;
}

int spool_reader_committed(struct spool_reader *reader)
{
    if (free_blocks(reader) > 0 || reader->has_stored)
        make_progress(reader);
    reader->has_stored = false;
    return leave(reader);
}

size_t spool_reader_release_memory(struct spool_reader *reader, size_t n)
{
    uint32_t n_used = reader_count(reader).n_blocks_used;
    size_t n_released = 0;

    for (uint32_t i = 0; i < n_used && i < reader->map->n_blocks && n_released < n; i++)
        n_released += block_release_memory(reader->map, i);
    return n_released;
}

void spool_reader_forget(struct spool_reader *reader, struct writer *writer)
{
    if (writer->slot < reader->map->n_slots)
        block_free_unfilled(reader->map, writer->slot);
    writer_list_remove(&reader->writers, reader->map, writer);
}

bool spool_reader_is_drained(const struct spool_reader *reader)
{
    return reader->n_open == 0;
}

/* --- The rest ---------------------------------------------------------------------------------
 */

/* A block that has not moved since the last look, of a thread that may have ended. */
static bool may_be_abandoned(const struct open_block *block)
{
    const struct writer_thread *thread = block->thread;

    return block->checked_position == block->position && !block->is_abandoned &&
           !thread->writer->is_dead && thread->writer->is_watched &&
           thread->tid != thread->writer->pid;
}

void spool_reader_check_threads(struct spool_reader *reader)
{
    for (size_t i = 0; i < reader->n_open; i++) {
        struct open_block *block = reader->open[i];
        struct writer_thread *thread = block->thread;

        if (may_be_abandoned(block) && liveness_thread_is_gone(thread->writer->pid, thread->tid)) {
            block->is_abandoned = true;
            thread->is_gone = true;
        }
        block->checked_position = block->position;
    }
}

void spool_reader_visit(struct spool_reader *reader,
                        void (*visit)(void *context, struct writer *writer), void *context)
{
    for (size_t i = 0; i < reader->writers.n; i++)
        visit(context, reader->writers.all[i]);
}

uint64_t spool_reader_rows_refused(const struct spool_reader *reader)
{
    return reader_count(reader).n_rows_refused;
}

bool spool_reader_has_waiters(const struct spool_reader *reader)
{
    return reader_count(reader).n_waiters > 0;
}

struct serve_call {
    struct spool_header *header;
    uint32_t pid;
};

static void serve_body(void *context)
{
    const struct serve_call *call = context;

    atomic_store(&call->header->courier_pid, call->pid);
}

void spool_reader_serve(struct spool_reader *reader, uint32_t courier_pid)
{
    struct serve_call call = {spool_map_header(reader->map), courier_pid};

    (void)!bus_guard_run(serve_body, &call);
}
