/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blueprints, for reroute.py, as functions of its module `core`. Need the GIL, and raise. */
#pragma once

#include "python/python_api.h"

/*
 * send_blueprint(recording, bytes, make_active, make_default): puts a blueprint, which the bytes of
 * a recording hold, into the spool. Nothing where the recording is off or none. A ValueError above
 * RECORD_MAX_BLUEPRINT bytes; a RuntimeError where the spool has no room.
 */
PyObject *blueprint_send(PyObject *module, PyObject *args);
