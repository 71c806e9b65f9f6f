/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sinks and flushing. Waiting is done without the GIL, and never longer than
 * LASTWORD_FLUSH_TIMEOUT: rows are safe in the spool long before. No state.
 */
#include "python/sinks.h"

#include "python/arguments.h"
#include "python/streams.h"
#include "sdk/sinks.h"
#include "sdk/spool/setting.h"
#include "sdk/spool/spool.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint32_t bounded_ms(double seconds)
{
    uint32_t most = setting_duration_ms(getenv("LASTWORD_FLUSH_TIMEOUT"), SETTING_FLUSH_TIMEOUT_MS);

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
    lastword_spool_v1.wait_stored(timeout_ms); /* rows are safe, stored or not */
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* --- Setting them --------------------------------------------------------- */

/* The sinks of one call, checked. */
struct sink_list {
    size_t n;
    struct text texts[RECORD_MAX_SINKS];
    char storage[RECORD_MAX_SINKS][RECORDING_MAX_PATH + 1];
};
_Static_assert(VIEWER_URL_MAX_SIZE <= RECORDING_MAX_PATH + 1, "a URL has room where a path has");

/* Reads one sink: (whether it is a file, its path or URL). */
static bool add(struct sink_list *list, PyObject *sink)
{
    rr_error error = {0};
    const struct argument_call call = {"lastword", &error};
    int is_file;
    const char *address;
    struct text text;

    if (!PyArg_ParseTuple(sink, "ps", &is_file, &address))
        return false;
    text = (struct text){address, strlen(address)};
    if (is_file ? sink_check_file(&call, text, list->storage[list->n], &list->texts[list->n])
                : sink_check_viewer(&call, text, list->storage[list->n], &list->texts[list->n])) {
        list->n++;
        return true;
    }
    argument_raise(&error);
    return false;
}

static bool add_all(struct sink_list *list, PyObject *sinks)
{
    Py_ssize_t n = PyList_Size(sinks);

    if (n > RECORD_MAX_SINKS)
        PyErr_Format(PyExc_ValueError, "a recording has at most %d sinks", RECORD_MAX_SINKS);
    list->n = 0;
    for (Py_ssize_t i = 0; i < n && !PyErr_Occurred(); i++) {
        if (!add(list, PyList_GetItem(sinks, i)))
            return false;
    }
    return !PyErr_Occurred();
}

static PyObject *lead(struct stream *stream, PyObject *sinks)
{
    struct sink_list list;
    int result;

    if (!add_all(&list, sinks))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = stream_set_sinks(stream, list.texts, list.n);
    Py_END_ALLOW_THREADS
    if (result < 0)
        return PyErr_Format(PyExc_RuntimeError, "the sinks cannot be set: %s", strerror(-result));
    Py_RETURN_NONE;
}

PyObject *sinks_set(PyObject *module, PyObject *args)
{
    struct stream *stream;
    PyObject *recording, *sinks;

    (void)module;
    if (!PyArg_ParseTuple(args, "OO", &recording, &sinks) || !streams_read(recording, &stream))
        return NULL;
    if (!stream)
        Py_RETURN_NONE;
    return lead(stream, sinks);
}

/* --- Finishing them ------------------------------------------------------- */

PyObject *sinks_finish(PyObject *module, PyObject *recording)
{
    struct stream *stream;

    (void)module;
    if (!streams_read(recording, &stream))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    if (stream)
        sink_finish(stream, SINK_FINISH_DEFAULT);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static uint64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

PyObject *sinks_finish_all(PyObject *module, PyObject *ignored)
{
    uint64_t most = bounded_ms(UINT32_MAX);
    uint64_t end = monotonic_ms() + most;
    struct stream *stream;

    (void)module, (void)ignored;
    Py_BEGIN_ALLOW_THREADS
    for (uint32_t i = 0; i < STREAM_MAX && (stream = stream_in_place(i)); i++) {
        uint64_t now = monotonic_ms();

        sink_finish(stream, now < end ? (uint32_t)(end - now) : 0);
    }
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}
