/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Keys get numbers in the order in which they come, however many there are, and keep them. */
#include "harness/wire/key_index.h"

#include <criterion/criterion.h>
#include <stdio.h>

static uint32_t add(struct key_index *index, struct string_view key, bool expect_new)
{
    uint32_t number;
    bool is_new;

    cr_assert_eq(key_index_add(index, key, &number, &is_new), 0);
    cr_assert_eq(is_new, expect_new);
    return number;
}

Test(key_index, numbers_keys_in_order)
{
    struct key_index index;
    char key[16];

    key_index_init(&index);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 5000; i++) {
            (void)snprintf(key, sizeof(key), "key %u", i);
            cr_assert_eq(add(&index, string_view_of(key), round == 0), i);
        }
    }
    cr_assert_eq(index.n, 5000);
    cr_assert_str_eq(index.keys[4711].data, "key 4711");
    key_index_done(&index);
}

Test(key_index, keys_are_any_bytes)
{
    struct key_index index;

    key_index_init(&index);
    cr_assert_eq(add(&index, (struct string_view){NULL, 0}, true), 0);
    cr_assert_eq(add(&index, (struct string_view){"\0", 1}, true), 1);
    cr_assert_eq(add(&index, (struct string_view){"\0\0", 2}, true), 2);
    cr_assert_eq(add(&index, (struct string_view){"", 0}, false), 0);
    cr_assert_eq(add(&index, (struct string_view){"\0", 1}, false), 1);
    key_index_done(&index);
}

Test(key_index, copies_stay_where_they_are)
{
    struct key_index index;
    const char *first;
    char key[16] = "first";

    key_index_init(&index);
    add(&index, string_view_of(key), true);
    first = index.keys[0].data;
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        add(&index, string_view_of(key), true);
    }
    cr_assert_eq(index.keys[0].data, first);
    cr_assert_str_eq(first, "first");
    key_index_done(&index);
}

Test(key_index, finds_what_was_added)
{
    struct key_index index;
    uint32_t number;

    key_index_init(&index);
    cr_assert_not(key_index_find(&index, string_view_of("a"), &number), "nothing is there yet");
    (void)add(&index, string_view_of("a"), true);
    (void)add(&index, string_view_of("b"), true);
    cr_assert(key_index_find(&index, string_view_of("b"), &number));
    cr_assert_eq(number, 1);
    cr_assert_not(key_index_find(&index, string_view_of("c"), &number));
    cr_assert_eq(index.n, 2);
    key_index_done(&index);
}
