/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Streams for reroute.py: arguments are read, and the SDK does the rest. No state.
 */
#include "python/streams.h"

#include "python/arguments.h"
#include "python/recording_object.h"
#include "sdk/times.h"

#include <stdlib.h>

bool streams_read(PyObject *recording, struct stream **ret_stream)
{
    return argument_type(recording, recording_argument_read(recording, ret_stream), "recording",
                         "PyRecordingStream");
}

/* --- Making them ---------------------------------------------------------- */

/* All recordings of a run that are given no id are one, as those of a multiprocessing family are.
 */
static rr_string run_id(void)
{
    const char *id = getenv("LASTWORD_RECORDING_ID");

    return rr_make_string(id ? id : "");
}

static PyObject *new_stream(const rr_store_info *store_info, int is_enabled, int send_properties)
{
    rr_error error = {0};
    rr_recording_stream handle =
        rr_recording_stream_new(store_info, is_enabled, send_properties, &error);

    return error.code == RR_ERROR_CODE_OK ? recording_object_new(stream_at(handle))
                                          : argument_raise(&error);
}

PyObject *streams_new(PyObject *module, PyObject *args)
{
    rr_store_info store_info = {.store_kind = RR_STORE_KIND_RECORDING};
    PyObject *application_id, *recording_id;
    int is_enabled, send_properties;

    (void)module;
    if (!PyArg_ParseTuple(args, "OOpp", &application_id, &recording_id, &is_enabled,
                          &send_properties) ||
        !argument_string(application_id, "application_id", &store_info.application_id))
        return NULL;
    if (recording_id == Py_None)
        store_info.recording_id = run_id();
    else if (!argument_string(recording_id, "recording_id", &store_info.recording_id))
        return NULL;
    return new_stream(&store_info, is_enabled, send_properties);
}

/* --- The current ones ----------------------------------------------------- */

PyObject *streams_find(PyObject *module, PyObject *recording)
{
    struct stream *stream;

    (void)module;
    return streams_read(recording, &stream) ? recording_object_new(stream) : NULL;
}

PyObject *streams_global(PyObject *module, PyObject *ignored)
{
    (void)module, (void)ignored;
    return recording_object_new(stream_global(RR_STORE_KIND_RECORDING));
}

PyObject *streams_thread(PyObject *module, PyObject *ignored)
{
    (void)module, (void)ignored;
    return recording_object_new(stream_thread_local(RR_STORE_KIND_RECORDING));
}

static PyObject *set(PyObject *recording, PyObject *(*set_current)(struct stream *stream))
{
    struct stream *stream = NULL;

    if (recording != Py_None && !streams_read(recording, &stream))
        return NULL;
    return set_current(stream);
}

PyObject *streams_set_global(PyObject *module, PyObject *recording)
{
    (void)module;
    return set(recording, recording_set_global);
}

PyObject *streams_set_thread(PyObject *module, PyObject *recording)
{
    (void)module;
    return set(recording, recording_set_thread_local);
}

/* --- Asking and configuring them ------------------------------------------ */

PyObject *streams_describe(PyObject *module, PyObject *recording)
{
    struct recording_spec spec;
    struct stream *stream;

    (void)module;
    if (!streams_read(recording, &stream))
        return NULL;
    if (!stream)
        Py_RETURN_NONE;
    recording_describe(atomic_load(&stream->recording), &spec);
    return Py_BuildValue(
        "(s#s#OIOOOO)", spec.application_id.bytes, (Py_ssize_t)spec.application_id.size,
        spec.recording_id.bytes, (Py_ssize_t)spec.recording_id.size,
        stream->is_enabled ? Py_True : Py_False, stream->handle,
        recording_has_rows(stream) ? Py_True : Py_False, stream->has_log_time ? Py_True : Py_False,
        stream->has_log_tick ? Py_True : Py_False,
        spec.flags & RECORDING_SEND_PROPERTIES ? Py_True : Py_False);
}

static bool append_time(PyObject *list, const struct times_entry *entry)
{
    PyObject *time =
        Py_BuildValue("(s#iL)", entry->timeline->name, (Py_ssize_t)entry->timeline->size,
                      (int)entry->type, (long long)entry->value);
    bool is_good = time && PyList_Append(list, time) == 0;

    Py_XDECREF(time);
    return is_good;
}

PyObject *streams_times(PyObject *module, PyObject *recording)
{
    struct times times = {.n_times = 0};
    struct stream *stream;
    PyObject *list;

    (void)module;
    if (!streams_read(recording, &stream))
        return NULL;
    if (stream)
        times_collect_set(stream, &times);
    list = PyList_New(0);
    for (uint32_t i = 0; list && i < times.n_times; i++) {
        if (!append_time(list, &times.entries[i]))
            Py_CLEAR(list);
    }
    return list;
}

PyObject *streams_reset_time(PyObject *module, PyObject *recording)
{
    struct stream *stream;

    (void)module;
    if (!streams_read(recording, &stream))
        return NULL;
    if (stream)
        rr_recording_stream_reset_time(stream->handle);
    Py_RETURN_NONE;
}

static PyObject *set_switch(PyObject *args,
                            void (*set_enabled)(rr_recording_stream stream, bool enabled))
{
    struct stream *stream;
    PyObject *recording;
    int is_enabled;

    if (!PyArg_ParseTuple(args, "Op", &recording, &is_enabled) || !streams_read(recording, &stream))
        return NULL;
    if (stream)
        set_enabled(stream->handle, is_enabled);
    Py_RETURN_NONE;
}

PyObject *streams_set_log_tick(PyObject *module, PyObject *args)
{
    (void)module;
    return set_switch(args, rr_recording_stream_set_log_tick_enabled);
}

PyObject *streams_set_log_time(PyObject *module, PyObject *args)
{
    (void)module;
    return set_switch(args, rr_recording_stream_set_log_time_enabled);
}
