/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The courier as a whole, with real writers: every row once, whatever the program does. */
#include "courier_case.h"

#include "sdk/spool/spool.h"
#include "sdk/spool/spool_internal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(courier, .init = case_begin, .fini = case_end, .timeout = 300);

/* --- Programs -----------------------------------------------------------------------------------
 */

static void log_and_fork(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, RECORDING_SEND_PROPERTIES);

    for (int i = 0; i < 3; i++) {
        char entity[16];
        pid_t child = fork();

        snprintf(entity, sizeof(entity), "child_%d", i);
        if (child == 0) {
            for (uint64_t k = 0; k < 100; k++)
                if (write_number(recording, entity, k, 10) < 0)
                    _exit(1);
            raise(SIGKILL);
        }
    }
    for (uint64_t k = 0; k < 100; k++)
        if (write_number(recording, "parent", k, 10) < 0)
            _exit(1);
    while (wait(NULL) > 0)
        ;
}

Test(courier, rows_of_a_killed_family_arrive_once)
{
    struct stored_texts texts;

    run_program(log_and_fork);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    texts = read_texts(output);
    cr_assert_eq(texts.result, 0);
    cr_assert_eq(texts.n, 400);
    cr_assert_eq(check_numbers(&texts, "/parent", 0), 100);
    cr_assert_eq(check_numbers(&texts, "/child_0", 0), 100);
    cr_assert_eq(check_numbers(&texts, "/child_1", 0), 100);
    cr_assert_eq(check_numbers(&texts, "/child_2", 0), 100);
    cr_assert_eq(texts.n_stores, 1);
    cr_assert_eq(texts.n_properties, 1);
    cr_assert_eq(texts.n_process_rows, 8);
    stored_texts_done(&texts);
    cr_assert_eq(shared->report.rows_logged, 400);
    cr_assert_eq(shared->report.rows_stored, 400);
    cr_assert_eq(shared->report.n_processes, 4);
    cr_assert_eq(count_files("*"), 0, "the session is not empty");
    cr_assert_eq(count_files(".*.spool"), 0);
}

Test(courier, a_session_that_cannot_be_served_is_refused)
{
    int lock;

    cr_assert_eq(deliver(output), -ENODATA);
    cr_assert_not(file_exists(output));
    lock = session_open(session);
    cr_assert_eq(flock(lock, LOCK_EX), 0);
    cr_assert_eq(deliver(output), -EBUSY);
    close(lock);
    cr_assert_eq(chmod(session, 0755), 0);
    cr_assert_eq(deliver(output), -EPERM);
    cr_assert_eq(chmod(session, 0700), 0);
    strcat(session, "-none");
    cr_assert_eq(deliver(output), -ENOENT);
    cr_assert(strstr(shared->error_text, session) != NULL);
    session[strlen(session) - 5] = 0;
}

/* --- Files for save -----------------------------------------------------------------------------
 */

static void log_to_sinks(void)
{
    uint32_t before = write_recording("rec", NULL, 0, RECORDING_SEND_PROPERTIES);
    uint32_t elsewhere = write_recording("other", NULL, 0, 0);
    uint32_t first;
    uint32_t second;

    (void)!write_number(before, "log", 0, 10);
    (void)!write_number(elsewhere, "log", 77, 10);
    first = write_recording("rec", other_output, before, 0);
    (void)!write_number(first, "log", 1, 10);
    strcat(other_output, "2");
    second = write_recording("rec", other_output, first, 0);
    (void)!write_number(second, "log", 2, 10);
}

Test(courier, save_gets_the_rows_of_its_stream)
{
    struct stored_texts texts;

    run_program(log_to_sinks);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    texts = read_texts(output);
    cr_assert_eq(texts.n, 4);
    cr_assert_eq(texts.n_stores, 2);
    stored_texts_done(&texts);
    texts = read_texts(other_output);
    cr_assert_eq(texts.n, 2);
    cr_assert_eq(texts.n_stores, 1);
    cr_assert_eq(texts.n_properties, 1);
    cr_assert_eq(texts.n_process_rows, 0);
    cr_assert_eq(check_numbers(&texts, "/log", 0), 2, "the row before save, and the one after");
    stored_texts_done(&texts);
    strcat(other_output, "2");
    assert_numbers(other_output, "/log", 2, 1);
}

/* The program gives its word when the file should be there, and goes on when it gets one. */
static void log_and_finish(void)
{
    uint32_t recording = write_recording("rec", other_output, 0, 0);

    for (uint64_t k = 0; k < 200; k++) {
        if (k == 100) {
            if (write_finish(recording) < 0 || lastword_spool_v1.wait_thread(10000) < 0)
                _exit(1);
            give_word(to_test[1]);
            wait_for_word(to_program[0]);
        }
        if (write_number(recording, "log", k, 10) < 0)
            _exit(1);
    }
}

Test(courier, a_file_is_whole_as_soon_as_the_program_asks_for_that)
{
    struct served served = serve(output);
    size_t counts[32];
    pid_t program;

    cr_assert_eq(pipe(to_program), 0);
    cr_assert_eq(pipe(to_test), 0);
    program = start_program(log_and_finish);
    wait_for_word(to_test[0]);
    assert_numbers(other_output, "/log", 0, 100);
    cr_assert_not(file_exists(output));
    give_word(to_program[1]);
    reap(program);
    finish(&served, counts);
    assert_numbers(other_output, "/log", 0, 200);
    assert_numbers(output, "/log", 0, 200);
}

static void finish_oddly(void)
{
    const uint64_t nothing = 0;
    struct spool_cursor cursor;
    uint32_t recording = write_recording("rec", other_output, 0, 0);

    if (write_finish(recording + 1000) < 0 || write_finish(0) < 0 ||
        lastword_spool_v1.begin(&cursor, RECORD_FINISH_SINK, 1, 0) < 0 ||
        lastword_spool_v1.end(&cursor) < 0 ||
        lastword_spool_v1.begin(&cursor, RECORD_FINISH_SINK, 1, 20000) < 0)
        _exit(1);
    for (int i = 0; i < 2500; i++)
        spool_put(&cursor, &nothing, sizeof(nothing));
    if (lastword_spool_v1.end(&cursor) < 0 || write_number(recording, "log", 0, 10) < 0)
        _exit(1);
}

Test(courier, requests_that_make_no_sense_are_damage_and_cost_no_row)
{
    run_program(finish_oddly);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    cr_assert(strstr(shared->report.text, "not defined") != NULL, "%s", shared->report.text);
    assert_numbers(other_output, "/log", 0, 1);
    assert_numbers(output, "/log", 0, 1);
}

static void log_to_bad_sink(void)
{
    (void)!write_number(write_recording("rec", "/tmp/no/such/place.rrd", 0, 0), "log", 0, 10);
}

Test(courier, a_save_that_cannot_be_written_is_told_and_can_be_tried_again)
{
    run_program(log_to_bad_sink);
    cr_assert_eq(deliver(output), -ENOENT);
    cr_assert(strstr(shared->error_text, "/tmp/no/such/place.rrd") != NULL);
    assert_numbers(output, "/log", 0, 1);
    cr_assert_eq(deliver(NULL), -ENOENT, "the session remembers");
    assert_numbers(output, "/log", 0, 1);
}

/* --- Blueprints ---------------------------------------------------------------------------------
 */

static void send_blueprints(void)
{
    uint32_t before = write_recording("rec", NULL, 0, RECORDING_SEND_PROPERTIES);
    uint32_t first;
    uint32_t second;

    (void)!write_blueprint(before, 0, 10);
    first = write_recording("rec", other_output, before, 0);
    (void)!write_blueprint(first, 1, 30000);
    (void)!write_number(first, "log", 0, 10);
    if (fork() == 0) {
        (void)!write_blueprint(first, 2, 10);
        _exit(0);
    }
    (void)!wait(NULL);
    second = write_recording("rec", NULL, first, 0);
    (void)!write_blueprint(second, 3, 10);
}

Test(courier, blueprints_arrive_and_save_gets_those_of_its_stream)
{
    struct stored_texts texts;

    run_program(send_blueprints);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    cr_assert_str_eq(shared->report.text, "");
    for (unsigned int k = 0; k < 4; k++) {
        assert_blueprint(output, k, true);
        assert_blueprint(other_output, k, k < 3);
    }
    texts = read_texts(output);
    cr_assert_eq(texts.result, 0);
    cr_assert_eq(texts.n, 1);
    cr_assert_eq(texts.n_properties, 1);
    stored_texts_done(&texts);
    cr_assert_eq(shared->report.rows_logged, 1, "blueprints are no rows");
    cr_assert_eq(shared->report.rows_stored, 1);
    cr_assert_eq(shared->report.n_processes, 2);
    cr_assert_eq(count_files("*"), 0, "the session is not empty");
}

#define N_TURNS 40

/* Parent and children take turns, each blueprint being sent after the one before. */
static void send_in_turns(void)
{
    uint32_t recording = write_recording("rec", other_output, 0, 0);

    for (unsigned int k = 0; k < N_TURNS; k++) {
        pid_t child = k % 3 == 0 ? 0 : fork();

        if (child == 0 && write_blueprint(recording, k, k % 4 == 2 ? 40000 : 10) < 0)
            _exit(1);
        if (child == 0 && k % 3 != 0) {
            (void)!write_number(recording, "child", k, 10);
            _exit(0);
        }
        while (wait(NULL) > 0)
            ;
    }
}

static void assert_in_order(const char *path)
{
    size_t last = 0;

    for (unsigned int k = 0; k < N_TURNS; k++) {
        struct stored_blueprint stored = read_blueprint(path, k);

        assert_blueprint(path, k, true);
        cr_assert_gt(stored.place, last, "%s: blueprint %u comes too early", path, k);
        last = stored.place;
    }
}

/* The last one is shown. */
Test(courier, blueprints_come_in_the_order_in_which_they_were_sent)
{
    struct served served = serve(output);
    size_t counts[32];

    run_program(send_in_turns);
    finish(&served, counts);
    assert_in_order(output);
    assert_in_order(other_output);
}

Test(courier, so_they_do_when_they_are_delivered_later)
{
    run_program(send_in_turns);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    assert_in_order(output);
}

static void send_large_blueprints(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    recording = write_recording("rec", other_output, 0, 0);
    for (unsigned int k = 0; k < 3; k++)
        if (write_blueprint(recording, k, k == 0 ? 60000 : 3000000) < 0)
            _exit(1);
    (void)!write_number(recording, "log", 0, 10);
}

Test(courier, blueprints_larger_than_the_spool_arrive_and_their_files_go)
{
    run_program(send_large_blueprints);
    cr_assert_eq(count_files("*.side"), 2);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    for (unsigned int k = 0; k < 3; k++) {
        assert_blueprint(output, k, true);
        assert_blueprint(other_output, k, true);
    }
    cr_assert_eq(shared->report.rows_logged, 1);
    cr_assert_eq(shared->report.rows_damaged, 0);
    cr_assert_eq(count_files("*"), 0);
}

static void send_damaged_blueprint(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    (void)!write_number(recording, "log", 0, 10);
    (void)!write_blueprint_bytes(recording, "RRF2 or so", 10);
    (void)!write_number(recording, "log", 1, 10);
    (void)!write_blueprint(recording, 1, 10);
}

Test(courier, a_damaged_blueprint_is_told_and_nothing_else_is_lost)
{
    run_program(send_damaged_blueprint);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    cr_assert(strstr(shared->report.text, "a damaged blueprint") != NULL, "%s",
              shared->report.text);
    assert_numbers(output, "/log", 0, 2);
    assert_blueprint(output, 1, true);
    cr_assert_eq(shared->report.rows_logged, 2);
    cr_assert_eq(shared->report.rows_damaged, 0, "it is no row");
}

static void send_to_nobody(void)
{
    (void)!write_blueprint(write_recording("rec", NULL, 0, 0) + 100, 0, 10);
}

Test(courier, a_blueprint_without_a_recording_is_told)
{
    run_program(send_to_nobody);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    cr_assert(strstr(shared->report.text, "a recording that is not defined") != NULL, "%s",
              shared->report.text);
    assert_blueprint(output, 0, false);
}

/* --- Large rows ---------------------------------------------------------------------------------
 */

static void log_large(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    recording = write_recording("rec", NULL, 0, 0);
    for (uint64_t k = 0; k < 4; k++)
        if (write_number(recording, "log", k, k % 2 ? 3000000 : 50000) < 0)
            _exit(1);
}

Test(courier, rows_larger_than_the_spool_arrive_and_their_files_go)
{
    run_program(log_large);
    cr_assert_eq(count_files("*.side"), 2);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 4);
    cr_assert_eq(count_files("*"), 0);
}

/* --- Waiting for storage ------------------------------------------------------------------------
 */

static void log_and_wait(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (uint64_t k = 0; k < 50; k++) {
        if (write_number(recording, "log", k, 10) < 0 || lastword_spool_v1.wait_stored(10000) < 0)
            _exit(1);
    }
}

Test(courier, a_program_can_wait_until_it_is_stored)
{
    struct served served = serve(output);
    size_t counts[32];

    run_program(log_and_wait);
    finish(&served, counts);
    cr_assert_eq(counts[COURIER_SURVIVOR], 0);
    assert_numbers(output, "/log", 0, 50);
}

/* --- A small spool, a busy program --------------------------------------------------------------
 */

static void log_through_a_small_spool(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    spool_state.full_wait_ms = 60000;
    recording = write_recording("rec", NULL, 0, 0);
    for (uint64_t k = 0; k < 30000; k++)
        if (write_number(recording, "log", k, 300) < 0)
            _exit(1);
}

Test(courier, more_rows_than_the_spool_holds_go_through_it)
{
    struct served served = serve(output);
    size_t counts[32];

    run_program(log_through_a_small_spool);
    finish(&served, counts);
    assert_numbers(output, "/log", 0, 30000);
    cr_assert_eq(shared->report.rows_refused, 0);
}

static void fork_much(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    recording = write_recording("rec", NULL, 0, 0);
    for (uint64_t i = 0; i < 300; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(write_number(recording, "log", i, 100) < 0);
        if (waitpid(child, NULL, 0) != child)
            _exit(1);
        if (i % 10 == 9 && lastword_spool_v1.wait_stored(10000) < 0)
            _exit(1);
        poll(NULL, 0, 1);
    }
}

Test(courier, slots_and_blocks_of_dead_children_are_used_again)
{
    struct served served = serve(output);
    size_t counts[32];

    run_program(fork_much);
    finish(&served, counts);
    assert_numbers(output, "/log", 0, 300);
    cr_assert_eq(shared->report.n_processes, 300, "%u", shared->report.n_processes);
}
