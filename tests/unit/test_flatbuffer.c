/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Steps through a flatbuffer written by hand, and through what is none. */
#include "harness/wire/flatbuffer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A table with a number in slot 0, nothing in slot 1, and in slot 2 a vector of two tables
 * (itself). */
static const uint8_t bytes[] = {
    16, 0, 0,  0,             /*  0: root: the table at 16 */
    10, 0, 12, 0,             /*  4: vtable: 10 bytes, the table 12 */
    4,  0, 0,  0, 8, 0, 0, 0, /*  8: slot 0 at 4, slot 1 none, slot 2 at 8 */
    12, 0, 0,  0,             /* 16: table: its vtable is 12 before it */
    42, 0, 0,  0,             /* 20: slot 0 */
    4,  0, 0,  0,             /* 24: slot 2: the vector at 28 */
    2,  0, 0,  0,             /* 28: two elements */
    12, 0, 0,  0, 8, 0, 0, 0, /* 32: the tables at 44 and 44 */
    0,  0, 0,  0,             /* 40 */
    40, 0, 0,  0,             /* 44: a table whose vtable is the one at 4 */
};
static const struct flatbuffer buffer = {bytes, sizeof(bytes)};

Test(flatbuffer, finds_what_is_there)
{
    size_t root = flatbuffer_root(&buffer);
    size_t number = flatbuffer_field(&buffer, root, 0);
    uint32_t n;
    size_t vector = flatbuffer_follow(&buffer, flatbuffer_field(&buffer, root, 2));
    size_t elements = flatbuffer_elements(&buffer, vector, 4, &n);

    cr_assert_eq(root, 16);
    cr_assert_eq(number, 20);
    cr_assert_eq(vector, 28);
    cr_assert_eq(n, 2);
    cr_assert_eq(elements, 32);
    cr_assert_eq(flatbuffer_table_at(&buffer, elements, 0), 44);
    cr_assert_eq(flatbuffer_table_at(&buffer, elements, 1), 44);
}

Test(flatbuffer, finds_nothing_where_nothing_is)
{
    size_t root = flatbuffer_root(&buffer);
    uint32_t n = 7;

    cr_assert_eq(flatbuffer_field(&buffer, root, 1), FLATBUFFER_NOWHERE);
    cr_assert_eq(flatbuffer_field(&buffer, root, 3), FLATBUFFER_NOWHERE);
    cr_assert_eq(flatbuffer_field(&buffer, FLATBUFFER_NOWHERE, 0), FLATBUFFER_NOWHERE);
    cr_assert_eq(flatbuffer_follow(&buffer, FLATBUFFER_NOWHERE), FLATBUFFER_NOWHERE);
    cr_assert_eq(flatbuffer_table_at(&buffer, FLATBUFFER_NOWHERE, 0), FLATBUFFER_NOWHERE);
    cr_assert_eq(flatbuffer_elements(&buffer, FLATBUFFER_NOWHERE, 4, &n), FLATBUFFER_NOWHERE);
    cr_assert_eq(n, 0);
    cr_assert_eq(flatbuffer_elements(&buffer, 28, 1000, &n), FLATBUFFER_NOWHERE);
    cr_assert_eq(n, 0);
}

/* Wherever random bytes lead, every step is inside or nowhere. Run under ASan. */
Test(flatbuffer, never_leaves_the_buffer)
{
    unsigned int seed = 5;

    for (int round = 0; round < 100000; round++) {
        size_t size = (size_t)rand_r(&seed) % 64;
        uint8_t *random = malloc(size > 0 ? size : 1);
        struct flatbuffer noise = {random, size};
        size_t at;
        uint32_t n;

        for (size_t i = 0; i < size; i++)
            random[i] = (uint8_t)(rand_r(&seed) % (round % 2 ? 256 : 32));
        at = flatbuffer_field(&noise, flatbuffer_root(&noise), (unsigned int)round % 4);
        at = flatbuffer_elements(&noise, flatbuffer_follow(&noise, at), 4, &n);
        for (uint32_t i = 0; i < n; i++)
            (void)flatbuffer_table_at(&noise, at, i);
        cr_assert(n == 0 || flatbuffer_is_inside(&noise, at, n * sizeof(uint32_t)));
        free(random);
    }
}
