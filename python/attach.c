/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The one function that the shim calls: makes the module `core`, runs reroute.py with it, and notes
 * in the spool how that went. Runs once, in the main interpreter, with the GIL.
 */
#include "python/attach.h"

#include "python/blueprint.h"
#include "python/columns.h"
#include "python/log.h"
#include "python/note.h"
#include "python/recording_object.h"
#include "python/set_time.h"
#include "python/sinks.h"
#include "python/streams.h"

#include <stdio.h>

/* reroute.py, NUL-terminated. */
extern const char reroute_source[];
__asm__(".pushsection .rodata\n"
        "reroute_source:\n"
        ".incbin \"" REROUTE_PY "\"\n"
        ".byte 0\n"
        ".popsection\n");

/* What inspect.signature reads of a built-in function: its docstring's first line. */
#define SIGNATURE(name, parameters) name parameters "\n--\n\nRerouted by lastword."
#define KEYWORDS                    (METH_VARARGS | METH_KEYWORDS)
#define CALL(function)              ((PyCFunction)(void (*)(void))(function))

static PyMethodDef functions[] = {
    {"log_arrow_msg", CALL(log_arrow_msg), KEYWORDS,
     SIGNATURE("log_arrow_msg", "(entity_path, components, static_, recording=None)")},
    {"send_arrow_chunk", CALL(columns_send), KEYWORDS,
     SIGNATURE("send_arrow_chunk", "(entity_path, timelines, components, recording=None)")},
    {"set_time_sequence", CALL(set_time_sequence), KEYWORDS,
     SIGNATURE("set_time_sequence", "(timeline, sequence, recording=None)")},
    {"set_time_duration_nanos", CALL(set_time_duration), KEYWORDS,
     SIGNATURE("set_time_duration_nanos", "(timeline, nanos, recording=None)")},
    {"set_time_timestamp_nanos_since_epoch", CALL(set_time_timestamp), KEYWORDS,
     SIGNATURE("set_time_timestamp_nanos_since_epoch", "(timeline, nanos, recording=None)")},
    {"disable_timeline", CALL(set_time_disable), KEYWORDS,
     SIGNATURE("disable_timeline", "(timeline, recording=None)")},
    {"new_stream", streams_new, METH_VARARGS, NULL},
    {"find", streams_find, METH_O, NULL},
    {"global_stream", streams_global, METH_NOARGS, NULL},
    {"thread_stream", streams_thread, METH_NOARGS, NULL},
    {"set_global", streams_set_global, METH_O, NULL},
    {"set_thread", streams_set_thread, METH_O, NULL},
    {"describe", streams_describe, METH_O, NULL},
    {"times", streams_times, METH_O, NULL},
    {"reset_time", streams_reset_time, METH_O, NULL},
    {"set_log_tick", streams_set_log_tick, METH_VARARGS, NULL},
    {"set_log_time", streams_set_log_time, METH_VARARGS, NULL},
    {"set_sinks", sinks_set, METH_VARARGS, NULL},
    {"finish_sinks", sinks_finish, METH_O, NULL},
    {"finish_all_sinks", sinks_finish_all, METH_NOARGS, NULL},
    {"flush", sinks_flush, METH_VARARGS, NULL},
    {"send_blueprint", blueprint_send, METH_VARARGS, NULL},
    {"note_not_covered", note_not_covered, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "lastword_core", NULL, -1, functions, NULL, NULL, NULL, NULL,
};

/* --- Notes ---------------------------------------------------------------- */

static int raise_kept(void *exception)
{
    PyObject *kept = exception;

    PyErr_SetObject((PyObject *)Py_TYPE(kept), kept);
    Py_DECREF(kept);
    return -1;
}

/*
 * What a signal handler of the program raised to end it, such as KeyboardInterrupt, is the
 * program's: it is raised again once Python goes on.
 */
static void pass_on(PyObject *exception)
{
    if (!exception || PyErr_GivenExceptionMatches(exception, PyExc_Exception))
        return;
    Py_INCREF(exception);
    if (Py_AddPendingCall(raise_kept, exception) < 0)
        Py_DECREF(exception);
}

/* The exception as a note, which takes it. */
static void note_exception(void)
{
    PyObject *type, *value, *traceback, *text;
    char line[256];

    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    pass_on(value);
    text = value ? PyObject_Str(value) : NULL;
    snprintf(line, sizeof(line), "rerun-sdk: %s",
             text && PyUnicode_AsUTF8AndSize(text, NULL) ? PyUnicode_AsUTF8AndSize(text, NULL)
                                                         : "memory is short");
    note_write(NOTE_NOT_COVERED, line);
    Py_XDECREF(text);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyErr_Clear();
}

/* --- Attaching ------------------------------------------------------------ */

static PyObject *make_core(void)
{
    PyObject *core = PyModule_Create(&definition);
    PyObject *type = core ? recording_object_type() : NULL;

    if (type && PyObject_SetAttrString(core, "Recording", type) == 0)
        return core;
    Py_XDECREF(core);
    return NULL;
}

/* Runs reroute.py as a module of its own, which nobody else sees; its namespace. */
static PyObject *run_source(PyObject *core)
{
    PyObject *code = Py_CompileString(reroute_source, "<lastword>/reroute.py", Py_file_input);
    PyObject *names = code ? PyDict_New() : NULL;
    PyObject *name = names ? PyUnicode_FromString("lastword_reroute") : NULL;
    PyObject *result = NULL;

    if (name && PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()) == 0 &&
        PyDict_SetItemString(names, "__name__", name) == 0 &&
        PyDict_SetItemString(names, "core", core) == 0)
        result = PyEval_EvalCode(code, names, names);
    Py_XDECREF(name);
    Py_XDECREF(code);
    if (!result)
        Py_CLEAR(names);
    Py_XDECREF(result);
    return names;
}

/* What reroute.py's attach() answers: the provider's name. */
static PyObject *attach(PyObject *bindings)
{
    PyObject *core = make_core();
    PyObject *names = core ? run_source(core) : NULL;
    PyObject *function = names ? PyDict_GetItemString(names, "attach") : NULL;
    PyObject *provider =
        function ? PyObject_CallFunctionObjArgs(function, bindings, (PyObject *)NULL) : NULL;

    Py_XDECREF(names);
    Py_XDECREF(core);
    return provider;
}

void lastword_python_attach(void *bindings)
{
    PyObject *provider = attach(bindings);
    const char *text = provider ? PyUnicode_AsUTF8AndSize(provider, NULL) : NULL;

    if (text)
        note_write(NOTE_PROVIDER, text);
    else
        note_exception();
    Py_XDECREF(provider);
}
