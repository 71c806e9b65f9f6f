/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Filling in struct rr_error. Everything here is async-signal-safe, does not allocate, and accepts
 * a NULL error, for callers that do not want to know.
 */
#pragma once

#include "sdk/include/rerun.h"

/*
 * Sets code and description. The text names the function, the cause and the remedy.
 * format: printf's, but only %s, %.*s, %d, %u, %zu and %%: printf itself may allocate. A text that
 * is too long is cut between two characters. Always returns false, to be returned by who failed.
 */
__attribute__((format(printf, 3, 4), cold)) bool error_set(rr_error *error, rr_error_code code,
                                                           const char *format, ...);

/*
 * Sets RECORDING_STREAM_RUNTIME_FAILURE, or `code` where it is not 0, with what a function of
 * struct spool_api answered (a negative errno) and what can be done about it. Always returns false.
 */
__attribute__((cold)) bool error_set_spool(rr_error *error, rr_error_code code,
                                           const char *function, int spool_error);
