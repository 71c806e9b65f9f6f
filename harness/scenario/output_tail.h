/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a program wrote to a pipe: all of it is read and counted, the end of it is kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OUTPUT_TAIL_SIZE                                                                           \
    ((size_t)64 << 10) /* bytes that are kept at least, if there were so many */

/* In the caller's memory; begin with zeros and fd. */
struct output_tail {
    int fd;           /* nonblocking; -1: closed. Owned */
    uint64_t n_bytes; /* ever read */
    size_t size;      /* kept */
    char *bytes;      /* 2 * OUTPUT_TAIL_SIZE of room, once something came */
};

/*
 * Reads what is there, up to 1 MiB, so that others get their turn. Closes the descriptor at the end
 * of the stream, or when memory is short.
 */
void output_tail_read(struct output_tail *tail);

/* Reads what is there, up to 1 MiB, then closes: writers may live on, and get SIGPIPE. */
void output_tail_finish(struct output_tail *tail);

/*
 * Writes the last lines, `max_lines` at most, each behind `indent`, with control characters
 * escaped, and before them how much was left out.
 */
void output_tail_print(FILE *out, const struct output_tail *tail, const char *indent,
                       size_t max_lines);

/* Closes and frees. */
void output_tail_done(struct output_tail *tail);
