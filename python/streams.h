/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What reroute.py needs of streams, as functions of its module `core`. An argument `recording` is a
 * stand-in or None there. All need the GIL, and raise.
 */
#pragma once

#include "python/python_api.h"

#include "sdk/stream.h"

/*
 * As recording_argument_read, but a wrong object is a TypeError.
 */
bool streams_read(PyObject *recording, struct stream **ret_stream);

/*
 * new_stream(application_id, recording_id, default_enabled, send_properties): a new stream.
 * recording_id None: that of the run.
 */
PyObject *streams_new(PyObject *module, PyObject *args);

/* find(recording): the recording itself, the current one for None; None where there is none. */
PyObject *streams_find(PyObject *module, PyObject *recording);

/* global_stream(), thread_stream(), set_global(recording), set_thread(recording) */
PyObject *streams_global(PyObject *module, PyObject *ignored);
PyObject *streams_thread(PyObject *module, PyObject *ignored);
PyObject *streams_set_global(PyObject *module, PyObject *recording);
PyObject *streams_set_thread(PyObject *module, PyObject *recording);

/* describe(recording): (application id, recording id, is enabled, number, has rows, shows
 * log_time, shows log_tick, sends properties); or None */
PyObject *streams_describe(PyObject *module, PyObject *recording);

/* times(recording): those that the thread has set there, as a list of (timeline, type, value) */
PyObject *streams_times(PyObject *module, PyObject *recording);

/* reset_time(recording), set_log_tick(recording, enabled), set_log_time(recording, enabled) */
PyObject *streams_reset_time(PyObject *module, PyObject *recording);
PyObject *streams_set_log_tick(PyObject *module, PyObject *args);
PyObject *streams_set_log_time(PyObject *module, PyObject *args);
