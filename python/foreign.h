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
