/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * log_arrow_msg, the one function that every rr.log ends in. No state; the GIL is kept for rows
 * that are copied in less time than it takes to get it back.
 */
#include "python/log.h"

#include "python/arguments.h"
#include "python/arrow_array.h"
#include "python/foreign.h"
#include "python/recording_object.h"
#include "sdk/record/record.h"

#define HEAVY_VALUES (UINT64_C(1) << 15) /* 256 KiB of 8-byte values */

/* A row while it is put together. */
struct row {
    uint32_t n;
    uint64_t weight;
    rr_component_batch batches[RECORD_MAX_COMPONENTS];
    struct arrow_loan loans[RECORD_MAX_COMPONENTS]; /* n of them */
};

static bool add(struct row *row, PyObject *descriptor, PyObject *array)
{
    struct arrow_loan *loan = &row->loans[row->n];
    rr_component_batch *batch = &row->batches[row->n];

    if (!arrow_loan_take(array, loan)) {
        argument_blame_descriptor(descriptor);
        return false;
    }
    if (!argument_component(descriptor, &loan->schema, &batch->component_type)) {
        arrow_loan_return(loan);
        return false;
    }
    batch->array = loan->array;
    row->weight += arrow_loan_weight(&loan->array);
    row->n++;
    return true;
}

static bool add_all(struct row *row, PyObject *components)
{
    struct argument_items items = argument_items(components);
    PyObject *descriptor, *array;
    bool is_good = true;

    if (items.n > RECORD_MAX_COMPONENTS) {
        PyErr_Format(PyExc_ValueError, "a row has at most %d components: log it in parts",
                     RECORD_MAX_COMPONENTS);
        return false;
    }
    while (is_good && argument_next(&items, &descriptor, &array)) {
        is_good = add(row, descriptor, array);
        Py_DECREF(descriptor);
        Py_DECREF(array);
    }
    return is_good && !PyErr_Occurred();
}

static void write_row(struct stream *stream, rr_string entity_path, struct row *row, bool is_static,
                      rr_error *error)
{
    rr_data_row data_row = {entity_path, row->n, row->batches};

    if (row->weight < HEAVY_VALUES) {
        rr_recording_stream_log(stream->handle, data_row, !is_static, error);
        return;
    }
    Py_BEGIN_ALLOW_THREADS
    rr_recording_stream_log(stream->handle, data_row, !is_static, error);
    Py_END_ALLOW_THREADS
}

/*
 * The official SDK counts every row on log_tick, whether or not the row shows it. Those that do are
 * counted by ours.
 */
static void count_row(struct stream *stream, bool is_empty, bool is_static)
{
    if (is_empty || is_static || !atomic_load(&stream->has_log_tick))
        atomic_fetch_add_explicit(&stream->n_ticks, 1, memory_order_relaxed);
}

static PyObject *log_row(struct stream *stream, rr_string entity_path, PyObject *components,
                         bool is_static)
{
    struct row row;
    rr_error error;
    bool is_whole;

    row.n = 0;
    row.weight = 0;
    error.code = RR_ERROR_CODE_OK;
    is_whole = add_all(&row, components);
    if (is_whole)
        count_row(stream, row.n == 0, is_static);
    if (is_whole && row.n > 0)
        write_row(stream, entity_path, &row, is_static, &error);
    while (row.n > 0)
        arrow_loan_return(&row.loans[--row.n]);
    recording_set_has_rows(stream);
    return is_whole ? argument_result(&error) : NULL;
}

PyObject *log_arrow_msg(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"entity_path", "components", "static_", "recording", NULL};
    PyObject *path, *components, *is_static, *recording = NULL, *owner = NULL, *result = Py_None;
    struct stream *stream;
    rr_string entity_path;

    if (!arguments_parse(args, kwargs, "OOO|O:log_arrow_msg", names, &path, &components, &is_static,
                         &recording))
        return foreign_refuse(module, "log_arrow_msg", args, kwargs);
    if (!recording_argument_use(recording, &stream))
        return foreign_call(module, "log_arrow_msg", args, kwargs);
    if (!argument_type(components, PyDict_Check(components), "components", "dict") ||
        !argument_type(is_static, PyBool_Check(is_static), "static_", "bool") ||
        !argument_entity_path(path, &owner, &entity_path))
        return foreign_refuse(module, "log_arrow_msg", args, kwargs);
    recording_refer(stream); /* exporting arrays lets others run, who may replace the current one */
    if (stream && stream->is_enabled)
        result = log_row(stream, entity_path, components, is_static == Py_True);
    else
        Py_INCREF(result);
    recording_unrefer(stream);
    Py_DECREF(owner);
    return result;
}
