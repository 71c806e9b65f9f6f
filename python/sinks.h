/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where rows go, for reroute.py, as functions of its module `core`. All need the GIL, and raise. */
#pragma once

#include "python/python_api.h"

/*
 * set_sinks(recording, sinks): sinks in the place of those before, whose files are finished. Each
 * is a tuple: whether it is a file, and its path or URL.
 */
PyObject *sinks_set(PyObject *module, PyObject *args);

/* flush(timeout_seconds): waits until what this process has logged is stored. */
PyObject *sinks_flush(PyObject *module, PyObject *args);

/* finish_sinks(recording), finish_all_sinks(): wait until the files of sinks hold all rows. */
PyObject *sinks_finish(PyObject *module, PyObject *recording);
PyObject *sinks_finish_all(PyObject *module, PyObject *ignored);
