/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Growing, the limit, and that an error leaves the content alone. */
#include "harness/wire/buffer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(buffer, grows_and_keeps_its_content)
{
    struct buffer buffer;

    buffer_init(&buffer, BUFFER_NO_LIMIT);
    for (uint32_t i = 0; i < 10000; i++)
        cr_assert_eq(buffer_append(&buffer, &i, sizeof(i)), 0);
    cr_assert_eq(buffer.size, 40000);
    for (uint32_t i = 0; i < 10000; i++)
        cr_assert_eq(memcmp(buffer.data + i * sizeof(i), &i, sizeof(i)), 0);
    buffer_done(&buffer);
    cr_assert_eq(buffer.size, 0);
    cr_assert_null(buffer.data);
}

Test(buffer, holds_its_limit_exactly)
{
    struct buffer buffer;

    buffer_init(&buffer, 100);
    cr_assert_eq(buffer_append_zeros(&buffer, 99), 0);
    cr_assert_eq(buffer_append(&buffer, "ab", 2), -E2BIG);
    cr_assert_eq(buffer.size, 99);
    cr_assert_eq(buffer_append(&buffer, "a", 1), 0);
    cr_assert_eq(buffer_append(&buffer, "b", 1), -E2BIG);
    cr_assert_leq(buffer.capacity, 100);
    cr_assert_eq(buffer_reserve(&buffer, SIZE_MAX), -E2BIG);
    buffer_done(&buffer);
}

Test(buffer, says_when_there_is_no_memory)
{
    struct buffer buffer;

    buffer_init(&buffer, BUFFER_NO_LIMIT);
    cr_assert_eq(buffer_append(&buffer, "abc", 3), 0);
    cr_assert_eq(buffer_reserve(&buffer, SIZE_MAX / 4), -ENOMEM);
    cr_assert_eq(memcmp(buffer.data, "abc", 3), 0);
    buffer_done(&buffer);
}

Test(buffer, aligns_with_zeros)
{
    struct buffer buffer;

    buffer_init(&buffer, BUFFER_NO_LIMIT);
    cr_assert_eq(buffer_align(&buffer, 8), 0);
    cr_assert_eq(buffer.size, 0);
    cr_assert_eq(buffer_append(&buffer, "abc", 3), 0);
    cr_assert_eq(buffer_align(&buffer, 8), 0);
    cr_assert_eq(buffer.size, 8);
    cr_assert_eq(memcmp(buffer.data, "abc\0\0\0\0\0", 8), 0);
    cr_assert_eq(buffer_align(&buffer, 8), 0);
    cr_assert_eq(buffer.size, 8);
    buffer_done(&buffer);
}

Test(buffer, appends_nothing)
{
    struct buffer buffer;

    buffer_init(&buffer, 0);
    cr_assert_eq(buffer_append(&buffer, NULL, 0), 0);
    cr_assert_eq(buffer_append_zeros(&buffer, 0), 0);
    cr_assert_eq(buffer_append(&buffer, "", 1), -E2BIG);
    buffer_done(&buffer);
    buffer_done(NULL);
}
