/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * send_arrow_chunk, in which rr.send_columns ends: times and components as whole columns. No state.
 */
#include "python/columns.h"

#include "python/arguments.h"
#include "python/arrow_array.h"
#include "python/foreign.h"
#include "python/recording_object.h"
#include "sdk/record/record.h"

#include <string.h>

/* The columns of one call. */
struct columns {
    uint32_t n_times;
    uint32_t n_components;
    uint32_t n_loans;
    PyObject *names[RECORD_MAX_TIMELINES]; /* n_times of them, in which those of the times lie */
    rr_time_column times[RECORD_MAX_TIMELINES];
    rr_component_column components[RECORD_MAX_COMPONENTS];
    struct arrow_loan loans[RECORD_MAX_TIMELINES + RECORD_MAX_COMPONENTS];
};

static bool borrow(struct columns *columns, PyObject *array, struct arrow_loan **ret_loan)
{
    *ret_loan = &columns->loans[columns->n_loans];
    if (!arrow_loan_take(array, *ret_loan))
        return false;
    columns->n_loans++;
    return true;
}

static bool read_time_type(const char *format, rr_time_type *ret_type)
{
    if (!strcmp(format, "l"))
        *ret_type = RR_TIME_TYPE_SEQUENCE;
    else if (!strcmp(format, "tDn"))
        *ret_type = RR_TIME_TYPE_DURATION;
    else if (!strncmp(format, "tsn:", 4))
        *ret_type = RR_TIME_TYPE_TIMESTAMP;
    else
        PyErr_Format(PyExc_ValueError,
                     "a time column must be int64, or duration or timestamp in ns, not \"%s\"",
                     format);
    return !PyErr_Occurred();
}

static bool add_time(struct columns *columns, PyObject *name, PyObject *array)
{
    rr_time_column *column = &columns->times[columns->n_times];
    struct arrow_loan *loan;

    *column = (rr_time_column){.sorting_status = RR_SORTING_STATUS_UNKNOWN};
    if (!argument_string(name, "timelines", &column->timeline.name) ||
        !borrow(columns, array, &loan) ||
        !read_time_type(loan->schema.format, &column->timeline.type))
        return false;
    column->array = loan->array;
    columns->names[columns->n_times++] = Py_NewRef(name);
    return true;
}

static bool add_component(struct columns *columns, PyObject *descriptor, PyObject *array)
{
    rr_component_column *column = &columns->components[columns->n_components];
    struct arrow_loan *loan;
    struct ArrowSchema values;

    if (!borrow(columns, array, &loan)) {
        argument_blame_descriptor(descriptor);
        return false;
    }
    if (strcmp(loan->schema.format, "+l") != 0 || loan->schema.n_children != 1) {
        PyErr_Format(PyExc_ValueError, "a component column must be a list array, not \"%s\"",
                     loan->schema.format);
        return false;
    }
    values = arrow_loan_child_schema(&loan->schema, 0);
    if (!argument_component(descriptor, &values, &column->component_type))
        return false;
    column->array = loan->array;
    columns->n_components++;
    return true;
}

/* Calls `add` for each item of a dict of at most `most`. */
static bool add_all(struct columns *columns, PyObject *dict, uint32_t most, const char *what,
                    bool (*add)(struct columns *columns, PyObject *key, PyObject *array))
{
    struct argument_items items = argument_items(dict);
    PyObject *key, *array;
    bool is_good = true;

    if (items.n > most) {
        PyErr_Format(PyExc_ValueError, "there are at most %u %s: send them in parts", most, what);
        return false;
    }
    while (is_good && argument_next(&items, &key, &array)) {
        is_good = add(columns, key, array);
        Py_DECREF(key);
        Py_DECREF(array);
    }
    return is_good && !PyErr_Occurred();
}

static PyObject *send(struct stream *stream, rr_string entity_path, struct columns *columns)
{
    rr_error error = {0};

    Py_BEGIN_ALLOW_THREADS
    rr_recording_stream_send_columns(stream->handle, entity_path, columns->times, columns->n_times,
                                     columns->components, columns->n_components, &error);
    Py_END_ALLOW_THREADS
    return argument_result(&error);
}

static void give_back(struct columns *columns)
{
    while (columns->n_loans > 0)
        arrow_loan_return(&columns->loans[--columns->n_loans]);
    while (columns->n_times > 0)
        Py_DECREF(columns->names[--columns->n_times]);
}

static PyObject *read_and_send(struct stream *stream, rr_string entity_path, PyObject *timelines,
                               PyObject *components)
{
    struct columns columns;
    PyObject *result = NULL;

    columns.n_times = columns.n_components = columns.n_loans = 0;
    if (add_all(&columns, timelines, RECORD_MAX_TIMELINES, "timelines", add_time) &&
        add_all(&columns, components, RECORD_MAX_COMPONENTS, "components", add_component))
        result = send(stream, entity_path, &columns);
    give_back(&columns);
    return result;
}

PyObject *columns_send(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"entity_path", "timelines", "components", "recording",
                                        NULL};
    PyObject *path, *timelines, *components, *recording = NULL, *owner = NULL, *result = Py_None;
    struct stream *stream;
    rr_string entity_path;

    if (!arguments_parse(args, kwargs, "OOO|O:send_arrow_chunk", names, &path, &timelines,
                         &components, &recording))
        return foreign_refuse(module, "send_arrow_chunk", args, kwargs);
    if (!recording_argument_use(recording, &stream))
        return foreign_call(module, "send_arrow_chunk", args, kwargs);
    if (!argument_type(timelines, PyDict_Check(timelines), "timelines", "dict") ||
        !argument_type(components, PyDict_Check(components), "components", "dict") ||
        !argument_entity_path(path, &owner, &entity_path))
        return foreign_refuse(module, "send_arrow_chunk", args, kwargs);
    recording_refer(stream); /* exporting arrays lets others run, who may replace the current one */
    if (stream && stream->is_enabled)
        result = read_and_send(stream, entity_path, timelines, components);
    else
        Py_INCREF(result);
    recording_unrefer(stream);
    Py_DECREF(owner);
    return result;
}
