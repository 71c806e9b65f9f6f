/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rows from Python. Each is a function of a Python module: needs the GIL, raises. */
#pragma once

#include "python/python_api.h"

/* log_arrow_msg(entity_path, components, static_, recording=None) */
PyObject *log_arrow_msg(PyObject *module, PyObject *args, PyObject *kwargs);
