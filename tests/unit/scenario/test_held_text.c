/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is held comes out whole, and what could not be kept is not passed over. */
#include "harness/scenario/report/held_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define SIZE 100000

Test(held_text, comes_out_whole)
{
    struct held_text held = {NULL};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    cr_assert_eq(held_text_copy(&held, out), 0);
    for (size_t i = 0; i < SIZE; i++) {
        fputc('a' + (int)(i % 26), held_text_open(&held));
    }
    cr_assert_eq(held_text_copy(&held, out), 0);
    held_text_done(&held);
    held_text_done(&held);
    fclose(out);
    cr_assert_eq(size, SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        cr_assert_eq(text[i], 'a' + (int)(i % 26));
    }
    free(text);
}

Test(held_text, a_full_disk_is_told)
{
    struct held_text held = {NULL};
    const struct rlimit limit = {1000, 1000};

    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    /* No buffer: the stream remembers the error, the last flush does not see it. */
    setvbuf(held_text_open(&held), NULL, _IONBF, 0);
    for (size_t i = 0; i < 2000; i++) {
        fputc('a', held_text_open(&held));
    }
    cr_assert_lt(held_text_copy(&held, stderr), 0);
    held_text_done(&held);
}
