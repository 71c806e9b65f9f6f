/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The official functions, as reroute.py has kept them in the module: its dict `official`. What they
 * have against arguments tells its function `complain`.
 */
#include "python/foreign.h"

PyObject *foreign_call(PyObject *module, const char *name, PyObject *args, PyObject *kwargs)
{
    PyObject *official = PyObject_GetAttrString(module, "official");
    PyObject *function = official ? PyMapping_GetItemString(official, name) : NULL;
    PyObject *result = function ? PyObject_Call(function, args, kwargs) : NULL;

    Py_XDECREF(function);
    Py_XDECREF(official);
    return result;
}

/* Calls complain(name, args, kwargs), which returns if the official function has no complaint. */
static PyObject *complain(PyObject *module, const char *name, PyObject *args, PyObject *kwargs)
{
    PyObject *empty = kwargs ? NULL : PyDict_New();
    PyObject *result = NULL;

    if (kwargs || empty)
        result =
            PyObject_CallMethod(module, "complain", "sOO", name, args, kwargs ? kwargs : empty);
    Py_XDECREF(empty);
    return result;
}

PyObject *foreign_refuse(PyObject *module, const char *name, PyObject *args, PyObject *kwargs)
{
    PyObject *type, *value, *traceback, *result;

    PyErr_Fetch(&type, &value, &traceback);
    result = complain(module, name, args, kwargs);
    if (!result) {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        return NULL;
    }
    Py_DECREF(result);
    PyErr_Restore(type, value, traceback);
    return NULL;
}
