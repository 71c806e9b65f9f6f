/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sinks and flushing. Waiting is done without the GIL, and never longer than
 * LASTWORD_FLUSH_TIMEOUT: rows are safe in the spool long before. No state.
 */
#include "python/sinks.h"

#include "python/arguments.h"
#include "python/streams.h"
#include "sdk/spool/setting.h"
#include "sdk/spool/spool.h"

#include <stdlib.h>

#define DEFAULT_FLUSH_TIMEOUT_MS 2000u

static uint32_t bounded_ms(double seconds)
{
    uint32_t most =
        setting_duration_ms(getenv("LASTWORD_FLUSH_TIMEOUT"), DEFAULT_FLUSH_TIMEOUT_MS);

    return seconds * 1000 < most ? (uint32_t)(seconds * 1000) : most;
}

PyObject *sinks_flush(PyObject *module, PyObject *args)
{
    uint32_t timeout_ms;
    double seconds;

    (void)module;
    if (!PyArg_ParseTuple(args, "d", &seconds))
        return NULL;
    timeout_ms = bounded_ms(seconds);
    if (timeout_ms == 0)
        Py_RETURN_NONE;
    Py_BEGIN_ALLOW_THREADS
    (void)!lastword_spool_v1.wait_stored(timeout_ms);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* TODO */
PyObject *sinks_set(PyObject *module, PyObject *args)
{
    struct stream *stream;
    PyObject *recording, *sinks;

    (void)module;
    if (!PyArg_ParseTuple(args, "OO", &recording, &sinks) || !streams_read(recording, &stream))
        return NULL;
    Py_RETURN_NONE;
}

PyObject *sinks_finish(PyObject *module, PyObject *recording)
{
    struct stream *stream;

    (void)module;
    if (!streams_read(recording, &stream))
        return NULL;
    Py_RETURN_NONE;
}

PyObject *sinks_finish_all(PyObject *module, PyObject *ignored)
{
    (void)module, (void)ignored;
    Py_RETURN_NONE;
}
