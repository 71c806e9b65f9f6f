/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Touching memory of a file that somebody else may cut short, without dying of it.
 */
#pragma once

#include <stdbool.h>

/*
 * Calls `body` and returns true; or returns false when it touched a page of a file mapping that the
 * file does not have any more, or that a full file system cannot supply. `body` is left in the
 * middle then: it may only copy to and from memory that stays valid, never allocate, lock or call
 * anything that does. Not to be nested. Installs its SIGBUS handler at the first call; a SIGBUS
 * outside of `body` ends the process as before. For one thread.
 */
__attribute__((warn_unused_result)) bool bus_guard_run(void (*body)(void *context), void *context);
