/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From Python's objects to the SDK's arguments and back. Everything here needs the GIL.
 */
#pragma once

#include "python/python_api.h"

#include "sdk/include/rerun.h"

#include <stdbool.h>

/*
 * PyArg_ParseTupleAndKeywords with constant names, the last of which is NULL. Returns false with a
 * TypeError.
 */
bool arguments_parse(PyObject *args, PyObject *kwargs, const char *format, const char *const *names,
                     ...);

/*
 * Whether `object` is a str; else sets the TypeError that the official SDK raises for the argument
 * of that name. ret_string points into the object.
 */
bool argument_string(PyObject *object, const char *name, rr_string *ret_string);

/*
 * As argument_string, for the argument entity_path: a NUL, which the SDK refuses, becomes what
 * Rerun writes in its place, \u{0000}. ret_string points into ret_owner, a new reference; NULL on
 * failure.
 */
bool argument_entity_path(PyObject *object, PyObject **ret_owner, rr_string *ret_string);

/*
 * A walk through a dict while code of the program runs, which may change it: items are held, and
 * one that grows or shrinks ends the walk with a RuntimeError. `n`: how many items there are.
 */
struct argument_items {
    PyObject *dict;
    Py_ssize_t n;
    Py_ssize_t n_walked;
    Py_ssize_t position;
};

/* Begins to walk through `dict`, which is one. */
struct argument_items argument_items(PyObject *dict);

/*
 * Gives the next item as two new references. Returns false at the end, with an exception if the
 * dict was changed.
 */
bool argument_next(struct argument_items *items, PyObject **ret_key, PyObject **ret_value);

/* Raises the RuntimeError of a call that failed; returns NULL. */
PyObject *argument_raise(const rr_error *error);

/* None, or NULL with a RuntimeError, as `error` says. */
PyObject *argument_result(const rr_error *error);

/* Raises the TypeError that `object`, the argument of that name, is no `wanted`, unless is_right.
 */
bool argument_type(PyObject *object, bool is_right, const char *name, const char *wanted);

/*
 * Registers the component of a ComponentDescriptor and an Arrow type, which is only read. Returns
 * false with an exception.
 */
bool argument_component(PyObject *descriptor, const struct ArrowSchema *schema,
                        rr_component_type_handle *ret_handle);

/*
 * With the exception of an array that is none: replaces it by that of its descriptor, if that is
 * none either, as the official SDK looks at it first.
 */
void argument_blame_descriptor(PyObject *descriptor);
