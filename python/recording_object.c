/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The stand-in for PyRecordingStream: a reference to a stream. State: the type, made with the GIL.
 */
#include "python/recording_object.h"

#include "sdk/sinks.h"

#include <stdlib.h>

struct recording_object {
    PyObject_HEAD struct stream *stream;
};

static PyObject *type;

/* By the place of a stream: the last one there that rows were logged to. */
static rr_recording_stream with_rows[STREAM_MAX];

void recording_refer(struct stream *stream)
{
    stream_refer(stream);
}

/*
 * The handle refers to the stream, too: nobody but it is left then, so nobody finds the stream
 * while others run.
 */
void recording_unrefer(struct stream *stream)
{
    if (!stream || stream_unrefer(stream) > 1)
        return;
    Py_BEGIN_ALLOW_THREADS
    sink_finish(stream, SINK_FINISH_DEFAULT); /* as the official one does, and bounded */
    Py_END_ALLOW_THREADS
    stream_free(stream);
}

/* --- The type ------------------------------------------------------------- */

static PyObject *refuse_new(PyTypeObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)args, (void)kwargs;
    PyErr_SetString(PyExc_TypeError,
                    "cannot create 'rerun_bindings.rerun_bindings.PyRecordingStream' instances");
    return NULL;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *own_type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(own_type, Py_tp_free);

    recording_unrefer(((struct recording_object *)self)->stream);
    release(self);
    Py_DECREF(own_type);
}

static PyObject *repr(PyObject *self)
{
    const struct stream *stream = ((struct recording_object *)self)->stream;

    return PyUnicode_FromFormat("RecordingStream(%s, by lastword)", stream->recording_id);
}

/* Our streams are whole in every child. */
static PyObject *is_forked_child(PyObject *self, PyObject *ignored)
{
    (void)self, (void)ignored;
    Py_RETURN_FALSE;
}

static PyObject *ref_count(PyObject *self, PyObject *ignored)
{
    (void)ignored;
    return PyLong_FromUnsignedLong(
        atomic_load(&((struct recording_object *)self)->stream->n_references) - 1);
}

static PyMethodDef methods[] = {
    {"is_forked_child", is_forked_child, METH_NOARGS, NULL},
    {"ref_count", ref_count, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, refuse_new},
    {Py_tp_dealloc, dealloc},
    {Py_tp_repr, repr},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyObject *recording_object_type(void)
{
    PyType_Spec spec = {
        .name = "rerun_bindings.rerun_bindings.PyRecordingStream",
        .basicsize = sizeof(struct recording_object),
        .flags = Py_TPFLAGS_DEFAULT,
        .slots = slots,
    };

    if (!type)
        type = PyType_FromSpec(&spec);
    return type;
}

PyObject *recording_object_new(struct stream *stream)
{
    allocfunc allocate;
    PyObject *object;

    if (!stream)
        Py_RETURN_NONE;
    allocate = (allocfunc)PyType_GetSlot((PyTypeObject *)type, Py_tp_alloc);
    object = allocate((PyTypeObject *)type, 0);
    if (!object)
        return NULL;
    ((struct recording_object *)object)->stream = stream;
    recording_refer(stream);
    return object;
}

/* --- Arguments, and current recordings ------------------------------------ */

bool recording_argument_read(PyObject *recording, struct stream **ret_stream)
{
    *ret_stream = NULL;
    if (!recording || recording == Py_None)
        *ret_stream = stream_present(RR_STORE_KIND_RECORDING);
    else if ((PyObject *)Py_TYPE(recording) == type)
        *ret_stream = ((struct recording_object *)recording)->stream;
    else
        return false;
    return true;
}

/*
 * The recording of the program that started this one. The shim sets the application id for programs
 * that one with a current recording starts, and for no others: where nobody initialised, the
 * official SDK logs nothing, and so do we.
 */
static struct stream *inherit(void)
{
    rr_error error = {0};
    const struct argument_call call = {"rerun.log", &error};
    struct stream *stream = NULL;

    if (getenv("LASTWORD_APPLICATION_ID"))
        (void)!stream_find(&call, RR_REC_STREAM_CURRENT_RECORDING, &stream);
    return stream; /* it is the current one of the process now */
}

bool recording_argument_use(PyObject *recording, struct stream **ret_stream)
{
    if (!recording_argument_read(recording, ret_stream))
        return false;
    if (!*ret_stream)
        *ret_stream = inherit();
    return true;
}

/* Makes `stream` current where `set` says, in the place of `old`; returns an object of that. */
static PyObject *replace(struct stream *old, struct stream *stream,
                         void (*set)(struct stream *stream, rr_store_kind kind))
{
    PyObject *previous = recording_object_new(old);

    if (!previous)
        return NULL;
    set(stream, RR_STORE_KIND_RECORDING);
    return previous;
}

PyObject *recording_set_global(struct stream *stream)
{
    return replace(stream_global(RR_STORE_KIND_RECORDING), stream, stream_set_global);
}

PyObject *recording_set_thread_local(struct stream *stream)
{
    return replace(stream_thread_local(RR_STORE_KIND_RECORDING), stream, stream_set_thread_local);
}

void recording_set_has_rows(const struct stream *stream)
{
    with_rows[(stream->handle - 1) % STREAM_MAX] = stream->handle;
}

bool recording_has_rows(const struct stream *stream)
{
    return with_rows[(stream->handle - 1) % STREAM_MAX] == stream->handle;
}
