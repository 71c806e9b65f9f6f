/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each text has one number and one place. */
#include "harness/verify/string_pool.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(string_pool, a_text_keeps_its_number_and_its_place)
{
    struct string_pool pool;
    uint32_t a, b, again;
    string_pool_init(&pool);
    cr_assert_eq(string_pool_find(&pool, string_view_of("a")), UINT32_MAX);
    cr_assert_eq(string_pool_add(&pool, string_view_of("a"), &a), 0);
    cr_assert_eq(string_pool_add(&pool, string_view_of(""), &b), 0);
    const char *place = pool.texts[a];
    for (uint32_t i = 0; i < 10000; i++) {
        char text[16];
        uint32_t number;
        snprintf(text, sizeof text, "%u", i);
        cr_assert_eq(string_pool_add(&pool, string_view_of(text), &number), 0);
        cr_assert_eq(number, (uint32_t)(2 + i));
    }
    cr_assert_eq(string_pool_add(&pool, string_view_of("a"), &again), 0);
    cr_assert_eq(again, a);
    cr_assert(pool.texts[a] == place);
    cr_assert_eq(string_pool_find(&pool, string_view_of("")), b);
    cr_assert_eq(string_pool_find(&pool, string_view_of("9999")), 10001);
    cr_assert_eq(string_pool_find(&pool, string_view_of("10000")), UINT32_MAX);
    cr_assert_eq(pool.n, 10002);
    string_pool_done(&pool);
    string_pool_done(NULL);
}

Test(string_pool, bytes_count_not_terminators)
{
    struct string_pool pool;
    uint32_t a, b;
    string_pool_init(&pool);
    cr_assert_eq(string_pool_add(&pool, (struct string_view){"x\0y", 3}, &a), 0);
    cr_assert_eq(string_pool_add(&pool, (struct string_view){"x\0z", 3}, &b), 0);
    cr_assert_neq(a, b);
    cr_assert_eq(string_pool_find(&pool, (struct string_view){"x", 1}), UINT32_MAX);
    string_pool_done(&pool);
}
