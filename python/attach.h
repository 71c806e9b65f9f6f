/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the library shows to the shim, which loads it when a program has imported rerun_bindings. */
#pragma once

/*
 * Reroutes the recording functions of the module `bindings` (a PyObject, borrowed), if it is one
 * that reroute.py knows; else changes nothing. Writes a note about either to the spool. Once in a
 * process, with the GIL, and no exception set; leaves none.
 */
__attribute__((visibility("default"))) void lastword_python_attach(void *bindings);
