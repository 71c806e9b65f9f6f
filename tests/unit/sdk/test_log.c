/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * rr_recording_stream_log: rows of any components, and all that is refused; whatever happens, every
 * array is released once.
 */
#include "arrow_build.h"
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static rr_error error;
static rr_recording_stream stream;
static struct record_row_view row;

static void start(void)
{
    stream = fake_start();
}

TestSuite(log, .init = start);

/* --- Components of the layouts ------------------------------------------------ */

static rr_component_type_handle register_plain(const char *component, const char *format)
{
    struct built_schema type;

    schema_build(&type, format, "item", true);
    return component_register(component, &type);
}

static rr_component_type_handle register_vec2(const char *component)
{
    struct built_schema type;
    struct built_schema child;

    schema_build(&type, "+w:2", "item", true);
    schema_build(&child, "f", "item", false);
    schema_add_child(&type, &child);
    return component_register(component, &type);
}

/* A batch of n values of a plain type. */
static struct built_array *make_values(struct built_array *array, const void *values, int64_t n)
{
    array_build(array, n, 2, NULL, values, NULL);
    return array;
}

/* Three batches, of the components a, b and c, of n values each. */
static void make_three(rr_component_batch batches[3], const void *values, int64_t n)
{
    static struct built_array arrays[3];
    static const char *const names[] = {"a", "b", "c"};

    for (size_t i = 0; i < 3; i++) {
        batches[i].component_type = register_plain(names[i], "g");
        batches[i].array = make_values(&arrays[i], values, n)->array;
    }
}

static void log_batches(rr_component_batch *batches, uint32_t n, bool inject_time)
{
    rr_data_row data_row = {STRING("entity"), n, batches};

    rr_recording_stream_log(stream, data_row, inject_time, &error);
}

static const struct record_batch_view *batch_called(const char *component)
{
    struct record_component_view view;

    for (uint32_t i = 0; i < fake_count(RECORD_DEFINE_COMPONENT); i++) {
        fake_component_at(i, &view);
        if (view.head->component_size == strlen(component) &&
            !memcmp(view.component, component, view.head->component_size))
            return fake_batch(&row, view.head->id);
    }
    cr_assert(false, "%s is not defined", component);
    return NULL;
}

/* --- Accepted ----------------------------------------------------------------- */

Test(log, points)
{
    const float positions[] = {1, 2, 3, 4};
    const uint32_t color = 0xff0000ff;
    const uint16_t class_ids[] = {7, 8};
    struct built_array arrays[3];
    struct built_array numbers;
    rr_component_batch batches[3] = {
        {.component_type = register_vec2("Points2D:positions")},
        {.component_type = register_plain("Points2D:colors", "I")},
        {.component_type = register_plain("Points2D:class_ids", "S")},
    };

    array_build(&arrays[0], 2, 1, NULL, NULL, NULL);
    array_add_child(&arrays[0], make_values(&numbers, positions, 4));
    batches[0].array = arrays[0].array;
    batches[1].array = make_values(&arrays[1], &color, 1)->array;
    batches[2].array = make_values(&arrays[2], class_ids, 2)->array;
    log_batches(batches, 3, true);
    assert_no_error(error);
    cr_assert_eq(n_released_arrays, 3);
    cr_assert(!batches[0].array.release && !batches[1].array.release && !batches[2].array.release);
    fake_row_at(0, &row);
    cr_assert(row.n_batches == 3 && row.head->flags == ROW_LOG_TIME);
    cr_assert(row.head->entity_path_size == 6 && !memcmp(row.entity_path, "entity", 6));
    cr_assert_eq(memcmp(batch_called("Points2D:positions")->data, positions, sizeof(positions)), 0);
    cr_assert_eq(batch_called("Points2D:positions")->n_instances, 2);
    cr_assert_eq(memcmp(batch_called("Points2D:colors")->data, &color, sizeof(color)), 0);
    cr_assert_eq(batch_called("Points2D:class_ids")->n_instances, 2);
}

Test(log, scalars_and_texts)
{
    const double scalar = 0.5;
    const int32_t offsets[] = {0, 4};
    struct built_array arrays[2];
    rr_component_batch batches[2] = {
        {.component_type = register_plain("Scalars:scalars", "g")},
        {.component_type = register_plain("TextLog:text", "u")},
    };

    batches[0].array = make_values(&arrays[0], &scalar, 1)->array;
    array_build(&arrays[1], 1, 3, NULL, offsets, "text");
    batches[1].array = arrays[1].array;
    log_batches(batches, 2, true);
    assert_no_error(error);
    fake_row_at(0, &row);
    cr_assert_eq(memcmp(batch_called("Scalars:scalars")->data, &scalar, sizeof(scalar)), 0);
    cr_assert_eq(memcmp((const char *)batch_called("TextLog:text")->data + 8, "text", 4), 0);
}

Test(log, a_static_row_has_no_times)
{
    const double scalar = 0.5;
    struct built_array array;
    rr_component_batch batch = {.component_type = register_plain("c", "g")};

    rr_recording_stream_set_time(stream, STRING("frame"), RR_TIME_TYPE_SEQUENCE, 1, &error);
    rr_recording_stream_set_log_tick_enabled(stream, true);
    batch.array = make_values(&array, &scalar, 1)->array;
    log_batches(&batch, 1, false);
    assert_no_error(error);
    fake_row_at(0, &row);
    cr_assert(row.n_timelines == 0 && row.head->flags == ROW_STATIC);
}

Test(log, a_component_that_comes_twice_counts_as_it_comes_last)
{
    const double numbers[] = {1, 2, 3};
    const float small = 4;
    struct built_array arrays[4];
    rr_component_type_handle handle = register_plain("same", "g");
    rr_component_type_handle other_type = register_plain("same", "f");
    rr_component_batch batches[4] = {
        {.component_type = handle},
        {.component_type = register_plain("other", "g")},
        {.component_type = handle},
        {.component_type = other_type},
    };

    for (size_t i = 0; i < 3; i++)
        batches[i].array = make_values(&arrays[i], &numbers[i], 1)->array;
    batches[3].array = make_values(&arrays[3], &small, 1)->array;
    log_batches(batches, 4, true);
    assert_no_error(error);
    cr_assert_eq(n_released_arrays, 4);
    fake_row_at(0, &row);
    cr_assert_eq(row.n_batches, 2);
    cr_assert_eq(memcmp(batch_called("other")->data, &numbers[1], sizeof(double)), 0);
    cr_assert_eq(memcmp(batch_called("same")->data, &small, sizeof(small)), 0);
}

Test(log, no_components_no_row)
{
    log_batches(NULL, 0, true);
    assert_no_error(error);
    cr_assert_eq(fake_count(RECORD_ROW), 0);
}

Test(log, as_many_components_as_fit)
{
    static rr_component_batch batches[RECORD_MAX_COMPONENTS + 1];
    static struct built_array arrays[RECORD_MAX_COMPONENTS + 1];
    const double scalar = 0.5;
    char name[16];

    for (uint32_t i = 0; i <= RECORD_MAX_COMPONENTS; i++) {
        snprintf(name, sizeof(name), "c%u", i);
        batches[i].component_type = register_plain(name, "g");
        batches[i].array = make_values(&arrays[i], &scalar, 1)->array;
    }
    log_batches(batches, RECORD_MAX_COMPONENTS, true);
    assert_no_error(error);
    fake_row_at(0, &row);
    cr_assert_eq(row.n_batches, RECORD_MAX_COMPONENTS);
    for (uint32_t i = 0; i < RECORD_MAX_COMPONENTS; i++)
        batches[i].array = arrays[i].array;
    n_released_arrays = 0;
    log_batches(batches, RECORD_MAX_COMPONENTS + 1, true);
    assert_error(error, RR_ERROR_CODE_INVALID_COMPONENT, "257 components");
    cr_assert_eq(n_released_arrays, RECORD_MAX_COMPONENTS + 1);
}

/* --- Refused, and released ---------------------------------------------------- */

/* Logs one good batch after `change` has spoilt something. */
static void log_spoilt(void (*change)(rr_recording_stream *, rr_data_row *))
{
    static const double scalar = 0.5;
    struct built_array array;
    rr_component_batch batch = {.component_type = register_plain("c", "g")};
    rr_data_row data_row = {STRING("entity"), 1, &batch};
    rr_recording_stream handle = stream;

    batch.array = make_values(&array, &scalar, 1)->array;
    n_released_arrays = 0;
    change(&handle, &data_row);
    rr_recording_stream_log(handle, data_row, true, &error);
    cr_assert_eq(n_released_arrays, 1);
    cr_assert(batch.array.release == NULL);
    cr_assert_eq(fake_count(RECORD_ROW), 0);
}

static void spoil_handle(rr_recording_stream *handle, rr_data_row *data_row)
{
    (void)data_row;
    *handle = 99;
}

static void spoil_path(rr_recording_stream *handle, rr_data_row *data_row)
{
    (void)handle;
    data_row->entity_path = STRING("\xff");
}

static void spoil_type(rr_recording_stream *handle, rr_data_row *data_row)
{
    (void)handle;
    data_row->component_batches[0].component_type = RR_COMPONENT_TYPE_HANDLE_INVALID;
}

static void spoil_array(rr_recording_stream *handle, rr_data_row *data_row)
{
    (void)handle;
    data_row->component_batches[0].array.n_buffers = 3;
}

static void spoil_begin(rr_recording_stream *handle, rr_data_row *data_row)
{
    (void)handle;
    (void)data_row;
    fake_spool->begin_error = -ENOSPC;
}

static void spoil_definition(rr_recording_stream *handle, rr_data_row *data_row)
{
    (void)handle;
    (void)data_row;
    fake_spool->begin_error = 0;
    fake_spool->define_error = -ENOSPC;
}

static void choose_none(rr_recording_stream *handle, rr_data_row *data_row)
{
    (void)data_row;
    rr_recording_stream_set_global(0, RR_STORE_KIND_RECORDING);
    *handle = RR_REC_STREAM_CURRENT_RECORDING;
}

Test(log, whatever_is_wrong_the_arrays_are_released)
{
    log_spoilt(spoil_handle);
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 99");
    log_spoilt(spoil_path);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "data_row.entity_path");
    log_spoilt(spoil_type);
    assert_error(error, RR_ERROR_CODE_INVALID_COMPONENT_TYPE_HANDLE, "4294967295");
    log_spoilt(spoil_array);
    assert_error(error, RR_ERROR_CODE_ARROW_FFI_ARRAY_IMPORT_ERROR,
                 "component_batches[0]: the array has another number of buffers");
    log_spoilt(spoil_definition);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "full");
    fake_spool->define_error = 0;
    log_spoilt(spoil_begin);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "full");
    fake_spool->begin_error = 0;
    log_spoilt(choose_none);
    assert_no_error(error);
}

Test(log, a_later_bad_batch_spoils_the_row_but_releases_all)
{
    const double scalar = 0.5;
    rr_component_batch batches[3];

    make_three(batches, &scalar, 1);
    batches[1].array.release = NULL;
    log_batches(batches, 3, true);
    assert_error(error, RR_ERROR_CODE_ARROW_FFI_ARRAY_IMPORT_ERROR, "[1]");
    cr_assert_eq(n_released_arrays, 2);
    cr_assert_eq(fake_count(RECORD_ROW), 0);
}

Test(log, batches_that_are_not_there)
{
    rr_data_row data_row = {STRING("entity"), 1, NULL};

    rr_recording_stream_log(stream, data_row, true, &error);
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "data_row.component_batches");
    rr_recording_stream_log(stream, data_row, true, NULL);
}

Test(log, a_component_that_is_too_large)
{
    struct built_array array;
    rr_component_batch batch = {.component_type = register_plain("c", "g")};

    /* The values are never read: the size alone is too much. */
    batch.array = make_values(&array, &array, (INT64_C(512) << 20) / 8)->array;
    log_batches(&batch, 1, true);
    assert_error(error, RR_ERROR_CODE_INVALID_COMPONENT, "more than 512 MiB");
    cr_assert_eq(n_released_arrays, 1);
}

Test(log, a_row_that_is_too_large)
{
    rr_component_batch batches[3];

    /* Nor are these. */
    make_three(batches, "", (INT64_C(400) << 20) / 8);
    log_batches(batches, 3, true);
    assert_error(error, RR_ERROR_CODE_INVALID_COMPONENT, "more than 1 GiB");
    cr_assert_eq(n_released_arrays, 3);
}
