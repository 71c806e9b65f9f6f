/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The records of one block, in order, with large ones joined. See spool_reader.h.
 */
#include "harness/courier/reader_internal.h"

#include <errno.h>

/* A record that is being written, while its thread wrote on elsewhere, was left by a jump out of a
 * signal handler or by a vfork child that died: its thread's later blocks wait no longer than this.
 */
#define RESERVED_MAX_NS 1000000000ull

#define WAIT 2 /* the record cannot be taken yet */

static bool is_over(const struct spool_reader *reader, const struct open_block *block)
{
    return reader->all_dead || block->thread->writer->is_dead || block->is_abandoned;
}

static int give(struct spool_reader *reader, struct writer_thread *thread, uint16_t kind,
                uint64_t time_ns, const void *payload, size_t size)
{
    const struct spool_reader_record record = {
        .writer = thread->writer,
        .last_time_ns = &thread->last_time_ns,
        .hold = &thread->hold,
        .kind = kind,
        .time_ns = time_ns,
        .payload = payload,
        .size = size,
    };

    int result;

    reader->n_read++;
    result = reader->calls.record(reader->calls.context, &record);
    return result == -EBUSY ? WAIT : result;
}

static int damaged(struct spool_reader *reader, struct open_block *block, uint64_t n_rows,
                   const char *what)
{
    return reader->calls.damaged(reader->calls.context, block->thread->writer, n_rows, what);
}

/* --- Fragments --------------------------------------------------------------------------------
 */

/* Adds the fragments that this block holds. Returns 1 when there may be more in later blocks. */
static int join_block(struct spool_reader *reader, struct fragment_join *join,
                      const struct open_block *block)
{
    bool is_known = block->chain == join->next_chain && join->next_position != 0;
    struct block_copy copy = {.bytes = reader->fragments_copy};
    const struct spool_record *record;
    uint32_t offset;

    block_copy(reader->map, block->index, is_known ? join->next_position : block->position, &copy);
    offset = copy.from;
    while ((record = block_copy_next(&copy, &offset)) != NULL && !fragment_join_is_whole(join)) {
        int result = 0;

        if (record->kind == RECORD_FRAGMENT_NEXT)
            result = fragment_join_add(join, record + 1,
                                       SPOOL_RECORD_SIZE(record->word) - sizeof(*record));
        if (result < 0)
            return result;
    }
    join->next_chain = block->chain;
    join->next_position = offset;
    return copy.stop == BLOCK_SEALED || copy.stop == BLOCK_FULL;
}

/* Looks for the fragments that are missing, where the last look has ended. */
static int join_more(struct spool_reader *reader, struct fragment_join *join,
                     const struct writer_thread *thread)
{
    for (size_t i = 0; i < reader->n_open && !fragment_join_is_whole(join); i++) {
        const struct open_block *block = reader->open[i];
        int result;

        if (block->thread != thread || block->chain < join->next_chain)
            continue;
        result = join_block(reader, join, block);
        if (result <= 0)
            return result;
    }
    return 0;
}

/* The first fragment of a large record: is the rest there? */
static int take_first(struct spool_reader *reader, struct open_block *block,
                      const struct spool_record *record, uint32_t end)
{
    size_t size = SPOOL_RECORD_SIZE(record->word) - sizeof(*record);
    struct writer_thread *thread = block->thread;
    struct fragment_join *join = &thread->join;
    int result = 0;

    if (size < sizeof(struct record_fragment) ||
        !fragment_join_is(join, (const struct record_fragment *)(const void *)(record + 1))) {
        result = fragment_join_begin(join, record + 1, size, reader->map->size);
        join->next_chain = block->chain;
        join->next_position = end;
    }
    if (result == 0)
        result = join_more(reader, join, thread);
    if (result == -EBADMSG) {
        uint64_t n_rows = join->first.kind != RECORD_BLUEPRINT;

        fragment_join_done(join);
        return damaged(reader, block, n_rows, "the parts of a large record do not fit together");
    }
    if (result < 0)
        return result;
    if (!fragment_join_is_whole(join)) {
        if (!is_over(reader, block))
            return WAIT;
        fragment_join_done(join); /* its log call never returned */
        return 0;
    }
    result = give(reader, thread, (uint16_t)join->first.kind, record->time_ns, join->payload.data,
                  join->payload.size);
    if (result >= 0 && result != WAIT)
        fragment_join_done(join);
    return result;
}

/* --- Records ----------------------------------------------------------------------------------
 */

static int take(struct spool_reader *reader, struct open_block *block,
                const struct spool_record *record, uint32_t end)
{
    switch (record->kind) {
    case RECORD_FRAGMENT_FIRST:
        return take_first(reader, block, record, end);
    case RECORD_FRAGMENT_NEXT:
        /* Was taken with its first one, unless that one stands behind what we are stuck at. */
        return block->thread->stuck_in_pass == reader->pass ? WAIT : 0;
    case RECORD_FRAGMENT_ABANDONED:
        return 0;
    default:
        return give(reader, block->thread, record->kind, record->time_ns, record + 1,
                    SPOOL_RECORD_SIZE(record->word) - sizeof(*record));
    }
}

static void hold(struct spool_reader *reader, struct open_block *block)
{
    block->thread->held_in_pass = reader->pass;
}

/* Takes the records of a copy. Returns 0, 1 or WAIT, or a negative errno. */
static int take_copy(struct spool_reader *reader, struct open_block *block,
                     const struct block_copy *copy)
{
    const struct spool_record *record;
    uint32_t offset = copy->from;

    while ((record = block_copy_next(copy, &offset)) != NULL) {
        int result = take(reader, block, record, offset);

        if (result < 0 || result == WAIT)
            return result;
        block->n_rows += reader_is_row(record);
        block->position = offset;
        block->stuck_since_ns = 0;
        if (result != 0)
            return result;
    }
    return 0;
}

/* A record of a living writer's: it will be there in a moment, as a rule. */
static void wait_for_reserved(struct spool_reader *reader, struct open_block *block)
{
    if (block->stuck_since_ns == 0)
        block->stuck_since_ns = reader->now_ns;
    if (reader->now_ns - block->stuck_since_ns < RESERVED_MAX_NS)
        hold(reader, block);
    else
        block->thread->stuck_in_pass = reader->pass;
}

/* What to do where the copy ends. Returns 1 to read on, 0, or a negative errno. */
static int go_on(struct spool_reader *reader, struct open_block *block,
                 const struct block_copy *copy)
{
    int result;

    switch (copy->stop) {
    case BLOCK_OPEN:
        return is_over(reader, block) ? reader_close_block(reader, block) : 0;
    case BLOCK_RESERVED:
        if (is_over(reader, block)) {
            block->position += copy->stop_size;
            return 1;
        }
        wait_for_reserved(reader, block);
        return 0;
    case BLOCK_FULL:
        return 0;
    case BLOCK_MISSING:
        return reader_missing(reader);
    case BLOCK_SEALED:
        block->is_sealed = true;
        return reader_close_block(reader, block);
    case BLOCK_DAMAGED:
    default:
        block->is_sealed = true;
        result = reader_close_block(reader, block);
        return result < 0 ? result : damaged(reader, block, 0, "a block is damaged");
    }
}

int reader_read_block(struct spool_reader *reader, struct open_block *block)
{
    struct block_copy copy = {.bytes = reader->rows_copy};
    uint32_t before = block->position;
    int result;

    do {
        block_copy(reader->map, block->index, block->position, &copy);
        result = take_copy(reader, block, &copy);
        if (result == 0 && block->position != copy.end && copy.end > copy.from)
            copy.stop = BLOCK_DAMAGED; /* changed under our hands */
        if (result == 0)
            result = go_on(reader, block, &copy);
        else if (result == 1)
            break;
    } while (result == 1);
    if (result == WAIT) {
        hold(reader, block);
        result = 0;
    }
    if (block->position != before) {
        int marked = reader_mark_dirty(reader, block);

        result = marked < 0 ? marked : result;
    }
    return result;
}

/* --- Definitions ------------------------------------------------------------------------------
 */

static int give_definition(struct spool_reader *reader, const struct spool_record *record)
{
    const struct spool_reader_record definition = {
        .kind = record->kind,
        .time_ns = record->time_ns,
        .payload = record + 1,
        .size = SPOOL_RECORD_SIZE(record->word) - sizeof(*record),
    };

    return reader->calls.record(reader->calls.context, &definition);
}

/*
 * Reads one block of definitions, stepping over one that is being written: its writer may have
 * died, and others follow. The next look begins with it again. Returns 1 when a callback wants the
 * pass to end.
 */
static int read_definition_block(struct spool_reader *reader, struct open_block *block)
{
    struct block_copy copy = {.bytes = reader->definitions_copy};
    uint32_t position = block->position;
    bool has_gap = false;
    int result = 0;

    do {
        const struct spool_record *record;
        uint32_t offset = position;

        block_copy(reader->map, block->index, position, &copy);
        while (result == 0 && (record = block_copy_next(&copy, &offset)) != NULL)
            result = give_definition(reader, record);
        if (result < 0)
            return result;
        if (!has_gap)
            block->position = offset;
        has_gap = true;
        position = copy.end + copy.stop_size;
    } while (result == 0 && copy.stop == BLOCK_RESERVED);
    if (result == 0 && copy.stop == BLOCK_MISSING)
        return reader_missing(reader);
    return result;
}

int reader_read_definitions(struct spool_reader *reader)
{
    for (size_t i = 0; i < reader->n_definitions; i++) {
        int result = read_definition_block(reader, &reader->definitions[i]);

        if (result != 0)
            return result < 0 ? result : -EAGAIN;
    }
    return 0;
}
