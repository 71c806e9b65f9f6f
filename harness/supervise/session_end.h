/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Takes a session directory away when nothing in it is needed any more.
 */
#pragma once

/*
 * Removes the session directory (absolute path) when it holds nothing but our link to the shim.
 * Where spools or the courier's files are left, everything stays as it is.
 */
void session_remove_if_done(const char *session);

/*
 * Removes the session directory with all files in it: for a session in which no program ran.
 * What cannot be removed stays.
 */
void session_discard(const char *session);
