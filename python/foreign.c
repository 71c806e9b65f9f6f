/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The official functions, as reroute.py has kept them in the module: its dict `official`. */
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
