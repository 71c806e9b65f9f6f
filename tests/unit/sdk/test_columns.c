/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* send_columns: the rows that columns make, and that nothing is logged of columns that are refused.
 */
#include "arrow_build.h"
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define N_ROWS 4

static rr_recording_stream stream;
static rr_error error;

/* Times 10..13 on "frame" and 20..23 on "clock"; a text, null in row 1 and 3; and two numbers. */
static struct {
    rr_time_column times[2];
    rr_component_column components[2];
    struct built_array time_arrays[2], lists[2], values[2];
} made;

static const int64_t times[2][N_ROWS + 1] = {{9, 10, 11, 12, 13}, {20, 21, 22, 23, 24}};
static const uint8_t text_validity[] = {0x05};
static const int32_t text_lists[] = {1, 2, 3, 3, 3};
static const int32_t text_offsets[] = {0, 1, 4, 7};
static const int32_t number_lists[] = {0, 2, 4, 6, 6};
static const uint32_t numbers[] = {0, 1, 2, 3, 4, 5};

static rr_component_type_handle register_type(const char *component, const char *format)
{
    struct built_schema type;

    schema_build(&type, format, "", true);
    return component_register(component, &type);
}

static void make(void)
{
    memset(&made, 0, sizeof(made));
    for (size_t i = 0; i < 2; i++) {
        array_build(&made.time_arrays[i], N_ROWS, 2, NULL, times[i], NULL);
        made.times[i].timeline.name = STRING(i == 0 ? "frame" : "clock");
        made.times[i].timeline.type = i == 0 ? RR_TIME_TYPE_SEQUENCE : RR_TIME_TYPE_TIMESTAMP;
    }
    made.time_arrays[0].array.offset = 1;
    array_build(&made.lists[0], N_ROWS, 2, text_validity, text_lists, NULL);
    array_build(&made.values[0], 3, 3, NULL, text_offsets, "aonetwo");
    array_build(&made.lists[1], N_ROWS, 2, NULL, number_lists, NULL);
    array_build(&made.values[1], 6, 2, NULL, numbers, NULL);
    for (size_t i = 0; i < 2; i++)
        array_add_child(&made.lists[i], &made.values[i]);
}

static void send_some(uint32_t n_times, uint32_t n_components)
{
    for (size_t i = 0; i < 2; i++) {
        made.times[i].array = made.time_arrays[i].array;
        made.components[i].array = made.lists[i].array;
    }
    n_released_arrays = 0;
    rr_recording_stream_send_columns(stream, STRING("entity"), made.times, n_times, made.components,
                                     n_components, &error);
    cr_assert_eq(n_released_arrays, (int)(n_times + n_components));
}

static void start(void)
{
    stream = fake_start();
    make();
    made.components[0].component_type = register_type("text", "u");
    made.components[1].component_type = register_type("numbers", "I");
}

TestSuite(columns, .init = start);

static uint32_t id_of(uint32_t n)
{
    struct record_component_view view;

    fake_component_at(n, &view);
    return view.head->id;
}

Test(columns, each_place_is_a_row_with_its_times)
{
    struct record_row_view row;

    rr_recording_stream_set_time(stream, STRING("other"), RR_TIME_TYPE_SEQUENCE, 1, &error);
    send_some(2, 2);
    assert_no_error(error);
    cr_assert_eq(fake_count(RECORD_ROW), N_ROWS);
    for (uint32_t i = 0; i < N_ROWS; i++) {
        fake_row_at(i, &row);
        cr_assert_eq(row.head->flags, 0);
        cr_assert_eq(row.n_timelines, 2);
        cr_assert_eq(row.timelines[0].value, 10 + i);
        cr_assert_eq(row.timelines[0].type, RR_TIME_TYPE_SEQUENCE);
        cr_assert_eq(memcmp(row.timelines[0].name, "frame", 5), 0);
        cr_assert_eq(row.timelines[1].value, 20 + i);
        cr_assert(row.head->entity_path_size == 6 && !memcmp(row.entity_path, "entity", 6));
        cr_assert_eq(row.n_batches, i % 2 == 0 ? 2 : 1);
        cr_assert_eq(fake_batch(&row, id_of(1))->n_instances, i < 3 ? 2 : 0);
        if (i < 3)
            cr_assert_eq(memcmp(fake_batch(&row, id_of(1))->data, &numbers[2 * i], 8), 0);
    }
    fake_row_at(0, &row);
    cr_assert(fake_is_text(&row, id_of(0), "one"));
    fake_row_at(2, &row);
    cr_assert_eq(fake_batch(&row, id_of(0))->n_instances, 0);
}

Test(columns, without_times_rows_are_static)
{
    struct record_row_view row;

    send_some(0, 2);
    assert_no_error(error);
    cr_assert_eq(fake_count(RECORD_ROW), N_ROWS);
    fake_row_at(0, &row);
    cr_assert_eq(row.head->flags, ROW_STATIC);
    cr_assert_eq(row.n_timelines, 0);
}

Test(columns, rows_without_components_are_none)
{
    send_some(2, 1);
    assert_no_error(error);
    cr_assert_eq(fake_count(RECORD_ROW), 2);
    send_some(2, 0);
    assert_no_error(error);
    cr_assert_eq(fake_count(RECORD_ROW), 2);
}

Test(columns, the_last_of_one_name_counts)
{
    struct record_row_view row;

    made.components[0].component_type = register_type("numbers", "u");
    send_some(1, 2);
    assert_no_error(error);
    fake_row_at(0, &row);
    cr_assert_eq(row.n_batches, 1);
    cr_assert_eq(fake_batch(&row, id_of(0))->n_instances, 2);
}

static void assert_refused(rr_error_code code, const char *part)
{
    send_some(2, 2);
    assert_error(error, code, part);
    cr_assert_eq(fake_count(RECORD_ROW), 0);
    make();
    made.components[0].component_type = register_type("text", "u");
    made.components[1].component_type = register_type("numbers", "I");
}

Test(columns, what_does_not_fit_together_is_refused)
{
    const rr_error_code invalid = RR_ERROR_CODE_RECORDING_STREAM_CHUNK_VALIDATION_FAILURE;

    made.time_arrays[1].array.length = 3;
    assert_refused(invalid, "time_columns[1] has 3 rows, those before it have 4");
    made.lists[1].array.length = 3;
    assert_refused(invalid, "component_columns[1] has 3 rows");
    made.times[1].timeline.name = STRING("frame");
    assert_refused(invalid, "time_columns[1] has the timeline of time_columns[0]");
    made.times[0].timeline.name = STRING("");
    assert_refused(RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "timeline.name");
    made.times[1].timeline.type = 4;
    assert_refused(RR_ERROR_CODE_INVALID_ENUM_VALUE, "time_columns[1].timeline.type is 4");
    made.components[1].component_type = 77;
    assert_refused(RR_ERROR_CODE_INVALID_COMPONENT_TYPE_HANDLE, "77");
}

static void send_many_times(uint32_t n)
{
    rr_time_column columns[RECORD_MAX_TIMELINES + 1] = {0};
    struct built_array arrays[RECORD_MAX_TIMELINES + 1];
    char names[RECORD_MAX_TIMELINES + 1][8];

    for (uint32_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof(names[i]), "t%u", i);
        array_build(&arrays[i], N_ROWS, 2, NULL, times[0], NULL);
        columns[i].timeline = (rr_timeline){STRING(names[i]), RR_TIME_TYPE_SEQUENCE};
        columns[i].array = arrays[i].array;
    }
    made.components[1].array = made.lists[1].array;
    rr_recording_stream_send_columns(stream, STRING("entity"), columns, n, &made.components[1], 1,
                                     &error);
}

Test(columns, there_are_as_many_times_as_a_row_can_have)
{
    struct record_row_view row;

    send_many_times(RECORD_MAX_TIMELINES);
    assert_no_error(error);
    fake_row_at(N_ROWS - 1, &row);
    cr_assert_eq(row.n_timelines, RECORD_MAX_TIMELINES);
    cr_assert_eq(row.timelines[RECORD_MAX_TIMELINES - 1].value, times[0][N_ROWS - 1]);
    send_many_times(RECORD_MAX_TIMELINES + 1);
    cr_assert_eq(error.code, RR_ERROR_CODE_INVALID_TIME_ARGUMENT);
    cr_assert_eq(fake_count(RECORD_ROW), N_ROWS);
}

Test(columns, arrays_of_another_type_are_refused)
{
    const rr_error_code malformed = RR_ERROR_CODE_ARROW_FFI_ARRAY_IMPORT_ERROR;
    static const int32_t falling[] = {0, 2, 4, 3, 6};
    static const int32_t far[] = {0, 2, 4, 6, 7};

    made.time_arrays[0].array.null_count = -1;
    made.time_arrays[0].buffers[0] = text_validity;
    assert_refused(malformed, "time_columns[0]: the array has nulls where its type has none");
    made.time_arrays[0].buffers[1] = NULL;
    assert_refused(malformed, "time_columns[0]: the array lacks its buffer of values");
    made.lists[0].array.n_children = 0;
    assert_refused(malformed, "component_columns[0]: the array has another number of children");
    made.lists[1].buffers[1] = falling;
    assert_refused(malformed, "component_columns[1]: the array has offsets");
    made.lists[1].buffers[1] = far;
    assert_refused(malformed, "component_columns[1]: the array has a child that is shorter");
    made.lists[1].array.release = NULL;
    n_released_arrays = 0;
    made.components[1].array.release = NULL;
    for (size_t i = 0; i < 2; i++)
        made.times[i].array = made.time_arrays[i].array;
    made.components[0].array = made.lists[0].array;
    made.components[1].array = made.lists[1].array;
    rr_recording_stream_send_columns(stream, STRING("entity"), made.times, 2, made.components, 2,
                                     &error);
    assert_error(error, malformed, "missing or released");
    cr_assert_eq(n_released_arrays, 3);
    cr_assert_eq(fake_count(RECORD_ROW), 0);
}

Test(columns, a_full_spool_is_told)
{
    fake_spool->begin_error = -ENOSPC;
    send_some(2, 2);
    cr_assert_eq(error.code, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE);
}

Test(columns, no_columns_where_some_are_promised)
{
    rr_recording_stream_send_columns(stream, STRING("entity"), NULL, 1, NULL, 0, &error);
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "time_columns");
    rr_recording_stream_send_columns(stream, STRING("entity"), NULL, 0, NULL, 1, &error);
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "component_columns");
}
