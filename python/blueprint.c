/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blueprints: the official core makes them, in memory; from there they go into the spool, as rows
 * do. Writing is done without the GIL: it may wait for room. No state.
 */
#include "python/blueprint.h"

#include "python/arguments.h"
#include "python/streams.h"
#include "sdk/error.h"
#include "sdk/spool/spool.h"

#include <time.h>

static uint64_t realtime_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int write_record(const struct record_blueprint *head, const char *bytes)
{
    struct spool_cursor cursor;
    int result = lastword_spool_v1.begin(&cursor, RECORD_BLUEPRINT, realtime_ns(),
                                         sizeof(*head) + ((head->size + 7) & ~UINT64_C(7)));

    if (result < 0)
        return result;
    spool_put(&cursor, head, sizeof(*head));
    spool_put(&cursor, bytes, head->size);
    spool_put_padding(&cursor, head->size);
    return lastword_spool_v1.end(&cursor);
}

static PyObject *send(const struct stream *stream, const char *bytes, uint64_t size, uint32_t flags)
{
    const struct record_blueprint head = {
        .recording_id = atomic_load(&stream->recording)->id,
        .flags = flags,
        .size = size,
    };
    rr_error error = {0};
    int result;

    Py_BEGIN_ALLOW_THREADS
    result = write_record(&head, bytes);
    Py_END_ALLOW_THREADS
    if (result < 0)
        error_set_spool(&error, 0, "send_blueprint", result);
    return argument_result(&error);
}

PyObject *blueprint_send(PyObject *module, PyObject *args)
{
    int make_active, make_default;
    PyObject *recording;
    struct stream *stream;
    const char *bytes;
    Py_ssize_t size;

    (void)module;
    if (!PyArg_ParseTuple(args, "Oy#pp", &recording, &bytes, &size, &make_active, &make_default) ||
        !streams_read(recording, &stream))
        return NULL;
    if ((uint64_t)size > RECORD_MAX_BLUEPRINT)
        return PyErr_Format(PyExc_ValueError,
                            "the blueprint has %zd bytes, but 64 MiB are the most", size);
    if (!stream || !stream->is_enabled || size == 0)
        Py_RETURN_NONE;
    return send(stream, bytes, (uint64_t)size,
                (make_active ? BLUEPRINT_MAKE_ACTIVE : 0) |
                    (make_default ? BLUEPRINT_MAKE_DEFAULT : 0));
}
