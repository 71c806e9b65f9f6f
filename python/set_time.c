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

static bool read_value(const struct time_setter *kind, PyObject *object, int64_t *ret_value)
{
    *ret_value = PyLong_AsLongLong(object);
    if (*ret_value != -1 || !PyErr_Occurred())
        return true;
    if (PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_Format(PyExc_TypeError,
                     "argument '%s': %R object cannot be interpreted as an integer",
                     kind->argument, (PyObject *)Py_TYPE(object));
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
        return NULL;
    if (!recording_argument_read(recording, &stream))
        return foreign_call(module, kind->function, args, kwargs);
    if (!argument_string(timeline, "timeline", &name) || !read_value(kind, object, &value))
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
        return NULL;
    if (!recording_argument_read(recording, &stream))
        return foreign_call(module, "disable_timeline", args, kwargs);
    if (!argument_string(timeline, "timeline", &name))
        return NULL;
    if (stream)
        rr_recording_stream_disable_timeline(stream->handle, name, &error);
    return argument_result(&error);
}
