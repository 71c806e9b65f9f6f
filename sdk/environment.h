/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The variables that the SDK reads; docs/sdk.md has the table. Thread-safe as long as the program
 * does not change its environment meanwhile. Nothing is ever written to the environment.
 */
#pragma once

#include <stdbool.h>

/* Returns the value of a variable, or NULL when it is not set or empty. */
const char *environment_text(const char *name);

/*
 * Returns what a switch such as RERUN says: true for 1, on, true, false for 0, off, false, in any
 * case of letters; `fallback` when it is not set or says anything else.
 */
bool environment_switch(const char *name, bool fallback);
