/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* All is read and counted, the end is kept. */
#include "harness/scenario/output_tail.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int writer;

static struct output_tail open_tail(void)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    writer = ends[1];
    return (struct output_tail){.fd = ends[0]};
}

static char *print(const struct output_tail *tail, size_t max_lines)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    output_tail_print(out, tail, "> ", max_lines);
    fclose(out);
    return text;
}

static void assert_prints(const char *written, size_t max_lines, const char *expected)
{
    struct output_tail tail = open_tail();
    cr_assert_eq(write(writer, written, strlen(written)), (ssize_t)strlen(written));
    output_tail_finish(&tail);
    cr_assert_eq(tail.fd, -1);
    char *text = print(&tail, max_lines);
    cr_assert_str_eq(text, expected);
    free(text);
    output_tail_done(&tail);
    close(writer);
}

Test(output_tail, the_last_lines_are_printed)
{
    assert_prints("one\ntwo\n", 5, "> one\n> two\n");
    assert_prints("one\ntwo", 5, "> one\n> two\n");
    assert_prints("one\ntwo\nthree\n", 2, "> ... 4 bytes before\n> two\n> three\n");
    assert_prints("a\n\n\nb\n", 3, "> ... 2 bytes before\n> \n> \n> b\n");
    assert_prints("\x1b[2Jx\n", 1, "> \\x1b[2Jx\n");
}

/* The writer lives on: nothing waits for it, and it sees that nobody reads. */
Test(output_tail, finish_does_not_wait_for_writers)
{
    struct output_tail tail = open_tail();
    signal(SIGPIPE, SIG_IGN);
    output_tail_finish(&tail);
    cr_assert_eq(write(writer, "x", 1), -1);
    output_tail_done(&tail);
}

/* A writer that is always as fast as the reader. */
Test(output_tail, finish_ends_without_an_end_of_the_stream, .timeout = 30)
{
    struct output_tail tail = {.fd = open("/dev/zero", O_RDONLY | O_CLOEXEC)};
    output_tail_finish(&tail);
    cr_assert_eq(tail.fd, -1);
    cr_assert_leq(tail.n_bytes, 2 << 20);
    output_tail_done(&tail);
}

Test(output_tail, a_flood_is_counted_and_its_end_is_kept)
{
    static char block[65536];
    struct output_tail tail = open_tail();
    for (int i = 0; i < 64; i++) {
        memset(block, 'a' + i % 26, sizeof block);
        cr_assert_eq(write(writer, block, sizeof block), (ssize_t)sizeof block);
        output_tail_read(&tail);
    }
    cr_assert_eq(tail.n_bytes, 64 * sizeof block);
    cr_assert_geq(tail.size, OUTPUT_TAIL_SIZE);
    cr_assert_leq(tail.size, 2 * OUTPUT_TAIL_SIZE);
    cr_assert_eq(tail.bytes[tail.size - 1], 'a' + 63 % 26);
    output_tail_done(&tail);
}
