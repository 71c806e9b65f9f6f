/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which stream is the current one, and what an exec'd program finds in its environment. */
#include "sdk/stream.h"

#include "fake_spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static rr_error error;

static rr_recording_stream make(const char *recording_id)
{
    rr_store_info info = {STRING("app"), STRING(recording_id), RR_STORE_KIND_RECORDING};

    return rr_recording_stream_new(&info, true, false, &error);
}

/* The recording id of the n-th row. */
static struct text store_of_row(uint32_t n)
{
    struct record_row_view row;
    struct record_recording_view view;

    fake_row_at(n, &row);
    for (uint32_t i = 0; i < fake_count(RECORD_DEFINE_RECORDING); i++) {
        fake_recording_at(i, &view);
        if (view.head->id == row.head->recording_id)
            return (struct text){view.recording_id, view.head->recording_id_size};
    }
    return (struct text){"", 0};
}

static bool is_store(uint32_t n, const char *recording_id)
{
    struct text store = store_of_row(n);

    return store.size == strlen(recording_id) && !memcmp(store.bytes, recording_id, store.size);
}

Test(stream, no_current_one_at_first)
{
    cr_assert_str_eq(lw_recording_id(), "");
    cr_assert_not(lw_log_text("log", NULL, "text", &error));
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "call lw_init first");
    cr_assert_not(rr_recording_stream_is_enabled(RR_REC_STREAM_CURRENT_RECORDING, &error));
    cr_assert_not(rr_recording_stream_is_enabled(RR_REC_STREAM_CURRENT_BLUEPRINT, &error));
    assert_no_error(error);
}

static char refused[] = "refused";

static void *log_in_thread(void *argument)
{
    rr_recording_stream stream = *(rr_recording_stream *)argument;

    if (stream > 0)
        rr_recording_stream_set_thread_local(stream, RR_STORE_KIND_RECORDING);
    return lw_log_text("log", NULL, "text", NULL) ? NULL : refused;
}

static void log_in_new_thread(rr_recording_stream stream)
{
    pthread_t thread;
    void *problem;

    cr_assert_eq(pthread_create(&thread, NULL, log_in_thread, &stream), 0);
    pthread_join(thread, &problem);
    cr_assert(problem == NULL);
}

Test(stream, the_threads_own_one_comes_before_the_process_one)
{
    rr_recording_stream_set_global(make("global"), RR_STORE_KIND_RECORDING);
    log_in_new_thread(0);
    log_in_new_thread(make("local"));
    cr_assert(lw_log_text("log", NULL, "text", &error));
    cr_assert(is_store(0, "global") && is_store(1, "local") && is_store(2, "global"));
    cr_assert_str_eq(lw_recording_id(), "global");
}

Test(stream, a_freed_one_stays_current_until_replaced)
{
    rr_recording_stream stream = make("rec");

    rr_recording_stream_set_global(stream, RR_STORE_KIND_RECORDING);
    rr_recording_stream_free(stream);
    rr_recording_stream_free(stream);
    rr_recording_stream_free(RR_REC_STREAM_CURRENT_RECORDING);
    cr_assert(lw_log_text("log", NULL, "text", &error));
    rr_recording_stream_set_global(stream, RR_STORE_KIND_RECORDING);
    cr_assert_not(lw_log_text("log", NULL, "text", &error));
    cr_assert(fake_spool->recording == NULL);
}

Test(stream, kinds_are_kept_apart)
{
    rr_recording_stream_set_global(make("rec"), RR_STORE_KIND_BLUEPRINT);
    cr_assert(rr_recording_stream_is_enabled(RR_REC_STREAM_CURRENT_BLUEPRINT, &error));
    cr_assert_not(rr_recording_stream_is_enabled(RR_REC_STREAM_CURRENT_RECORDING, &error));
    rr_recording_stream_set_global(make("other"), 0);
    rr_recording_stream_set_global(make("other"), 3);
    rr_recording_stream_set_thread_local(make("other"), 3);
    cr_assert_not(rr_recording_stream_is_enabled(RR_REC_STREAM_CURRENT_RECORDING, &error));
    cr_assert(fake_spool->recording == NULL);
}

Test(stream, execd_programs_are_told_of_the_global_one)
{
    struct record_recording_view view;

    rr_recording_stream_set_global(make("rec"), RR_STORE_KIND_RECORDING);
    fake_recording_at(0, &view);
    cr_assert_eq(fake_spool->recording, view.head);
    rr_recording_stream_set_global(0, RR_STORE_KIND_RECORDING);
    cr_assert(fake_spool->recording == NULL);
}

/* --- The environment ---------------------------------------------------------- */

static void set_environment(void)
{
    setenv("LASTWORD_SESSION", "/some/session", 1);
    setenv("LASTWORD_RECORDING_ID", "parent's", 1);
    setenv("LASTWORD_APPLICATION_ID", "parent's app", 1);
}

Test(stream, an_execd_program_finds_its_recording)
{
    struct record_recording_view view;

    set_environment();
    cr_assert_str_eq(lw_recording_id(), "parent's");
    cr_assert(lw_log_text("log", NULL, "text", &error));
    cr_assert(lw_log_text("log", NULL, "text", &error));
    cr_assert_eq(fake_count(RECORD_DEFINE_RECORDING), 1);
    fake_recording_at(0, &view);
    cr_assert_eq(view.head->flags, 0);
    cr_assert(view.head->application_id_size == 12 &&
              !memcmp(view.application_id, "parent's app", 12));
    cr_assert(is_store(1, "parent's"));
    cr_assert_eq(fake_spool->recording, view.head);
}

Test(stream, but_not_where_the_program_chose_for_itself)
{
    set_environment();
    rr_recording_stream_set_global(0, RR_STORE_KIND_RECORDING);
    cr_assert_not(lw_log_text("log", NULL, "text", &error));
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no current recording");
    cr_assert_eq(fake_count(RECORD_DEFINE_RECORDING), 0);
}

Test(stream, nor_without_a_session_or_an_id)
{
    set_environment();
    unsetenv("LASTWORD_SESSION");
    cr_assert_str_eq(lw_recording_id(), "");
    set_environment();
    unsetenv("LASTWORD_RECORDING_ID");
    cr_assert_str_eq(lw_recording_id(), "");
    set_environment();
    setenv("LASTWORD_RECORDING_ID", "\xff", 1);
    cr_assert_not(lw_log_text("log", NULL, "text", &error));
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "LASTWORD_RECORDING_ID");
    set_environment();
    fake_spool->open_error = -EPERM;
    cr_assert_not(lw_log_text("log", NULL, "text", &error));
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE, "LASTWORD_SESSION");
}

static pthread_barrier_t barrier;

static void *log_at_once(void *argument)
{
    (void)argument;
    pthread_barrier_wait(&barrier);
    return lw_log_text("log", NULL, "text", NULL) ? NULL : refused;
}

Test(stream, threads_that_look_at_once_find_the_same)
{
    pthread_t threads[8];

    set_environment();
    pthread_barrier_init(&barrier, NULL, 8);
    for (size_t i = 0; i < 8; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, log_at_once, NULL), 0);
    for (size_t i = 0; i < 8; i++) {
        void *problem;

        pthread_join(threads[i], &problem);
        cr_assert(problem == NULL);
    }
    cr_assert_eq(fake_count(RECORD_ROW), 8);
    for (uint32_t i = 0; i < 8; i++)
        cr_assert(is_store(i, "parent's"));
}

/* --- Limits ------------------------------------------------------------------- */

Test(stream, there_is_an_end_to_streams)
{
    rr_store_info info = {STRING("app"), STRING("rec"), RR_STORE_KIND_RECORDING};

    for (uint32_t i = 1; i <= STREAM_MAX; i++)
        cr_assert_eq(rr_recording_stream_new(&info, false, false, &error), i);
    cr_assert_eq(rr_recording_stream_new(&info, false, false, &error), 0);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE, "free some");
    cr_assert_not(rr_recording_stream_is_enabled(STREAM_MAX, &error));
    assert_no_error(error);
}

static rr_recording_stream make_off(const char *recording_id)
{
    rr_store_info info = {STRING("app"), rr_make_string(recording_id), RR_STORE_KIND_RECORDING};

    return rr_recording_stream_new(&info, false, false, &error);
}

static void fill_the_table(void)
{
    for (uint32_t i = 1; i <= STREAM_MAX; i++)
        cr_assert_eq(make_off("rec"), i);
}

Test(stream, freed_ones_make_room_under_new_handles)
{
    fill_the_table();
    rr_recording_stream_free(7);
    rr_recording_stream_free(7);
    cr_assert_eq(make_off("a longer id than that before"), STREAM_MAX + 7);
    cr_assert_str_eq(stream_at(STREAM_MAX + 7)->recording_id, "a longer id than that before");
    cr_assert(stream_at(7) == NULL);
    cr_assert_not(rr_recording_stream_is_enabled(7, &error));
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 7");
    rr_recording_stream_free(7);
    cr_assert_not(rr_recording_stream_is_enabled(STREAM_MAX + 7, &error));
    assert_no_error(error);
    cr_assert_eq(make_off("rec"), 0);
}

Test(stream, a_current_one_keeps_its_place)
{
    fill_the_table();
    rr_recording_stream_set_global(5, RR_STORE_KIND_RECORDING);
    rr_recording_stream_set_thread_local(6, RR_STORE_KIND_RECORDING);
    rr_recording_stream_free(5);
    rr_recording_stream_free(6);
    cr_assert_eq(make_off("rec"), 0);
    rr_recording_stream_set_thread_local(0, RR_STORE_KIND_RECORDING);
    cr_assert_eq(make_off("rec"), STREAM_MAX + 6);
    cr_assert_str_eq(lw_recording_id(), "rec");
    rr_recording_stream_set_global(0, RR_STORE_KIND_RECORDING);
    cr_assert_eq(make_off("rec"), STREAM_MAX + 5);
}

Test(stream, there_is_no_end_to_streams_that_are_freed)
{
    char id[32];

    for (uint32_t i = 0; i < 5 * STREAM_MAX; i++) {
        rr_recording_stream stream;

        snprintf(id, sizeof(id), "a recording of its own %08u", i);
        stream = make_off(id);
        cr_assert_eq(stream, i + 1, "%u", i);
        rr_recording_stream_set_time(stream, STRING("frame"), RR_TIME_TYPE_SEQUENCE, 1, &error);
        assert_no_error(error);
        cr_assert_str_eq(stream_at(stream)->recording_id, id);
        rr_recording_stream_free(stream);
    }
}

Test(stream, a_new_stream_has_nothing_of_that_before)
{
    struct stream *stream;

    fill_the_table();
    rr_recording_stream_set_log_tick_enabled(9, true);
    rr_recording_stream_set_log_time_enabled(9, false);
    stream_at(9)->n_ticks = 5;
    rr_recording_stream_free(9);
    stream = stream_at(make("new"));
    cr_assert_eq(stream->handle, STREAM_MAX + 9);
    cr_assert(stream->is_enabled && stream->has_log_time && !stream->has_log_tick);
    cr_assert_eq(stream->n_ticks, 0);
}

Test(stream, a_place_is_not_lost_with_a_spool_that_fails)
{
    rr_store_info info = {STRING("app"), STRING("rec"), RR_STORE_KIND_RECORDING};

    for (uint32_t i = 1; i < STREAM_MAX; i++)
        cr_assert_eq(make_off("rec"), i);
    fake_spool->open_error = -EPERM;
    cr_assert_eq(rr_recording_stream_new(&info, true, false, &error), 0);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE, "LASTWORD_SESSION");
    fake_spool->open_error = 0;
    cr_assert_eq(make_off("rec"), STREAM_MAX);
}
