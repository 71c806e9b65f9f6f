/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The official SDK's own functions: for its own streams, which blueprints still are, and for errors
 * that it words best.
 */
#pragma once

#include "python/python_api.h"

/*
 * Calls the official function of that name. Needs the GIL; returns a new reference, or NULL with an
 * exception.
 */
PyObject *foreign_call(PyObject *module, const char *name, PyObject *args, PyObject *kwargs);

/*
 * Puts the exception that the official function of that name has for wrong arguments in the place
 * of the one that is set, which stays where it has none. Needs the GIL; returns NULL.
 */
PyObject *foreign_refuse(PyObject *module, const char *name, PyObject *args, PyObject *kwargs);
