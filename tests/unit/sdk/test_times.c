/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Times: per thread, per stream, and what of them comes with a row. */
#include "sdk/times.h"

#include "fake_spool.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static rr_error error;
static rr_recording_stream stream;

static void start(void)
{
    stream = fake_start();
}

TestSuite(times, .init = start);

static void set(rr_recording_stream handle, const char *timeline, rr_time_type type, int64_t value)
{
    rr_recording_stream_set_time(handle, STRING(timeline), type, value, &error);
}

/* Logs a row and takes it apart. */
static void log_row(struct record_row_view *row)
{
    uint32_t n = fake_count(RECORD_ROW);

    cr_assert(lw_log_text("log", NULL, "text", &error), "%s", error.description);
    fake_row_at(n, row);
}

static bool has_time(const struct record_row_view *row, const char *timeline, uint16_t type,
                     int64_t value)
{
    for (size_t i = 0; i < row->n_timelines; i++) {
        const struct record_timeline_view *found = &row->timelines[i];

        if (found->name_size == strlen(timeline) &&
            !memcmp(found->name, timeline, found->name_size))
            return found->type == type && found->value == value;
    }
    return false;
}

Test(times, a_row_has_the_times_that_are_set)
{
    struct record_row_view row;

    log_row(&row);
    cr_assert_eq(row.n_timelines, 0);
    cr_assert_eq(row.head->flags, ROW_LOG_TIME);
    set(stream, "frame", RR_TIME_TYPE_SEQUENCE, -3);
    set(stream, "elapsed", RR_TIME_TYPE_DURATION, INT64_MAX);
    set(RR_REC_STREAM_CURRENT_RECORDING, "clock", RR_TIME_TYPE_TIMESTAMP, INT64_MIN);
    log_row(&row);
    cr_assert_eq(row.n_timelines, 3);
    cr_assert(has_time(&row, "frame", 1, -3) && has_time(&row, "elapsed", 2, INT64_MAX) &&
              has_time(&row, "clock", 3, INT64_MIN));
    set(stream, "frame", RR_TIME_TYPE_SEQUENCE, 4);
    set(stream, "clock", RR_TIME_TYPE_SEQUENCE, 5);
    log_row(&row);
    cr_assert(has_time(&row, "frame", 1, 4) && has_time(&row, "clock", 1, 5));
    assert_no_error(error);
}

Test(times, disabled_and_reset)
{
    struct record_row_view row;

    set(stream, "a", RR_TIME_TYPE_SEQUENCE, 1);
    set(stream, "b", RR_TIME_TYPE_SEQUENCE, 2);
    set(stream, "c", RR_TIME_TYPE_SEQUENCE, 3);
    rr_recording_stream_disable_timeline(stream, STRING("b"), &error);
    rr_recording_stream_disable_timeline(stream, STRING("unknown"), &error);
    log_row(&row);
    cr_assert(row.n_timelines == 2 && has_time(&row, "a", 1, 1) && has_time(&row, "c", 1, 3));
    set(stream, "d", RR_TIME_TYPE_SEQUENCE, 4);
    rr_recording_stream_reset_time(stream);
    rr_recording_stream_reset_time(99);
    log_row(&row);
    cr_assert_eq(row.n_timelines, 0);
    assert_no_error(error);
}

Test(times, each_stream_has_its_own)
{
    struct record_row_view row;
    rr_recording_stream other;

    set(stream, "frame", RR_TIME_TYPE_SEQUENCE, 1);
    other = fake_start();
    set(other, "frame", RR_TIME_TYPE_SEQUENCE, 2);
    log_row(&row);
    cr_assert(row.n_timelines == 1 && has_time(&row, "frame", 1, 2));
    rr_recording_stream_reset_time(other);
    rr_recording_stream_set_global(stream, RR_STORE_KIND_RECORDING);
    log_row(&row);
    cr_assert(row.n_timelines == 1 && has_time(&row, "frame", 1, 1));
}

static char refused[] = "refused";

static void *log_in_thread(void *argument)
{
    (void)argument;
    set(stream, "thread", RR_TIME_TYPE_SEQUENCE, 1);
    return lw_log_text("log", NULL, "text", NULL) ? NULL : refused;
}

Test(times, each_thread_has_its_own)
{
    struct record_row_view row;
    pthread_t thread;
    void *problem;

    set(stream, "main", RR_TIME_TYPE_SEQUENCE, 1);
    cr_assert_eq(pthread_create(&thread, NULL, log_in_thread, NULL), 0);
    pthread_join(thread, &problem);
    cr_assert(problem == NULL);
    fake_row_at(0, &row);
    cr_assert(row.n_timelines == 1 && has_time(&row, "thread", 1, 1));
    log_row(&row);
    cr_assert(row.n_timelines == 1 && has_time(&row, "main", 1, 1));
}

Test(times, a_child_starts_with_those_of_its_parent)
{
    struct record_row_view row;
    pid_t child;

    set(stream, "frame", RR_TIME_TYPE_SEQUENCE, 7);
    child = fork();
    if (child == 0)
        _exit(lw_log_text("log", NULL, "text", NULL) ? 0 : 1);
    cr_assert_eq(fake_wait(child), 0);
    fake_row_at(0, &row);
    cr_assert(row.n_timelines == 1 && has_time(&row, "frame", 1, 7));
}

Test(times, log_time_is_the_time_of_the_call)
{
    struct record_row_view row;
    struct timespec before;
    struct timespec after;
    uint64_t time_ns;

    clock_gettime(CLOCK_REALTIME, &before);
    log_row(&row);
    clock_gettime(CLOCK_REALTIME, &after);
    time_ns = fake_record_at(RECORD_ROW, 0)->time_ns;
    cr_assert(time_ns >= (uint64_t)before.tv_sec * 1000000000 + (uint64_t)before.tv_nsec);
    cr_assert(time_ns <= (uint64_t)after.tv_sec * 1000000000 + (uint64_t)after.tv_nsec);
    rr_recording_stream_set_log_time_enabled(stream, false);
    log_row(&row);
    cr_assert_eq(row.head->flags, 0);
    rr_recording_stream_set_log_time_enabled(99, true);
    rr_recording_stream_set_log_time_enabled(stream, true);
    log_row(&row);
    cr_assert_eq(row.head->flags, ROW_LOG_TIME);
}

Test(times, log_tick_counts_rows)
{
    struct record_row_view row;

    rr_recording_stream_set_log_tick_enabled(99, true);
    rr_recording_stream_set_log_tick_enabled(stream, true);
    for (int64_t tick = 0; tick < 3; tick++) {
        log_row(&row);
        cr_assert(row.n_timelines == 1 && has_time(&row, "log_tick", 1, tick));
    }
    rr_recording_stream_set_log_tick_enabled(stream, false);
    log_row(&row);
    cr_assert_eq(row.n_timelines, 0);
}

Test(times, the_environment_switches_them)
{
    struct record_row_view row;

    setenv("RERUN_LOG_TICK", "1", 1);
    setenv("RERUN_LOG_TIME", "off", 1);
    fake_start();
    log_row(&row);
    cr_assert(row.head->flags == 0 && has_time(&row, "log_tick", 1, 0));
}

Test(times, the_sdks_own_timelines_come_before_the_programs)
{
    struct record_row_view row;

    set(stream, "log_time", RR_TIME_TYPE_SEQUENCE, 1);
    set(stream, "log_tick", RR_TIME_TYPE_SEQUENCE, 100);
    log_row(&row);
    cr_assert(row.n_timelines == 1 && has_time(&row, "log_tick", 1, 100));
    rr_recording_stream_set_log_tick_enabled(stream, true);
    rr_recording_stream_set_log_time_enabled(stream, false);
    log_row(&row);
    cr_assert(row.n_timelines == 2 && has_time(&row, "log_tick", 1, 0) &&
              has_time(&row, "log_time", 1, 1));
}

Test(times, bad_arguments)
{
    char name[TIMELINE_MAX_NAME + 2];

    memset(name, 'x', sizeof(name));
    name[TIMELINE_MAX_NAME + 1] = '\0';
    set(stream, "", RR_TIME_TYPE_SEQUENCE, 1);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "timeline is empty");
    set(stream, name, RR_TIME_TYPE_SEQUENCE, 1);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "256 bytes");
    set(stream, "a", 0, 1);
    assert_error(error, RR_ERROR_CODE_INVALID_ENUM_VALUE, "time_type is 0");
    set(stream, "a", 4, 1);
    assert_error(error, RR_ERROR_CODE_INVALID_ENUM_VALUE, "time_type is 4");
    set(99, "a", RR_TIME_TYPE_SEQUENCE, 1);
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 99");
    rr_recording_stream_disable_timeline(99, STRING("a"), &error);
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 99");
    rr_recording_stream_disable_timeline(stream, STRING(""), &error);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "timeline is empty");
    name[TIMELINE_MAX_NAME] = '\0';
    set(stream, name, RR_TIME_TYPE_SEQUENCE, 1);
    assert_no_error(error);
}

static void set_many(rr_recording_stream handle, int first, int n)
{
    char name[16];

    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "t%d", first + i);
        set(handle, name, RR_TIME_TYPE_SEQUENCE, first + i);
    }
}

Test(times, as_many_as_fit)
{
    struct record_row_view row;

    set_many(stream, 0, TIMES_MAX);
    rr_recording_stream_set_log_tick_enabled(stream, true);
    log_row(&row);
    cr_assert_eq(row.n_timelines, TIMES_MAX + 1);
    cr_assert(has_time(&row, "t0", 1, 0) && has_time(&row, "t31", 1, 31));
    set(stream, "one more", RR_TIME_TYPE_SEQUENCE, 1);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "has set 32 timelines");
    set(stream, "t5", RR_TIME_TYPE_SEQUENCE, 50);
    rr_recording_stream_disable_timeline(stream, STRING("t6"), &error);
    set(stream, "one more", RR_TIME_TYPE_SEQUENCE, 1);
    assert_no_error(error);
    log_row(&row);
    cr_assert(has_time(&row, "one more", 1, 1) && has_time(&row, "t5", 1, 50));
}

Test(times, freed_streams_leave_their_place_to_others)
{
    struct record_row_view row;
    rr_recording_stream other;

    set_many(stream, 0, TIMES_MAX);
    rr_recording_stream_free(stream);
    other = fake_start();
    set_many(other, 0, TIMES_MAX);
    assert_no_error(error);
    log_row(&row);
    cr_assert_eq(row.n_timelines, TIMES_MAX);
}

Test(times, there_is_an_end_to_names)
{
    for (int i = 0; i < TIMELINE_MAX - 2; i++) {
        set_many(stream, i, 1);
        rr_recording_stream_reset_time(stream);
    }
    assert_no_error(error);
    set(stream, "one more", RR_TIME_TYPE_SEQUENCE, 1);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "has used 1024 names");
    set(stream, "t5", RR_TIME_TYPE_SEQUENCE, 1);
    assert_no_error(error);
}
