/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* set_time_sequence and its kin: times per thread and recording. No state. */
#include "python/set_time.h"

#include "python/arguments.h"
#include "python/foreign.h"
#include "python/recording_object.h"

/* What the three functions differ in. */
struct time_setter {
    const char *function;
    const char *argument;
    rr_time_type type;
};

/* Rerun has no time INT64_MIN: it is the mark of static data. */
static bool read_value(PyObject *object, int64_t *ret_value)
{
    *ret_value = PyLong_AsLongLong(object);
    if (*ret_value == INT64_MIN)
        *ret_value = INT64_MIN + 1;
    return *ret_value != -1 || !PyErr_Occurred();
}

static bool check_name(rr_string name)
{
    if (name.length_in_bytes > 0)
        return true;
    PyErr_SetString(PyExc_ValueError, "Invalid `TimelineName`: must not be empty");
    return false;
}

static PyObject *set(const struct time_setter *kind, PyObject *module, PyObject *args,
                     PyObject *kwargs)
{
    const char *names[] = {"timeline", kind->argument, "recording", NULL};
    PyObject *timeline, *object, *recording = NULL;
    struct stream *stream;
    rr_error error = {0};
    rr_string name;
    int64_t value;

    if (!arguments_parse(args, kwargs, "OO|O", names, &timeline, &object, &recording))
        return foreign_refuse(module, kind->function, args, kwargs);
    if (!recording_argument_use(recording, &stream))
        return foreign_call(module, kind->function, args, kwargs);
    if (!argument_string(timeline, "timeline", &name) || !read_value(object, &value))
        return foreign_refuse(module, kind->function, args, kwargs);
    if (!check_name(name))
        return NULL;
    if (stream)
        rr_recording_stream_set_time(stream->handle, name, kind->type, value, &error);
    return argument_result(&error);
}

PyObject *set_time_sequence(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const struct time_setter kind = {"set_time_sequence", "sequence", RR_TIME_TYPE_SEQUENCE};

    return set(&kind, module, args, kwargs);
}

PyObject *set_time_duration(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const struct time_setter kind = {"set_time_duration_nanos", "nanos",
                                            RR_TIME_TYPE_DURATION};

    return set(&kind, module, args, kwargs);
}

PyObject *set_time_timestamp(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const struct time_setter kind = {"set_time_timestamp_nanos_since_epoch", "nanos",
                                            RR_TIME_TYPE_TIMESTAMP};

    return set(&kind, module, args, kwargs);
}

PyObject *set_time_disable(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"timeline", "recording", NULL};
    PyObject *timeline, *recording = NULL;
    struct stream *stream;
    rr_error error = {0};
    rr_string name;

    if (!arguments_parse(args, kwargs, "O|O", names, &timeline, &recording))
        return foreign_refuse(module, "disable_timeline", args, kwargs);
    if (!recording_argument_use(recording, &stream))
        return foreign_call(module, "disable_timeline", args, kwargs);
    if (!argument_string(timeline, "timeline", &name))
        return foreign_refuse(module, "disable_timeline", args, kwargs);
    if (!check_name(name))
        return NULL;
    if (stream)
        rr_recording_stream_disable_timeline(stream->handle, name, &error);
    return argument_result(&error);
}
