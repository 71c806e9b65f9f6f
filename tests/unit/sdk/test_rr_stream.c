/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Streams through Rerun's interface: making them, their ids, being off, waiting. */
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static rr_error error;

static rr_recording_stream make(const char *application_id, const char *recording_id,
                                rr_store_kind store_kind)
{
    rr_store_info info = {STRING(application_id), STRING(recording_id), store_kind};

    return rr_recording_stream_new(&info, true, true, &error);
}

Test(rr_stream, the_definition_says_what_was_asked_for)
{
    struct record_recording_view view;

    cr_assert_eq(make("app", "rec", RR_STORE_KIND_BLUEPRINT), 1);
    assert_no_error(error);
    fake_recording_at(0, &view);
    cr_assert_eq(view.head->store_kind, 2);
    cr_assert_eq(view.head->previous_id, 0);
    cr_assert_eq(view.head->flags, RECORDING_SEND_PROPERTIES);
    cr_assert_eq(view.head->sinks_size, 0);
    cr_assert(view.head->application_id_size == 3 && !memcmp(view.application_id, "app", 3));
    cr_assert(view.head->recording_id_size == 3 && !memcmp(view.recording_id, "rec", 3));
    cr_assert(view.head->time_ns > UINT64_C(1600000000000000000));
}

Test(rr_stream, handles_count_up_and_are_never_used_again)
{
    cr_assert_eq(make("app", "a", RR_STORE_KIND_RECORDING), 1);
    rr_recording_stream_free(1);
    cr_assert_eq(make("app", "b", RR_STORE_KIND_RECORDING), 2);
    cr_assert_not(rr_recording_stream_is_enabled(1, &error));
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE,
                 "rr_recording_stream_is_enabled: there is no stream 1");
    cr_assert(rr_recording_stream_is_enabled(2, &error));
    cr_assert_not(rr_recording_stream_is_enabled(0, &error));
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 0");
    cr_assert_not(rr_recording_stream_is_enabled(3, &error));
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 3");
    cr_assert_not(rr_recording_stream_is_enabled(70000, &error));
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 70000");
}

Test(rr_stream, a_random_id_is_a_uuid)
{
    struct record_recording_view view[2];

    for (uint32_t i = 0; i < 2; i++) {
        cr_assert(make("app", "", RR_STORE_KIND_RECORDING) > 0);
        fake_recording_at(i, &view[i]);
        cr_assert_eq(view[i].head->recording_id_size, 36);
        cr_assert_eq(memcmp(view[i].recording_id, "rec_", 4), 0);
        cr_assert_eq(strspn(view[i].recording_id + 4, "0123456789abcdef"), 32);
        cr_assert_eq(view[i].recording_id[16], '4');
        cr_assert(strchr("89ab", view[i].recording_id[20]) != NULL);
    }
    cr_assert_neq(memcmp(view[0].recording_id, view[1].recording_id, 36), 0);
}

Test(rr_stream, the_first_recording_without_an_id_takes_that_of_the_environment)
{
    struct record_recording_view view;

    setenv("LASTWORD_RECORDING_ID", "from outside", 1);
    make("app", "", RR_STORE_KIND_BLUEPRINT);
    fake_recording_at(0, &view);
    cr_assert_eq(view.head->recording_id_size, 36);
    make("app", "", RR_STORE_KIND_RECORDING);
    fake_recording_at(1, &view);
    cr_assert(view.head->recording_id_size == 12 && !memcmp(view.recording_id, "from outside", 12));
    make("app", "", RR_STORE_KIND_RECORDING);
    fake_recording_at(2, &view);
    cr_assert_eq(view.head->recording_id_size, 36);
    assert_no_error(error);
}

Test(rr_stream, bad_arguments)
{
    static char long_id[RECORD_MAX_ID + 2];

    memset(long_id, 'x', RECORD_MAX_ID + 1);
    cr_assert_eq(rr_recording_stream_new(NULL, true, true, &error), 0);
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "store_info is NULL");
    cr_assert_eq(make("", "rec", RR_STORE_KIND_RECORDING), 0);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                 "store_info.application_id is empty");
    cr_assert_eq(make("app", "\xff", RR_STORE_KIND_RECORDING), 0);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "store_info.recording_id");
    cr_assert_eq(make(long_id, "rec", RR_STORE_KIND_RECORDING), 0);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "513 bytes");
    cr_assert_eq(make("app", "rec", 0), 0);
    assert_error(error, RR_ERROR_CODE_INVALID_ENUM_VALUE, "store_kind is 0");
    cr_assert_eq(make("app", "rec", 3), 0);
    assert_error(error, RR_ERROR_CODE_INVALID_ENUM_VALUE, "store_kind is 3");
    cr_assert_eq(fake_count(RECORD_DEFINE_RECORDING), 0);
    cr_assert_eq(rr_recording_stream_new(NULL, true, true, NULL), 0);
}

Test(rr_stream, a_spool_that_refuses)
{
    fake_spool->open_error = -EACCES;
    cr_assert_eq(make("app", "rec", RR_STORE_KIND_RECORDING), 0);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE, "LASTWORD_SESSION");
    fake_spool->open_error = 0;
    fake_spool->define_error = -ENOSPC;
    cr_assert_eq(make("app", "rec", RR_STORE_KIND_RECORDING), 0);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE, "full");
    fake_spool->define_error = 0;
    cr_assert_eq(make("app", "rec", RR_STORE_KIND_RECORDING), 1);
}

Test(rr_stream, a_stream_that_is_off_touches_no_spool)
{
    rr_store_info info = {STRING("app"), STRING("rec"), RR_STORE_KIND_RECORDING};
    rr_recording_stream stream = rr_recording_stream_new(&info, false, true, &error);

    cr_assert_eq(stream, 1);
    cr_assert_not(rr_recording_stream_is_enabled(stream, &error));
    rr_recording_stream_set_global(stream, RR_STORE_KIND_RECORDING);
    cr_assert_str_eq(lw_recording_id(), "rec");
    cr_assert(lw_log_text("log", NULL, "text", &error));
    rr_recording_stream_save(stream, STRING("/no/such/directory/file"), &error);
    rr_recording_stream_flush_blocking(stream, 1, &error);
    assert_no_error(error);
    cr_assert_eq(fake_spool->n_opened, 0);
    cr_assert_eq(fake_spool->n_records, 0);
    cr_assert(fake_spool->recording == NULL);
}

Test(rr_stream, the_variable_rerun_overrides_the_program)
{
    static const struct {
        const char *value;
        bool expected[2]; /* when the program says off, on */
    } cases[] = {
        {"0", {false, false}},    {"off", {false, false}}, {"False", {false, false}},
        {"1", {true, true}},      {"ON", {true, true}},    {"true", {true, true}},
        {"maybe", {false, true}}, {"", {false, true}},
    };
    rr_store_info info = {STRING("app"), STRING("rec"), RR_STORE_KIND_RECORDING};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setenv("RERUN", cases[i].value, 1);
        for (int on = 0; on < 2; on++) {
            rr_recording_stream stream = rr_recording_stream_new(&info, on, false, &error);

            cr_assert_eq(rr_recording_stream_is_enabled(stream, &error), cases[i].expected[on],
                         "RERUN=%s", cases[i].value);
        }
    }
}

Test(rr_stream, flush_waits_as_long_as_it_is_told)
{
    rr_recording_stream stream = fake_start();

    rr_recording_stream_flush_blocking(stream, 1.5F, &error);
    cr_assert_eq(fake_spool->wait_timeout_ms, 1500);
    rr_recording_stream_flush_blocking(stream, 0, &error);
    cr_assert_eq(fake_spool->wait_timeout_ms, 0);
    rr_recording_stream_flush_blocking(RR_REC_STREAM_CURRENT_RECORDING, INFINITY, &error);
    cr_assert_eq(fake_spool->wait_timeout_ms, UINT32_MAX);
    rr_recording_stream_flush_blocking(stream, 1e38F, &error);
    cr_assert_eq(fake_spool->wait_timeout_ms, UINT32_MAX);
    assert_no_error(error);
}

Test(rr_stream, flush_that_cannot_wait)
{
    rr_recording_stream stream = fake_start();

    fake_spool->wait_timeout_ms = 77;
    rr_recording_stream_flush_blocking(stream, -1, &error);
    assert_error(error, RR_ERROR_CODE_INVALID_TIME_ARGUMENT, "negative");
    rr_recording_stream_flush_blocking(stream, NAN, &error);
    assert_error(error, RR_ERROR_CODE_INVALID_TIME_ARGUMENT, "not a number");
    rr_recording_stream_flush_blocking(99, 1, &error);
    assert_no_error(error);
    cr_assert_eq(fake_spool->wait_timeout_ms, 77);
    fake_spool->wait_error = -ETIMEDOUT;
    rr_recording_stream_flush_blocking(stream, 1, &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_FLUSH_TIMEOUT, "none is lost");
    fake_spool->wait_error = -EIO;
    rr_recording_stream_flush_blocking(stream, 1, &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_FLUSH_FAILURE, "refused");
}
