/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Times of the calling thread. Each is a function of a Python module: needs the GIL, raises. */
#pragma once

#include "python/python_api.h"

/* set_time_sequence(timeline, sequence, recording=None), and so on. */
PyObject *set_time_sequence(PyObject *module, PyObject *args, PyObject *kwargs);
PyObject *set_time_duration(PyObject *module, PyObject *args, PyObject *kwargs);
PyObject *set_time_timestamp(PyObject *module, PyObject *args, PyObject *kwargs);

/* disable_timeline(timeline, recording=None) */
PyObject *set_time_disable(PyObject *module, PyObject *args, PyObject *kwargs);
