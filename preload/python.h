/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Entering CPython: where a program is one, liblastword-python.so is loaded when rerun_bindings has
 * been imported.
 */
#pragma once

/*
 * Waits for an interpreter to come up, if one is in this process. Only in the constructor, once:
 * calls dlsym. `shim_path`: path of our own library, beside which the other one lies.
 */
void python_watch(const char *shim_path);
