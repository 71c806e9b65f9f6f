/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writing records: the table that SDK and shim call.
 *
 * The fast path of a record that fits into the thread's block is a compare-and-swap, a copy and a
 * store: no system call, no lock. Everything else (first use in a process, a full block, large
 * records) is in the slow path, with all signals blocked.
 */
#include "sdk/spool/spool_internal.h"

#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPOOL_SHARE                                                                                \
    8 /* a fragmented record may take this fraction of the spool; larger ones go beside it */

/* Does this thread's block belong to this process, and not to the one it was forked from? */
static inline bool owns_block(const struct spool_thread *thread)
{
    const struct spool_wiped *wiped =
        atomic_load_explicit(&spool_state.wiped, memory_order_relaxed);

    return wiped && thread->serial == atomic_load_explicit(&wiped->serial, memory_order_relaxed) &&
           __builtin_expect(!wiped->checks_pid || wiped->pid == (uint32_t)syscall(SYS_getpid), 1);
}

/* And has the courier not taken it back? */
static bool has_block(const struct spool_thread *thread)
{
    return owns_block(thread) &&
           atomic_load_explicit(&thread->block->chain, memory_order_relaxed) == thread->chain;
}

int thread_prepare(uint32_t size)
{
    struct spool_thread *thread = &spool_thread;
    struct spool_block *block;
    uint32_t index = 0;
    int result = process_claim();

    if (result < 0)
        return result;
    if (has_block(thread) && block_make_room(thread->block, size))
        return 0;
    result = block_claim(SPOOL_OWNED, &index);
    if (result < 0)
        return result;
    if (has_block(thread))
        block_seal(thread->block);
    block = spool_block_at(spool_state.header, index);
    thread->block = block;
    thread->chain = atomic_load_explicit(&block->chain, memory_order_relaxed);
    thread->serial = spool_state.wiped->serial;
    return 0;
}

static int writer_open(bool create_session)
{
    int saved;
    int result;

    if (spool_state.header)
        return 0;
    saved = errno;
    result = family_open(create_session);
    errno = saved;
    return result;
}

/* Claims with signals blocked, but waits for room without: a full spool must not keep Ctrl-C away.
 */
static int reserve_slowly(uint32_t size, struct spool_record **ret_record)
{
    uint64_t deadline_ns = 0;
    int result = writer_open(false);

    while (result == 0 && !*ret_record) {
        uint32_t seen = atomic_load(&spool_state.header->progress);
        uint64_t mask = signals_block();

        result = thread_prepare(size);
        if (result == 0)
            *ret_record = block_reserve(spool_thread.block, size);
        signals_restore(mask);
        if (result == -ENOSPC)
            result = room_wait(seen, &deadline_ns);
    }
    return result;
}

static void count_refused(uint16_t kind)
{
    struct spool_header *header = spool_state.header;

    if (!header)
        return;
    atomic_fetch_add_explicit(&header->n_refused, 1, memory_order_relaxed);
    if (kind == RECORD_ROW)
        atomic_fetch_add_explicit(&header->n_rows_refused, 1, memory_order_relaxed);
}

/* A reserved record that is not to be: the reader, and whoever owns the block now, step over it. */
static void abandon(struct spool_record *record)
{
    uint32_t word = atomic_load_explicit(&record->word, memory_order_relaxed);

    record->kind = RECORD_FRAGMENT_ABANDONED;
    atomic_store_explicit(&record->word, word | SPOOL_COMMITTED(0), memory_order_release);
}

/*
 * Signals are not blocked here. A handler that logs much may have closed this thread's block and
 * claimed another one, and the courier may have taken the old one back, between our looking at it
 * and the reservation. It clears the chain number before it zeroes the block, so whoever could
 * reserve there sees that.
 */
static struct spool_record *reserve_quickly(uint32_t size)
{
    uint64_t chain = spool_thread.chain;
    struct spool_block *block;
    struct spool_record *record;

    atomic_signal_fence(memory_order_seq_cst); /* a handler in between: the numbers differ */
    block = spool_thread.block;
    record = block_reserve(block, size);
    atomic_thread_fence(memory_order_acquire);
    if (__builtin_expect(!record, 0) ||
        __builtin_expect(atomic_load_explicit(&block->chain, memory_order_relaxed) == chain, 1))
        return record;
    abandon(record);
    return NULL;
}

static int begin_small(struct spool_cursor *cursor)
{
    uint32_t size = (uint32_t)(cursor->total + sizeof(struct spool_record));
    struct spool_record *record = NULL;
    int result;

    if (__builtin_expect(owns_block(&spool_thread), 1))
        record = reserve_quickly(size);
    if (__builtin_expect(!record, 0)) {
        result = reserve_slowly(size, &record);
        if (result < 0)
            return result;
    }
    record->kind = cursor->kind;
    record->time_ns = cursor->time_ns;
    cursor->record = record;
    cursor->at = (uint8_t *)(record + 1);
    cursor->end = cursor->at + cursor->total;
#ifdef LASTWORD_TEST_COMMIT_EARLY
    /* Negative control of the torture test: the wrong order, with a pause in which a kill can hit.
     */
    atomic_store_explicit(&record->word, SPOOL_COMMITTED(size), memory_order_release);
    nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
#endif
    return 0;
}

static int begin_side_file(struct spool_cursor *cursor)
{
    uint64_t mask = signals_block();
    int result = process_claim();

    if (result == 0)
        result = side_file_begin(cursor);
    signals_restore(mask);
    return result;
}

static int begin_large(struct spool_cursor *cursor)
{
    int saved = errno;
    int result = family_open(false);

    if (result == 0) {
        uint64_t spool_size = (uint64_t)spool_state.header->n_blocks * SPOOL_BLOCK_SIZE;

        result = cursor->total <= spool_size / SPOOL_SHARE ? fragments_begin(cursor)
                                                           : begin_side_file(cursor);
    }
    errno = saved;
    return result;
}

static int writer_begin(struct spool_cursor *cursor, uint16_t kind, uint64_t time_ns, uint64_t size)
{
    int result;

    cursor->total = size;
    cursor->time_ns = time_ns;
    cursor->kind = kind;
    cursor->error = 0;
    cursor->left = 0;
    cursor->first = NULL;
    cursor->side = NULL;
    result =
        __builtin_expect(size <= SPOOL_MAX_PAYLOAD, 1) ? begin_small(cursor) : begin_large(cursor);
    if (__builtin_expect(result < 0, 0))
        count_refused(kind);
    return result;
}

static void writer_put(struct spool_cursor *cursor, const void *bytes, uint64_t size)
{
    if (cursor->first)
        fragments_put(cursor, bytes, size);
    else
        cursor->error = -EMSGSIZE; /* more than was announced: `end` refuses the record */
}

static void count_row(void)
{
    atomic_fetch_add_explicit(&spool_thread.block->n_rows, 1, memory_order_relaxed);
}

static int end_small(struct spool_cursor *cursor)
{
    struct spool_record *record = cursor->record;
    uint32_t size = (uint32_t)(cursor->total + sizeof(*record));

    /*
     * A signal handler forked in the middle of this very call, and we are the child: the record is
     * the parent's, which commits it itself. The child's own call did not happen, and says so.
     */
    if (__builtin_expect(!owns_block(&spool_thread), 0))
        return -ECANCELED;
    if (__builtin_expect(cursor->error < 0 || cursor->at != cursor->end, 0)) {
        record->kind = RECORD_FRAGMENT_ABANDONED;
        cursor->error = -EMSGSIZE;
    }
    /* Release: whoever sees the committed word sees the whole record. */
    atomic_store_explicit(&record->word, SPOOL_COMMITTED(size), memory_order_release);
    if (cursor->kind == RECORD_ROW && cursor->error == 0)
        count_row();
    return cursor->error;
}

static int end_large(struct spool_cursor *cursor)
{
    int saved = errno;
    int result = cursor->side ? side_file_end(cursor) : fragments_end(cursor);

    if (result == 0 && cursor->kind == RECORD_ROW)
        count_row();
    errno = saved;
    return result;
}

static int writer_end(struct spool_cursor *cursor)
{
    int result = __builtin_expect(!cursor->first && !cursor->side, 1) ? end_small(cursor)
                                                                      : end_large(cursor);

    if (__builtin_expect(result < 0, 0))
        count_refused(cursor->kind);
    return result;
}

static uint32_t writer_next_id(void)
{
    if (writer_open(false) < 0)
        return 0;
    return atomic_fetch_add(&spool_state.header->next_definition, 1);
}

static void writer_set_recording(const struct record_recording *recording)
{
    atomic_store_explicit(&spool_state.recording, recording, memory_order_release);
}

static const struct record_recording *writer_get_recording(void)
{
    return atomic_load_explicit(&spool_state.recording, memory_order_acquire);
}

/*
 * The serial of a process that has claimed its slot, else 0. Adds nothing, but writes: in a forked
 * child this is the first touch of the wiped page, and a read would map the kernel's page of zeros
 * only for the claim to fault once more.
 */
static uint64_t claimed_serial(void)
{
    struct spool_wiped *wiped = atomic_load_explicit(&spool_state.wiped, memory_order_acquire);
    uint64_t serial = wiped ? atomic_fetch_add(&wiped->serial, 0) : 0;

    return serial && !wiped->checks_pid ? serial : 0;
}

/* Claims the slot with `claim`, signals blocked, and returns the serial; 0 where there is none. */
static uint64_t claim_serial(int (*claim)(void))
{
    uint64_t mask;

    if (writer_open(false) < 0)
        return 0;
    mask = signals_block();
    (void)!claim();
    signals_restore(mask);
    return spool_state.wiped->serial;
}

static uint64_t writer_serial(void)
{
    uint64_t serial = claimed_serial();

    return serial ? serial : claim_serial(process_claim);
}

/* A record comes next: its block is claimed along with the slot. */
static int prepare_record(void)
{
    return thread_prepare(sizeof(struct spool_record));
}

static bool writer_announce(void)
{
    return (claimed_serial() || claim_serial(prepare_record)) &&
           !atomic_load(&spool_state.wiped->announced) &&
           atomic_exchange(&spool_state.wiped->announced, 1) == 0;
}

static const char *writer_session(void)
{
    return spool_state.session;
}

static uint32_t writer_owner_pid(void)
{
    return spool_state.wiped ? spool_state.wiped->pid : 0;
}

const struct spool_api lastword_spool_v1 = {
    .version = 1,
    .size = sizeof(struct spool_api),
    .open = writer_open,
    .begin = writer_begin,
    .put = writer_put,
    .end = writer_end,
    .define = definition_append,
    .next_id = writer_next_id,
    .set_recording = writer_set_recording,
    .get_recording = writer_get_recording,
    .wait_stored = wait_stored,
    .serial = writer_serial,
    .announce = writer_announce,
    .session = writer_session,
    .owner_pid = writer_owner_pid,
    .wait_thread = wait_thread,
};
