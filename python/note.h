/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Facts about this process for the reports: RECORD_NOTE. */
#pragma once

#include "python/python_api.h"

#include "sdk/record/record.h"

/* Appends a note, cut at RECORD_MAX_NOTE bytes; an empty one is left out. Thread-safe. */
void note_write(enum note_kind kind, const char *text);

/* note_not_covered(text), for reroute.py: needs the GIL, raises. */
PyObject *note_not_covered(PyObject *module, PyObject *text);
