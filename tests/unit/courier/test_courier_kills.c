/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Couriers that are killed, and spools that are damaged: nothing lost, nothing twice, no crash. */
#include "courier_case.h"

#include "sdk/spool/spool_internal.h"
#include "tests/support/spool_records.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(courier_kills, .init = case_begin, .fini = case_end, .timeout = 300);

/* --- Killing the courier ------------------------------------------------------------------------
 */

#define N_LOGGERS    3
#define N_BLUEPRINTS 10 /* of each */

static unsigned int blueprint_number(int logger, uint64_t k)
{
    return (unsigned int)(logger * N_BLUEPRINTS) + (unsigned int)(k / 400);
}

static void log_in_processes(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (int logger = 0; logger < N_LOGGERS; logger++) {
        char entity[16];

        snprintf(entity, sizeof(entity), "log_%d", logger);
        if (logger < 2 && fork() != 0)
            continue;
        for (uint64_t k = 0; k < 4000; k++) {
            if (write_number(recording, entity, k, k % 400 == 0 ? 40000 : k % 90) < 0)
                _exit(1);
            if (k % 400 == 200 &&
                write_blueprint(recording, blueprint_number(logger, k), k * 20) < 0)
                _exit(1);
            shared->n_logged[logger]++;
            if (k % 10 == 9)
                poll(NULL, 0, 1); /* so that there is time to kill */
        }
        if (logger < 2)
            _exit(0);
    }
    while (wait(NULL) > 0)
        ;
}

/*
 * Couriers are killed at moments drawn from the seed, and come again, while three processes log.
 * The pauses are the stimulus, not synchronisation: any moment must do.
 */
/* Returns how many were killed. */
static size_t kill_couriers(unsigned int seed)
{
    pid_t program = start_program(log_in_processes);
    struct stored_texts texts;
    size_t n_kills = 0;

    while (waitpid(program, NULL, WNOHANG) == 0) {
        pid_t courier = fork();

        if (courier == 0)
            be_courier(output, -1);
        poll(NULL, 0, rand_r(&seed) % 12);
        kill(courier, SIGKILL);
        reap(courier);
        n_kills++;
    }
    /* And while the last one finishes. */
    for (int i = 0; i < 5 && !file_exists(output); i++) {
        pid_t courier = fork();

        if (courier == 0)
            be_courier(output, -1);
        poll(NULL, 0, rand_r(&seed) % 8);
        kill(courier, SIGKILL);
        reap(courier);
        n_kills++;
    }
    if (count_files("*") > 0)
        cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    texts = read_texts(output);
    cr_assert_eq(texts.result, 0);
    cr_assert_eq(check_numbers(&texts, "/log_0", 0), 4000);
    cr_assert_eq(check_numbers(&texts, "/log_1", 0), 4000);
    cr_assert_eq(check_numbers(&texts, "/log_2", 0), 4000);
    cr_assert_eq(texts.n_stores, 1 + N_LOGGERS * N_BLUEPRINTS);
    stored_texts_done(&texts);
    for (unsigned int k = 0; k < N_LOGGERS * N_BLUEPRINTS; k++)
        assert_blueprint(output, k, true);
    return n_kills;
}

Test(courier_kills, killed_at_any_moment_it_neither_loses_nor_repeats)
{
    size_t n_kills = 0;

    for (unsigned int seed = 1; seed <= 4 || n_kills < 20; seed++) {
        n_kills += kill_couriers(seed);
        case_end();
        case_begin();
    }
}

/* --- Damage -------------------------------------------------------------------------------------
 */

static void log_for_damage(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    recording = write_recording("rec", NULL, 0, 0);
    for (uint64_t k = 0; k < 60; k++)
        if (write_number(recording, "log", k, k % 20 == 7 ? 40000 : k * 3) < 0 ||
            (k % 10 == 3 && write_blueprint(recording, (unsigned int)k, k * 400) < 0))
            _exit(1);
}

Test(courier_kills, a_spool_of_another_version_is_left_alone)
{
    char path[SESSION_PATH_SIZE + 64];
    uint32_t version = SPOOL_VERSION + 1;
    off_t place;
    int file;

    run_program(log_100);
    file = open(find_spool(path), O_RDWR);
    place = (off_t)spool_header_offset((uint64_t)lseek(file, 0, SEEK_END)) +
            (off_t)offsetof(struct spool_header, version);
    cr_assert_eq(pwrite(file, &version, 4, place), 4);
    cr_assert_eq(deliver(output), 0);
    cr_assert(strstr(shared->report.text, "another version") != NULL, "%s", shared->report.text);
    cr_assert(file_exists(path));
    version = SPOOL_VERSION;
    cr_assert_eq(pwrite(file, &version, 4, place), 4);
    close(file);
    cr_assert_eq(deliver(NULL), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 100);
}

Test(courier_kills, a_spool_that_is_cut_under_its_hands_does_not_kill_it)
{
    pid_t program = start_steps();
    struct served served = serve(output);
    char path[SESSION_PATH_SIZE + 64];
    size_t counts[32];

    wait_for_word(to_test[0]);
    cr_assert_eq(truncate(find_spool(path), 4096), 0);
    say(&served, COURIER_PROCESS_ENDED, 1, 0);
    kill(program, SIGKILL);
    reap(program);
    finish(&served, counts);
    cr_assert_eq(counts[COURIER_DONE], 1);
    cr_assert_eq(shared->result, 0, "%s", shared->error_text);
}

Test(courier_kills, a_spool_that_is_cut_does_not_keep_it_for_ever)
{
    pid_t program = start_steps();
    struct served served = serve(output);
    char path[SESSION_PATH_SIZE + 64];

    wait_for_word(to_test[0]);
    cr_assert_eq(truncate(find_spool(path), 4096), 0);
    kill(program, SIGKILL);
    reap(program);
    close(served.control); /* nobody will say FINISH */
    reap(served.courier);
    cr_assert_eq(shared->result, 0, "%s", shared->error_text);
    cr_assert(file_exists(path), "it is kept for its owner to see");
}

/* Changes bytes where they hurt: header, directory, heads of blocks, records. */
static void damage(uint8_t *bytes, size_t size, unsigned int *seed)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    int n = 1 + rand_r(seed) % 6;

    while (n-- > 0) {
        size_t where = (size_t)rand_r(seed);

        switch (rand_r(seed) % 4) {
        case 0:
            where %= 384;
            break;
        case 1:
            where = SPOOL_PAGE + where % 512;
            break;
        case 2:
            where = SPOOL_FIRST_BLOCK + where % 24 * SPOOL_BLOCK_SIZE + where / 24 % 160;
            break;
        default:
            where = SPOOL_FIRST_BLOCK + where % (24 * SPOOL_BLOCK_SIZE);
        }
        if (where < size)
            bytes[where] =
                rand_r(seed) % 2 ? values[rand_r(seed) % 5] : (uint8_t)(bytes[where] + 8);
    }
}

/* Whatever stands in a spool: the courier ends, and what it wrote can be read. */
Test(courier_kills, damaged_spools_are_survived)
{
    char path[SESSION_PATH_SIZE + 64];
    unsigned int seed = 20261123;
    uint8_t *good;
    int file;

    run_program(log_for_damage);
    file = open(find_spool(path), O_RDWR);
    good = malloc(SPOOL_MIN_SIZE);
    cr_assert_eq(pread(file, good, SPOOL_MIN_SIZE, 0), SPOOL_MIN_SIZE);
    close(file);
    for (int round = 0; round < 150; round++) {
        uint8_t *bad = malloc(SPOOL_MIN_SIZE);
        struct stored_texts texts;
        int result;

        memcpy(bad, good, SPOOL_MIN_SIZE);
        damage(bad, SPOOL_MIN_SIZE, &seed);
        spool_test_session_remove(session);
        cr_assert_eq(mkdir(session, 0700), 0);
        file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
        cr_assert_eq(write(file, bad, SPOOL_MIN_SIZE), SPOOL_MIN_SIZE);
        close(file);
        free(bad);
        result = deliver(output);
        cr_assert_eq(result, 0, "round %d: %d %s", round, result, shared->error_text);
        texts = read_texts(output);
        cr_assert_eq(texts.result, 0, "round %d", round);
        cr_assert_leq(texts.n, 61, "round %d: %zu rows out of 60", round, texts.n);
        stored_texts_done(&texts);
    }
    free(good);
}
