/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The files in a session directory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Calls `visit` with the name of each spool of the session, in the order of their names, until it
 * returns non-zero, and returns that; 0 at the end; or the negative errno of opendir(3), -ENOMEM.
 * `visit` may remove files.
 */
__attribute__((warn_unused_result)) int
session_visit_spools(int session, int (*visit)(void *context, const char *name), void *context);

/* Tells whether there is a spool. */
bool session_has_spools(int session);

/* Removes side files, and spools that were never finished: nobody can use them any more. */
void session_remove_rest(int session);
