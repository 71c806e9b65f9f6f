/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program file as the harness looks at it: with the shim's own eyes (preload/target.h), from
 * outside.
 */
#pragma once

#include "preload/target.h"

/*
 * Looks at the program at `path` as the shim of a process like this one would before an exec; file
 * capabilities are looked at too. `wants_needed`: as for target_look. Thread-safe.
 */
struct target program_file_look(const char *path, bool wants_needed);
