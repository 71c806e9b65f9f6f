/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The spool's writer: every way to begin, to be interrupted, to run out of room and to die. */
#include "sdk/spool/session.h"
#include "sdk/spool/spool.h"
#include "sdk/spool/spool_format.h"
#include "sdk/spool/spool_internal.h"
#include "tests/support/spool_records.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static char session[SESSION_PATH_SIZE];

static void make_session(void)
{
    spool_test_session_make(session);
    setenv("LASTWORD_SESSION", session, 1);
}

static void remove_session(void)
{
    spool_test_session_remove(session);
}

static void limit(int what, rlim_t most)
{
    cr_assert_eq(setrlimit(what, &(struct rlimit){most, most}), 0);
}

TestSuite(spool, .init = make_session, .fini = remove_session, .timeout = 60);

/* A row of `size` bytes: number, then a pattern that depends on it. */
static int log_row(uint64_t number, size_t size)
{
    struct spool_cursor cursor;
    int result = lastword_spool_v1.begin(&cursor, RECORD_ROW, number + 1, size);

    if (result < 0)
        return result;
    for (size_t at = 0; at < size; at += 8) {
        uint64_t word = number + at;

        spool_put(&cursor, &word, sizeof(word));
    }
    return lastword_spool_v1.end(&cursor);
}

static void check_row(const struct spool_test_record *record)
{
    uint64_t number = record->time_ns - 1;
    const uint64_t *words = record->payload;

    for (size_t i = 0; i < record->size / 8; i++)
        cr_assert_eq(words[i], number + i * 8, "row %lu, word %zu", number, i);
}

/* Waits for a child and returns its wait status. */
static int reap(pid_t child)
{
    int status = -1;

    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

#define assert_exits(child, code)                                                                  \
    do {                                                                                           \
        int status_ = reap(child);                                                                 \
        cr_assert(WIFEXITED(status_) && WEXITSTATUS(status_) == (code), "status %#x", status_);    \
    } while (0)

Test(spool, rows_stand_in_order_across_blocks)
{
    struct spool_test_records records;

    for (uint64_t i = 0; i < 3000; i++)
        cr_assert_eq(log_row(i, 8 + i % 40 * 8), 0);
    records = spool_test_read(session);
    cr_assert_eq(records.n, 3000);
    cr_assert_eq(records.n_rows, 3000);
    for (size_t i = 0; i < records.n; i++) {
        cr_assert_eq(records.at[i].time_ns, i + 1);
        cr_assert_eq(records.at[i].pid, (uint32_t)getpid());
        check_row(&records.at[i]);
    }
    spool_test_records_free(&records);
}

/* Whether [at, at + size) lies in a file of `file_size` bytes that is mapped around `header`. */
static bool lies_within(const struct spool_header *header, uint64_t file_size, const void *at,
                        size_t size)
{
    uintptr_t start = (uintptr_t)header - spool_header_offset(file_size);

    return (uintptr_t)at >= start && (uintptr_t)at + size <= start + file_size;
}

Test(spool, all_places_lie_in_the_file_and_apart)
{
    static const uint64_t sizes[] = {SPOOL_MIN_SIZE, SPOOL_REGION_SIZE - SPOOL_PAGE,
                                     SPOOL_REGION_SIZE, 3 * SPOOL_REGION_SIZE, SPOOL_MAX_SIZE};
    /* Only numbers are compared: nothing lies there. */
    const struct spool_header *header = (const void *)(uintptr_t)(8 * SPOOL_MAX_SIZE);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        uint32_t n_blocks = spool_room_for_blocks(sizes[i]);
        uint32_t n_slots = spool_room_for_slots(sizes[i]);

        cr_assert(spool_is_size(sizes[i]));
        cr_assert_gt(n_blocks, 60 * (sizes[i] >> 20), "%u blocks", n_blocks);
        cr_assert(lies_within(header, sizes[i], header, SPOOL_PAGE));
        for (uint32_t block = 0; block < n_blocks; block++) {
            uintptr_t at = (uintptr_t)spool_block_at(header, block);
            uintptr_t state = (uintptr_t)spool_state_at(header, block);

            cr_assert(lies_within(header, sizes[i], (void *)at, SPOOL_BLOCK_SIZE));
            cr_assert(state % SPOOL_REGION_SIZE >= SPOOL_PAGE);
            cr_assert(state % SPOOL_REGION_SIZE < SPOOL_PAGE + SPOOL_FIRST_SLOT);
            cr_assert(at % SPOOL_REGION_SIZE >= SPOOL_FIRST_BLOCK && at > state);
            cr_assert_eq(at / SPOOL_REGION_SIZE, state / SPOOL_REGION_SIZE);
        }
        for (uint32_t slot = 0; slot < n_slots; slot++) {
            uintptr_t at = (uintptr_t)spool_slot_at(header, slot);

            cr_assert(lies_within(header, sizes[i], (void *)at, sizeof(struct spool_slot)));
            cr_assert(at % SPOOL_REGION_SIZE >= SPOOL_PAGE + SPOOL_FIRST_SLOT);
            cr_assert(at % SPOOL_REGION_SIZE < SPOOL_FIRST_BLOCK);
        }
    }
    cr_assert_not(spool_is_size(SPOOL_REGION_SIZE + SPOOL_PAGE));
    cr_assert_not(spool_is_size(SPOOL_MIN_SIZE - SPOOL_PAGE));
}

/* What was born free has memory for half of it, and must get the rest before it is written to. */
Test(spool, the_first_block_takes_rows_of_all_sizes)
{
    struct spool_test_records records;

    cr_assert_eq(log_row(0, 8), 0);
    cr_assert_eq(spool_thread.block, spool_block_at(spool_state.header, 0));
    cr_assert_eq(spool_thread.block->limit, BLOCK_FIRST_HALF);
    cr_assert_eq(log_row(1, BLOCK_FIRST_HALF), 0);
    cr_assert_eq(spool_thread.block, spool_block_at(spool_state.header, 0));
    cr_assert_eq(spool_thread.block->limit, SPOOL_BLOCK_SIZE);
    records = spool_test_read(session);
    cr_assert_eq(records.n, 2);
    spool_test_records_free(&records);
}

/* As a courier does while a signal handler of this thread has closed the block and logs elsewhere.
 */
Test(spool, a_block_that_was_taken_back_gets_no_row)
{
    struct spool_block *block;
    struct spool_test_records records;
    const struct spool_record *stray;

    cr_assert_eq(log_row(0, 8), 0);
    block = spool_thread.block;
    atomic_store(&block->chain, 0);
    memset(block + 1, 0, SPOOL_BLOCK_SIZE - sizeof(*block));
    cr_assert_eq(log_row(1, 8), 0);
    stray = (const void *)((const uint8_t *)block + sizeof(*block) + 24);
    cr_assert_eq(stray->word, SPOOL_COMMITTED(24));
    cr_assert_eq(stray->kind, RECORD_FRAGMENT_ABANDONED);
    cr_assert_neq(spool_thread.block, block);
    records = spool_test_read(session);
    cr_assert_eq(records.n, 1, "the row in the new block");
    cr_assert_eq(records.at[0].time_ns, 2);
    spool_test_records_free(&records);
}

Test(spool, no_session_is_an_error_and_not_a_crash)
{
    unsetenv("LASTWORD_SESSION");
    cr_assert_eq(log_row(1, 8), -ENOENT);
    cr_assert_eq(log_row(1, 100000), -ENOENT);
    cr_assert_eq(lastword_spool_v1.next_id(), 0);
    cr_assert_eq(lastword_spool_v1.wait_stored(10), 0);
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

Test(spool, waiting_for_what_this_thread_has_logged_is_bounded)
{
    uint64_t start_ms;

    cr_assert_eq(lastword_spool_v1.wait_thread(60000), 0, "it has logged nothing");
    cr_assert_eq(log_row(0, 8), 0);
    start_ms = now_ms();
    errno = 4711;
    cr_assert_eq(lastword_spool_v1.wait_thread(200), -ETIMEDOUT, "the courier may still come");
    cr_assert_eq(errno, 4711);
    cr_assert_geq(now_ms() - start_ms, 200);
    start_ms = now_ms();
    cr_assert_eq(lastword_spool_v1.wait_thread(60000), -ETIMEDOUT, "not twice in vain");
    cr_assert_lt(now_ms() - start_ms, 10000);
    atomic_fetch_add(&spool_state.header->progress, 1);
    spool_state.flush_timeout_ms = 100;
    cr_assert_eq(lastword_spool_v1.wait_thread(60000), -ETIMEDOUT, "LASTWORD_FLUSH_TIMEOUT");
    cr_assert_lt(now_ms() - start_ms, 10000);
    atomic_store(&spool_thread.block->read_position, block_end(spool_thread.block));
    cr_assert_eq(lastword_spool_v1.wait_thread(60000), 0);
    cr_assert_eq(log_row(1, 8), 0);
    cr_assert_eq(lastword_spool_v1.wait_thread(0), -ETIMEDOUT);
    atomic_store(&spool_thread.block->chain, 0);
    cr_assert_eq(lastword_spool_v1.wait_thread(60000), 0, "the block was taken back");
}

Test(spool, without_a_courier_nothing_is_waited_for)
{
    cr_assert_eq(log_row(0, 8), 0);
    spool_state.expects_courier = false;
    cr_assert_eq(lastword_spool_v1.wait_thread(60000), 0);
}

Test(spool, errno_stays)
{
    errno = 4711;
    cr_assert_eq(log_row(1, 8), 0);
    cr_assert_eq(log_row(1, 100000), 0);
    (void)lastword_spool_v1.serial();
    cr_assert_eq(lastword_spool_v1.define(RECORD_DEFINE_RECORDING, "1234567", 8, NULL), 0);
    cr_assert_eq(errno, 4711);
}

Test(spool, more_or_fewer_bytes_than_announced_are_refused)
{
    struct spool_test_records records;
    struct spool_cursor cursor;

    cr_assert_eq(lastword_spool_v1.begin(&cursor, RECORD_ROW, 1, 16), 0);
    spool_put(&cursor, "12345678", 8);
    cr_assert_eq(lastword_spool_v1.end(&cursor), -EMSGSIZE);
    cr_assert_eq(lastword_spool_v1.begin(&cursor, RECORD_ROW, 1, 8), 0);
    spool_put(&cursor, "1234567812345678", 16);
    cr_assert_eq(lastword_spool_v1.end(&cursor), -EMSGSIZE);
    cr_assert_eq(log_row(5, 8), 0);
    records = spool_test_read(session);
    cr_assert_eq(records.n_rows, 1);
    cr_assert_eq(records.at[records.n - 1].kind, RECORD_ROW);
    cr_assert_eq(records.at[0].kind, RECORD_FRAGMENT_ABANDONED);
    spool_test_records_free(&records);
}

/* Forks in the given way: 0 fork, 1 _Fork, 2 the raw system call. */
static pid_t fork_by(int way)
{
    if (way == 0)
        return fork();
    return way == 1 ? _Fork() : (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

Test(spool, children_of_every_fork_are_processes_of_their_own)
{
    struct spool_test_records records;
    uint64_t own = 0;

    cr_assert_eq(log_row(0, 8), 0);
    own = lastword_spool_v1.serial();
    for (int way = 0; way < 3; way++) {
        pid_t child = fork_by(way);

        if (child == 0)
            _exit(log_row((uint64_t)way + 1, 64) == 0 && lastword_spool_v1.serial() != own ? 0 : 7);
        assert_exits(child, 0);
        cr_assert_eq(log_row(10, 8), 0);
    }
    cr_assert_eq(lastword_spool_v1.serial(), own);
    records = spool_test_read(session);
    cr_assert_eq(records.n, 7);
    for (size_t i = 0; i < records.n; i++) {
        bool child = records.at[i].size == 64;

        cr_assert_eq(records.at[i].serial == own, !child);
        cr_assert_eq(records.at[i].parent_serial, child ? own : 0);
        cr_assert_eq(records.at[i].parent_pid == (uint32_t)getpid(), child);
    }
    spool_test_records_free(&records);
}

Test(spool, a_child_forked_before_the_first_row_makes_its_own_spool)
{
    struct spool_test_records records;
    pid_t child = fork();

    if (child == 0)
        _exit(log_row(1, 8) == 0 ? 0 : 7);
    assert_exits(child, 0);
    cr_assert_eq(log_row(2, 8), 0);
    records = spool_test_read(session);
    cr_assert_eq(records.n_spools, 2);
    cr_assert_eq(records.n, 2);
    spool_test_records_free(&records);
}

Test(spool, a_vfork_child_goes_on_in_its_parents_block)
{
    struct spool_test_records records;
    pid_t child;

    cr_assert_eq(log_row(0, 8), 0);
    child = vfork();
    if (child == 0) {
        (void)log_row(1, 8);
        _exit(0);
    }
    assert_exits(child, 0);
    cr_assert_eq(log_row(2, 8), 0);
    records = spool_test_read(session);
    cr_assert_eq(records.n, 3);
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(records.at[i].time_ns, i + 1);
    spool_test_records_free(&records);
}

#define VM_ROWS 20000

static int log_beside(void *first)
{
    for (uint64_t i = 0; i < VM_ROWS; i++) {
        if (log_row(*(uint64_t *)first + i, 24) < 0)
            return 7;
    }
    return 0;
}

/* A task that shares memory, thread-local storage and thus the block, and runs at the same time. */
Test(spool, a_clone_that_shares_memory_appends_to_the_same_blocks)
{
    static char stack[1 << 18] __attribute__((aligned(16)));
    struct spool_test_records records;
    uint64_t first = VM_ROWS;
    pid_t child;

    cr_assert_eq(log_row(0, 24), 0);
    child = clone(log_beside, stack + sizeof(stack), CLONE_VM | SIGCHLD, &first);
    cr_assert_gt(child, 0);
    for (uint64_t i = 1; i < VM_ROWS; i++)
        cr_assert_eq(log_row(i, 24), 0);
    assert_exits(child, 0);
    records = spool_test_read(session);
    cr_assert_eq(records.n, 2 * VM_ROWS);
    for (size_t i = 0; i < records.n; i++)
        check_row(&records.at[i]);
    spool_test_records_free(&records);
}

/* Runs `body` in a child, so that a signal ends the child and not the test. */
static int run_apart(int (*body)(void))
{
    pid_t child = fork();

    if (child == 0)
        _exit(body());
    return reap(child);
}

static volatile sig_atomic_t n_handled;

static void log_in_handler(int number)
{
    (void)number;
    if (log_row(1000000 + (uint64_t)n_handled, 40) == 0)
        n_handled++;
}

static int log_under_a_storm(void)
{
    struct itimerval often = {{0, 50}, {0, 50}};
    struct sigaction action = {.sa_handler = log_in_handler};
    uint64_t n = 0;

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (; n_handled < 300; n++) {
        if (log_row(n, n % 2000 == 0 ? 40000 : 56) < 0)
            return 7;
    }
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    return log_row(n + (uint64_t)n_handled, 16) == 0 ? 0 : 8; /* says how many there were */
}

Test(spool, handlers_that_interrupt_a_row_log_rows_of_their_own)
{
    struct spool_test_records records;
    const struct spool_test_record *last;
    int status = run_apart(log_under_a_storm);

    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", status);
    records = spool_test_read(session);
    last = &records.at[records.n - 1];
    cr_assert_eq(records.n_rows, last->time_ns);
    cr_assert_eq(records.n_reserved, 0);
    for (size_t i = 0; i < records.n; i++) {
        if (records.at[i].kind == RECORD_ROW)
            check_row(&records.at[i]);
    }
    spool_test_records_free(&records);
}

#define N_THREADS   4
#define THREAD_ROWS 5000

static void *log_in_thread(void *number)
{
    for (uint64_t i = 0; i < THREAD_ROWS; i++) {
        if (log_row((uint64_t)(uintptr_t)number * THREAD_ROWS + i, 32) < 0)
            return (void *)1;
    }
    return NULL;
}

static void start_threads(pthread_t threads[N_THREADS])
{
    for (uintptr_t i = 0; i < N_THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, log_in_thread, (void *)i), 0);
}

static void join_threads(pthread_t threads[N_THREADS])
{
    for (size_t i = 0; i < N_THREADS; i++) {
        void *failed = NULL;

        pthread_join(threads[i], &failed);
        cr_assert_null(failed);
    }
}

Test(spool, threads_have_blocks_of_their_own)
{
    struct spool_test_records records;
    pthread_t threads[N_THREADS];
    uint64_t next[N_THREADS] = {0};

    start_threads(threads);
    join_threads(threads);
    records = spool_test_read(session);
    cr_assert_eq(records.n, N_THREADS * THREAD_ROWS);
    for (size_t i = 0; i < records.n; i++) {
        uint64_t number = records.at[i].time_ns - 1;

        check_row(&records.at[i]);
        cr_assert_eq(number % THREAD_ROWS, next[number / THREAD_ROWS]++);
        cr_assert_eq(records.at[i].serial, records.at[0].serial);
    }
    spool_test_records_free(&records);
}

Test(spool, children_forked_while_threads_log_are_whole)
{
    struct spool_test_records records;
    pthread_t threads[N_THREADS];

    start_threads(threads);
    for (uint64_t i = 0; i < 50; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(log_row(1000000 + i, 72) == 0 ? 0 : 7);
        assert_exits(child, 0);
    }
    join_threads(threads);
    records = spool_test_read(session);
    cr_assert_eq(records.n_rows, N_THREADS * THREAD_ROWS + 50);
    spool_test_records_free(&records);
}

/* Puts the fragments of one record together again. */
static uint64_t *assemble(const struct spool_test_records *records, size_t first)
{
    const struct record_fragment *head = records->at[first].payload;
    uint8_t *whole = malloc(head->total_size);
    uint64_t done = 0;

    for (size_t i = first; i < records->n && done < head->total_size; i++) {
        const struct record_fragment *part = records->at[i].payload;

        cr_assert_eq(part->message, head->message);
        cr_assert_eq(part->offset, done);
        cr_assert_eq(records->at[i].kind, done ? RECORD_FRAGMENT_NEXT : RECORD_FRAGMENT_FIRST);
        memcpy(whole + done, part + 1, part->size);
        done += part->size;
    }
    cr_assert_eq(done, head->total_size);
    return (uint64_t *)(void *)whole;
}

Test(spool, a_row_larger_than_a_block_comes_in_fragments)
{
    const size_t sizes[] = {SPOOL_MAX_PAYLOAD + 8, 40000, 1000000, 10000000};
    struct spool_test_records records;

    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(log_row(i, sizes[i] / 8 * 8), 0);
    records = spool_test_read(session);
    cr_assert_eq(records.n_rows, 4);
    for (size_t i = 0; i < records.n; i++) {
        const struct record_fragment *head = records.at[i].payload;
        uint64_t *words;

        if (records.at[i].kind != RECORD_FRAGMENT_FIRST)
            continue;
        words = assemble(&records, i);
        for (size_t at = 0; at < head->total_size / 8; at++)
            cr_assert_eq(words[at], records.at[i].time_ns - 1 + at * 8);
        free(words);
    }
    spool_test_records_free(&records);
}

Test(spool, a_row_larger_than_its_share_goes_beside_the_spool)
{
    struct spool_test_records records;
    char path[SESSION_PATH_SIZE + 64];
    const struct record_side_file *side;
    uint64_t word = 0;
    int file;

    limit(RLIMIT_FSIZE, 4 << 20); /* a spool of 4 MiB, and rows of up to 512 KiB in it */
    cr_assert_eq(log_row(7, 4000000), 0);
    records = spool_test_read(session);
    cr_assert_eq(records.n, 1);
    cr_assert_eq(records.at[0].kind, RECORD_SIDE_FILE);
    side = records.at[0].payload;
    snprintf(path, sizeof(path), "%s/%.*s", session, (int)side->name_size,
             (const char *)(side + 1));
    file = open(path, O_RDONLY);
    cr_assert_eq(pread(file, &word, 8, 3999992), 8);
    cr_assert_eq(word, 7 + 3999992);
    close(file);
    spool_test_records_free(&records);
}

static int fill_up(void)
{
    uint64_t n = 0;
    int result;

    while ((result = log_row(n, 1000)) == 0)
        n++;
    if (result != -ENOSPC || n < 700 || n > 1100)
        return 7;
    return log_row(n, 100000) == -ENOSPC && log_row(n, 1000) == -ENOSPC ? 0 : 8;
}

Test(spool, a_full_spool_refuses_and_keeps_what_it_has)
{
    struct spool_test_records records;
    int status;

    limit(RLIMIT_FSIZE, 1 << 20);
    status = run_apart(fill_up);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", status);
    records = spool_test_read(session);
    cr_assert_geq(records.n_rows, 700);
    for (size_t i = 0; i < records.n; i++) {
        if (records.at[i].kind == RECORD_ROW)
            check_row(&records.at[i]);
    }
    spool_test_records_free(&records);
}

static int log_without_room(void)
{
    return log_row(1, 64) == -EFBIG && lastword_spool_v1.open(false) == -EFBIG ? 0 : 7;
}

Test(spool, a_limit_below_the_smallest_spool_is_an_error_and_not_death)
{
    limit(RLIMIT_FSIZE, (1 << 20) - 1);
    int status = run_apart(log_without_room);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", status);
}

static int log_until_full(void)
{
    int result;

    while ((result = log_row(1, 1000)) == 0)
        ;
    return result == -ENOSPC ? 0 : 7;
}

/* A file system of 300 KB: room runs out below the spool, which would be SIGBUS without care. */
Test(spool, a_full_file_system_is_an_error_and_no_signal)
{
    struct spool_test_records records;
    int status;

    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", session, "tmpfs", 0, "size=300k,mode=0700") < 0)
        cr_skip("mounting needs privileges");
    status = run_apart(log_until_full);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", status);
    records = spool_test_read(session);
    cr_assert_gt(records.n_rows, 100);
    spool_test_records_free(&records);
    umount2(session, MNT_DETACH);
}

static int log_one(void)
{
    return log_row(1, 64) == 0 ? 0 : 7;
}

Test(spool, a_small_address_space_gets_a_small_spool)
{
    int status;

#ifdef __SANITIZE_ADDRESS__
    cr_skip("the sanitizer needs more address space itself");
#endif
    limit(RLIMIT_AS, 1ul << 31);
    status = run_apart(log_one);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", status);
}

Test(spool, the_lock_tells_when_the_last_process_is_gone)
{
    char pattern[SESSION_PATH_SIZE + 16];
    int to_child[2];
    glob_t found;
    pid_t child;
    int file;

    cr_assert_eq(pipe(to_child), 0);
    child = fork();
    if (child == 0) {
        char byte;

        close(to_child[1]);
        if (log_row(1, 8) < 0 || fork() > 0)
            _exit(0);
        (void)!read(to_child[0], &byte, 1); /* the grandchild lives on until we close the pipe */
        _exit(0);
    }
    close(to_child[0]);
    assert_exits(child, 0);
    snprintf(pattern, sizeof(pattern), "%s/*" SESSION_SPOOL_SUFFIX, session);
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
    file = open(found.gl_pathv[0], O_RDWR);
    cr_assert_eq(flock(file, LOCK_EX | LOCK_NB), -1);
    cr_assert_eq(errno, EWOULDBLOCK);
    close(to_child[1]);
    cr_assert_eq(flock(file, LOCK_EX), 0); /* blocks until the mapping of the grandchild is gone */
    close(file);
    globfree(&found);
}

Test(spool, definitions_are_shared_with_children_and_stay)
{
    const struct record_recording *copy = NULL;
    struct record_recording recording = {.store_kind = 1};
    struct spool_test_records records;
    pid_t child;

    recording.id = lastword_spool_v1.next_id();
    cr_assert_geq(recording.id, RECORD_FIRST_COMPONENT_ID);
    cr_assert_eq(lastword_spool_v1.define(RECORD_DEFINE_RECORDING, &recording, sizeof(recording),
                                          (const void **)&copy),
                 0);
    lastword_spool_v1.set_recording(copy);
    child = fork();
    if (child == 0) {
        const struct record_recording *found = lastword_spool_v1.get_recording();

        if (!found || found->id != recording.id)
            _exit(7);
        recording.id = lastword_spool_v1.next_id();
        _exit(lastword_spool_v1.define(RECORD_DEFINE_RECORDING, &recording, sizeof(recording),
                                       NULL) == 0
                  ? 0
                  : 8);
    }
    assert_exits(child, 0);
    records = spool_test_read(session);
    cr_assert_eq(records.n, 2);
    cr_assert_eq(records.at[0].kind, RECORD_DEFINE_RECORDING);
    cr_assert_eq(((const struct record_recording *)records.at[1].payload)->id, recording.id + 1);
    spool_test_records_free(&records);
}

Test(spool, definitions_cannot_take_more_than_their_share)
{
    static const uint8_t definition[8192];
    uint64_t n = 0;

    limit(RLIMIT_FSIZE, 1 << 20);
    while (lastword_spool_v1.define(RECORD_DEFINE_RECORDING, definition, sizeof(definition),
                                    NULL) == 0)
        cr_assert_lt(++n, 40);
    cr_assert_gt(n, 8);
    cr_assert_eq(log_row(1, 64), 0, "rows still have room");
}

Test(spool, hundreds_of_children_at_once)
{
    struct spool_test_records records;
    int go[2];

    cr_assert_eq(log_row(0, 8), 0);
    cr_assert_eq(pipe(go), 0);
    for (uint64_t i = 0; i < 300; i++) {
        if (fork() == 0) {
            char byte;

            close(go[1]);
            (void)!read(go[0], &byte, 1);
            _exit(log_row(i, 64) == 0 ? 0 : 7);
        }
    }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < 300; i++) {
        int status = -1;

        wait(&status);
        cr_assert_eq(status, 0);
    }
    records = spool_test_read(session);
    cr_assert_eq(records.n_rows, 301);
    spool_test_records_free(&records);
}
