/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The reader of spools against the real writer: each committed record once, in order, whoever dies.
 */
#include "harness/courier/spool_reader.h"
#include "sdk/spool/session.h"
#include "sdk/spool/spool.h"
#include "sdk/spool/spool_internal.h"
#include "tests/support/spool_records.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENOUGH 1000u /* dirty blocks */

static char session[SESSION_PATH_SIZE];
static int directory;
static struct spool_map map;
static struct spool_reader *reader;

/* What the reader gave: rows that carry a number, by serial. */
static struct {
    uint64_t *numbers;
    uint64_t *serials;
    size_t n, capacity;
    size_t n_other;
    size_t n_found, n_left;
    uint64_t n_damaged;
    size_t n_complaints;
    uint64_t counted, found;
    size_t stop_after;
    void (*after_row)(void);
    struct writer *last_left;
} seen;

static int take_found(void *context, struct writer *writer)
{
    (void)context;
    (void)writer;
    seen.n_found++;
    return 0;
}

static int take_record(void *context, const struct spool_reader_record *record)
{
    (void)context;
    if (record->kind != RECORD_ROW) {
        seen.n_other++;
        return 0;
    }
    if (seen.n == seen.capacity) {
        seen.capacity = seen.capacity * 2 + 1024;
        seen.numbers = reallocarray(seen.numbers, seen.capacity, sizeof(uint64_t));
        seen.serials = reallocarray(seen.serials, seen.capacity, sizeof(uint64_t));
    }
    for (size_t i = 0; i < record->size / 8; i++)
        cr_assert_eq(((const uint64_t *)record->payload)[i], record->time_ns - 1 + i * 8);
    seen.numbers[seen.n] = record->time_ns - 1;
    seen.serials[seen.n++] = record->writer->serial;
    if (seen.after_row != NULL)
        seen.after_row();
    return seen.stop_after != 0 && seen.n % seen.stop_after == 0;
}

static int take_damaged(void *context, struct writer *writer, uint64_t n_rows, const char *what)
{
    (void)context;
    (void)writer;
    cr_assert(what != NULL);
    seen.n_damaged += n_rows;
    seen.n_complaints++;
    return 0;
}

static int take_left(void *context, struct writer *writer, uint64_t n_counted, uint64_t n_found)
{
    (void)context;
    seen.n_left++;
    seen.counted += n_counted;
    seen.found += n_found;
    seen.last_left = writer;
    return 0;
}

static const struct spool_reader_calls calls = {
    .found = take_found,
    .record = take_record,
    .damaged = take_damaged,
    .left = take_left,
};

static void make_session(void)
{
    memset(&seen, 0, sizeof(seen));
    spool_test_session_make(session);
    setenv("LASTWORD_SESSION", session, 1);
    directory = session_open(session);
    cr_assert(directory >= 0);
}

static void remove_session(void)
{
    spool_reader_destroy(reader);
    if (map.base != NULL)
        spool_map_close(&map);
    close(directory);
    free(seen.numbers);
    free(seen.serials);
    spool_test_session_remove(session);
}

TestSuite(spool_reader, .init = make_session, .fini = remove_session, .timeout = 60);

static int is_spool(const struct dirent *entry)
{
    return strstr(entry->d_name, SESSION_SPOOL_SUFFIX) != NULL && entry->d_name[0] != '.';
}

static void open_spool(void)
{
    struct dirent **names;
    struct rrd_error error;

    cr_assert_eq(scandir(session, &names, is_spool, alphasort), 1);
    cr_assert_eq(spool_map_open(&map, directory, names[0]->d_name, geteuid(), &error), 0, "%s",
                 error.text);
    free(names[0]);
    free(names);
    cr_assert_eq(spool_reader_create(&map, &calls, &reader), 0);
}

/* As a courier does that was killed and comes again. */
static void reopen(void)
{
    spool_reader_destroy(reader);
    cr_assert_eq(spool_reader_create(&map, &calls, &reader), 0);
}

static int pass(void)
{
    return spool_reader_pass(reader, 1, spool_map_is_unused(&map), ENOUGH);
}

static void commit(void)
{
    spool_reader_store(reader);
    cr_assert_eq(spool_reader_committed(reader), 0);
}

static int log_row(uint64_t number, size_t size)
{
    struct spool_cursor cursor;
    int result = lastword_spool_v1.begin(&cursor, RECORD_ROW, number + 1, size);

    for (size_t at = 0; result == 0 && at < size; at += 8) {
        uint64_t word = number + at;

        spool_put(&cursor, &word, sizeof(word));
    }
    return result < 0 ? result : lastword_spool_v1.end(&cursor);
}

/* Runs `body` in a child with the shared page, and reaps it. */
struct shared {
    _Atomic uint64_t n_logged;
    _Atomic uint32_t go;
};

static struct shared *share(void)
{
    struct shared *shared =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    cr_assert(shared != MAP_FAILED);
    return shared;
}

static void reap(pid_t child)
{
    cr_assert_eq(waitpid(child, NULL, 0), child);
}

static void assert_numbers(uint64_t serial, uint64_t first, uint64_t n)
{
    uint64_t next = first;

    for (size_t i = 0; i < seen.n; i++) {
        if (seen.serials[i] == serial)
            cr_assert_eq(seen.numbers[i], next++, "row %lu where %lu was to come", seen.numbers[i],
                         next - 1);
    }
    cr_assert_eq(next - first, n);
}

static void log_in_child(void (*body)(void))
{
    pid_t child = fork();

    if (child == 0) {
        body();
        _exit(0);
    }
    reap(child);
}

static void log_1000(void)
{
    for (uint64_t i = 0; i < 1000; i++)
        if (log_row(i, 8 + i % 50 * 8) < 0)
            _exit(1);
}

Test(spool_reader, rows_of_a_dead_program_come_once_and_its_blocks_go_back)
{
    log_in_child(log_1000);
    open_spool();
    cr_assert_eq(pass(), 1000);
    cr_assert_eq(pass(), 0);
    cr_assert(!spool_reader_is_drained(reader));
    commit();
    cr_assert(spool_reader_is_drained(reader));
    assert_numbers(1, 0, 1000);
    cr_assert_eq(seen.n_left, 1);
    cr_assert_eq(seen.counted, 1000);
    cr_assert_eq(seen.found, 1000);
    reopen();
    cr_assert_eq(pass(), 0);
}

Test(spool_reader, what_was_not_committed_comes_again)
{
    log_in_child(log_1000);
    open_spool();
    cr_assert_eq(pass(), 1000);
    reopen();
    cr_assert_eq(pass(), 1000);
    cr_assert_eq(seen.n, 2000);
}

/* The courier may stop anywhere, commit or not, and come again: each row counts when committed. */
Test(spool_reader, any_stop_and_any_restart_gives_each_row_once)
{
    unsigned int random = 1;

    log_in_child(log_1000);
    open_spool();
    for (uint64_t n_committed = 0; n_committed < 1000;) {
        seen.n = n_committed;
        seen.stop_after = 1 + (size_t)rand_r(&random) % 90;
        cr_assert(pass() != 0);
        if (rand_r(&random) % 3 == 0) {
            reopen();
            continue;
        }
        commit();
        n_committed = seen.n;
    }
    assert_numbers(1, 0, 1000);
    cr_assert_eq(seen.found, seen.counted, "what was read before a restart is counted again");
}

Test(spool_reader, a_full_journal_stops_the_pass)
{
    int result;

    log_in_child(log_1000);
    open_spool();
    while ((result = spool_reader_pass(reader, 1, true, 2)) == -EAGAIN) {
        struct journal_entry entries[2];

        cr_assert_leq(spool_reader_n_dirty(reader), 2);
        spool_reader_dirty(reader, entries);
        cr_assert_eq(entries[0].family, map.family);
        commit();
    }
    cr_assert_geq(result, 0);
    assert_numbers(1, 0, 1000);
}

static void log_large(void)
{
    for (uint64_t i = 0; i < 30; i++)
        if (log_row(i, i % 3 ? 100000 + i * 4096 : 24) < 0)
            _exit(1);
}

Test(spool_reader, large_rows_are_joined)
{
    log_in_child(log_large);
    open_spool();
    cr_assert_eq(pass(), 30);
    commit();
    assert_numbers(1, 0, 30);
    cr_assert_eq(seen.counted, 30, "%lu", seen.counted);
    cr_assert_eq(seen.found, 30);
}

/* Parent and child take turns; the writer is alive in the middle of a large row. */
Test(spool_reader, a_large_row_comes_when_it_is_whole)
{
    struct shared *shared = share();
    int to_child[2];
    int to_parent[2];
    pid_t child;
    char byte;

    cr_assert_eq(pipe(to_child), 0);
    cr_assert_eq(pipe(to_parent), 0);
    child = fork();
    if (child == 0) {
        struct spool_cursor cursor;
        uint64_t word = 0;

        (void)!log_row(0, 64);
        (void)!lastword_spool_v1.begin(&cursor, RECORD_ROW, 1 + 1, 80000);
        for (uint64_t at = 0; at < 80000; at += 8) {
            if (at == 40000) {
                (void)!write(to_parent[1], "h", 1);
                (void)!read(to_child[0], &byte, 1);
            }
            word = 1 + at;
            spool_put(&cursor, &word, 8);
        }
        (void)!lastword_spool_v1.end(&cursor);
        (void)!log_row(2, 64);
        (void)!write(to_parent[1], "w", 1);
        (void)!read(to_child[0], &byte, 1);
        _exit(0);
    }
    cr_assert_eq(read(to_parent[0], &byte, 1), 1);
    open_spool();
    cr_assert_eq(pass(), 1);
    commit();
    cr_assert_eq(pass(), 0);
    commit();
    cr_assert_eq(write(to_child[1], "g", 1), 1);
    cr_assert_eq(read(to_parent[0], &byte, 1), 1);
    cr_assert_eq(pass(), 2);
    commit();
    assert_numbers(1, 0, 3);
    cr_assert_eq(write(to_child[1], "g", 1), 1);
    reap(child);
    munmap(shared, 4096);
}

static void die_in_large_row(void)
{
    struct spool_cursor cursor;
    uint64_t word = 0;

    (void)!log_row(0, 64);
    if (lastword_spool_v1.begin(&cursor, RECORD_ROW, 2, 80000) < 0)
        _exit(1);
    for (uint64_t at = 0; at < 40000; at += 8)
        spool_put(&cursor, &word, 8);
    raise(SIGKILL);
}

Test(spool_reader, a_large_row_of_which_half_was_written_never_was)
{
    log_in_child(die_in_large_row);
    open_spool();
    cr_assert_eq(pass(), 1);
    commit();
    cr_assert(spool_reader_is_drained(reader));
    cr_assert_eq(seen.n_complaints, 0);
    cr_assert_eq(seen.counted, 1, "%lu", seen.counted);
    cr_assert_eq(seen.found, 1);
}

static void die_in_row(void)
{
    struct spool_cursor cursor;

    (void)!log_row(0, 64);
    if (lastword_spool_v1.begin(&cursor, RECORD_ROW, 1, 64) < 0)
        _exit(1);
    (void)!log_row(1, 64);
    raise(SIGKILL);
}

Test(spool_reader, a_row_that_was_being_written_is_stepped_over)
{
    log_in_child(die_in_row);
    open_spool();
    cr_assert_eq(pass(), 2);
    commit();
    assert_numbers(1, 0, 2);
}

/* 128 - 16 bytes of payload fill a block exactly, so nobody seals it. */
static void log_exactly(void)
{
    for (uint64_t i = 0; i < 127 * 3; i++)
        if (log_row(i, 112) < 0)
            _exit(1);
}

Test(spool_reader, a_block_that_is_exactly_full_stays_until_its_thread_has_left_it)
{
    int to_child[2];
    int to_parent[2];
    pid_t child;
    char byte;

    cr_assert_eq(pipe(to_child), 0);
    cr_assert_eq(pipe(to_parent), 0);
    child = fork();
    if (child == 0) {
        log_exactly();
        (void)!write(to_parent[1], "w", 1);
        (void)!read(to_child[0], &byte, 1);
        log_exactly();
        _exit(0);
    }
    cr_assert_eq(read(to_parent[0], &byte, 1), 1);
    open_spool();
    cr_assert_eq(pass(), 381);
    commit();
    cr_assert_not(spool_reader_is_drained(reader), "the last block may still be looked into");
    cr_assert_eq(write(to_child[1], "g", 1), 1);
    reap(child);
    cr_assert_eq(pass(), 381);
    commit();
    cr_assert(spool_reader_is_drained(reader));
    cr_assert_eq(seen.counted, 762);
}

static void *log_in_thread(void *argument)
{
    uint64_t base = (uint64_t)(uintptr_t)argument;

    for (uint64_t i = 0; i < 500; i++)
        if (log_row(base + i, 200) < 0)
            _exit(1);
    return NULL;
}

static void log_in_threads(void)
{
    pthread_t threads[4];

    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, log_in_thread, (void *)(i * 1000 + 1000));
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

Test(spool_reader, each_thread_keeps_its_order)
{
    uint64_t next[4] = {1000, 2000, 3000, 4000};

    log_in_child(log_in_threads);
    open_spool();
    cr_assert_eq(pass(), 2000);
    for (size_t i = 0; i < seen.n; i++) {
        uint64_t *expected = &next[seen.numbers[i] / 1000 - 1];

        cr_assert_eq(seen.numbers[i], *expected);
        ++*expected;
    }
    commit();
    cr_assert(spool_reader_is_drained(reader));
}

/* The child's rows: some, and then enough for more blocks. */
static struct shared *steps;

static void log_in_two_steps(void)
{
    for (uint64_t i = 0; i < 500; i++) {
        while (i == 10 && steps->go == 0)
            usleep(100);
        if (log_row(i, 200) < 0)
            _exit(1);
        steps->n_logged = i + 1;
    }
    while (steps->go == 1)
        usleep(100);
    _exit(0);
}

/* In the first row: the child logs all others, and definitions are looked for. */
static void look_for_definitions(void)
{
    seen.after_row = NULL;
    steps->go = 1;
    while (steps->n_logged < 500)
        usleep(100);
    cr_assert_eq(spool_reader_definitions(reader), 0);
}

Test(spool_reader, rows_that_come_while_definitions_are_looked_for_keep_their_order)
{
    pid_t child;

    steps = share();
    child = fork();
    if (child == 0)
        log_in_two_steps();
    while (steps->n_logged < 10)
        usleep(100);
    open_spool();
    seen.after_row = look_for_definitions;
    cr_assert(pass() > 0);
    steps->go = 2;
    reap(child);
    while (seen.n < 500)
        cr_assert(pass() > 0);
    assert_numbers(1, 0, 500);
}

static void look_after(void *context, struct writer *writer)
{
    (void)context;
    if (writer->has_left)
        seen.last_left = writer;
    else if (kill((pid_t)writer->pid, 0) < 0)
        writer->is_dead = true;
}

static void forget_who_left(void)
{
    do {
        seen.last_left = NULL;
        spool_reader_visit(reader, look_after, NULL);
        if (seen.last_left != NULL)
            spool_reader_forget(reader, seen.last_left);
    } while (seen.last_left != NULL);
}

/* One spool, many processes, one courier; small, so that blocks and slots go round and round. */
Test(spool_reader, blocks_and_slots_are_used_again)
{
    struct shared *shared = share();
    pid_t parent;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    spool_state.full_wait_ms = 20000;
    parent = fork();
    if (parent == 0) {
        if (lastword_spool_v1.open(false) < 0)
            _exit(1);
        shared->go = 1;
        while (shared->go == 1)
            usleep(1000); /* until the courier serves the spool */
        for (int i = 0; i < 100; i++) {
            pid_t child = fork();

            if (child == 0) {
                for (uint64_t k = 0; k < 300; k++)
                    if (log_row(k, 200) < 0)
                        _exit(1);
                _exit(0);
            }
            if (waitpid(child, NULL, 0) != child)
                _exit(1);
            shared->n_logged++;
        }
        _exit(0);
    }
    while (shared->go == 0)
        usleep(1000);
    open_spool();
    spool_reader_serve(reader, (uint32_t)getpid());
    shared->go = 2;
    while (!spool_map_is_unused(&map) || !spool_reader_is_drained(reader)) {
        forget_who_left();
        cr_assert(pass() >= 0);
        commit();
    }
    reap(parent);
    cr_assert_eq(shared->n_logged, 100);
    cr_assert_lt(map.n_blocks, 100 * 4);
    cr_assert_lt(map.n_slots, 100);
    for (uint64_t serial = 1; serial <= 100; serial++)
        assert_numbers(serial, 0, 300);
    munmap(shared, 4096);
}
