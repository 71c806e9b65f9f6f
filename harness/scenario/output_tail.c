/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A buffer of twice the size that is to be kept: when it is full its second half moves to the
 * front. A program that prints without end costs time, not memory.
 */
#include "harness/scenario/output_tail.h"

#include "harness/verify/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM     (2 * OUTPUT_TAIL_SIZE)
#define MAX_TURN ((size_t)1 << 20)
#define MAX_LINE 300 /* bytes of a line that are printed */

static void close_it(struct output_tail *tail)
{
    if (tail->fd >= 0) {
        close(tail->fd);
    }
    tail->fd = -1;
}

/* Returns what read(2) returned; 0 also where memory is short. */
static ssize_t read_some(struct output_tail *tail)
{
    if (tail->bytes == NULL) {
        tail->bytes = malloc(ROOM);
        if (tail->bytes == NULL) {
            return 0;
        }
    }
    if (tail->size == ROOM) {
        memcpy(tail->bytes, tail->bytes + OUTPUT_TAIL_SIZE, OUTPUT_TAIL_SIZE);
        tail->size = OUTPUT_TAIL_SIZE;
    }
    ssize_t size = read(tail->fd, tail->bytes + tail->size, ROOM - tail->size);
    if (size > 0) {
        tail->size += (size_t)size;
        tail->n_bytes += (uint64_t)size;
    }
    return size;
}

void output_tail_read(struct output_tail *tail)
{
    uint64_t end = tail->n_bytes + MAX_TURN;

    while (tail->fd >= 0 && tail->n_bytes < end) {
        ssize_t size = read_some(tail);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0 && errno == EAGAIN) {
            return;
        }
        if (size <= 0) {
            close_it(tail);
        }
    }
}

void output_tail_finish(struct output_tail *tail)
{
    /* A turn is more than a pipe holds. Another would be one too many where a writer is as fast. */
    output_tail_read(tail);
    close_it(tail);
}

/* Returns where the last max_lines lines begin. */
static const char *find_start(const char *bytes, const char *end, size_t max_lines)
{
    const char *at = end;
    size_t n = 0;

    while (at > bytes) {
        if (at[-1] == '\n' && at != end && ++n == max_lines) {
            break;
        }
        at--;
    }
    return at;
}

void output_tail_print(FILE *out, const struct output_tail *tail, const char *indent,
                       size_t max_lines)
{
    const struct terminal plain = {.out = out, .has_unicode = true, .width = 80};
    const char *end = tail->bytes + tail->size;
    const char *at = find_start(tail->bytes, end, max_lines);
    uint64_t n_left_out = tail->n_bytes - (uint64_t)(end - at);

    if (n_left_out > 0) {
        fprintf(out, "%s... %" PRIu64 " bytes before\n", indent, n_left_out);
    }
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const char *stop = feed != NULL ? feed : end;
        fputs(indent, out);
        terminal_print(&plain, (struct string_view){at, (size_t)(stop - at)}, MAX_LINE);
        fputc('\n', out);
        at = stop + (feed != NULL);
    }
}

void output_tail_done(struct output_tail *tail)
{
    close_it(tail);
    free(tail->bytes);
    *tail = (struct output_tail){.fd = -1};
}
