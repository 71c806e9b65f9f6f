/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Python's C API, as far as it is the same from CPython 3.10 on. (3.9 has all of it that is used
 * here, too.) Include it before any other header, as Python wants it.
 */
#pragma once

#define Py_LIMITED_API 0x030A0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
