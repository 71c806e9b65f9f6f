/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Columns from Python. A function of a Python module: needs the GIL, raises. */
#pragma once

#include "python/python_api.h"

/* send_arrow_chunk(entity_path, timelines, components, recording=None) */
PyObject *columns_send(PyObject *module, PyObject *args, PyObject *kwargs);
