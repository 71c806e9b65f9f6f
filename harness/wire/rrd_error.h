/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Why a recording could not be read or written, in one line for its user.
 */
#pragma once

#define RRD_ERROR_SIZE 512

struct rrd_error {
    char text[RRD_ERROR_SIZE]; /* names file, offset in bytes and remedy; no newline; terminated */
};

/* Fills `error`, cutting what does not fit; NULL is allowed. Bytes that are not printable become
 * '?'. */
__attribute__((format(printf, 2, 3))) void rrd_error_set(struct rrd_error *error,
                                                         const char *format, ...);
