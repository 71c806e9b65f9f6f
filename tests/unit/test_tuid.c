/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ids grow whatever the clock does, and have the text and the bytes that Rerun gives them. */
#include "harness/wire/tuid.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* From a recording of the official SDK: the row id of its one row, as bytes and as rerun prints it.
 */
static const uint8_t official_bytes[] = {0x18, 0xea, 0x5c, 0x0f, 0x66, 0x03, 0xdb, 0x08,
                                         0x32, 0xb5, 0xd5, 0xda, 0x48, 0x79, 0x20, 0x05};
static const char official_text[] = "18EA5C0F6603DB0832b5d5da48792005";
static const struct tuid official = {0x18ea5c0f6603db08, 0x32b5d5da48792005};

Test(tuid, arrow_form_is_big_endian)
{
    uint8_t bytes[16];

    tuid_to_arrow(official, bytes);
    cr_assert_eq(memcmp(bytes, official_bytes, 16), 0);
    cr_assert_eq(tuid_compare(tuid_from_arrow(official_bytes), official), 0);
}

Test(tuid, text_form_is_rerun_s)
{
    char text[TUID_TEXT_SIZE];
    struct tuid id;

    tuid_format(official, text);
    cr_assert_eq(memcmp(text, official_text, TUID_TEXT_SIZE), 0);
    cr_assert_eq(tuid_parse(string_view_of(official_text), &id), 0);
    cr_assert_eq(tuid_compare(id, official), 0);
    cr_assert_eq(tuid_parse(string_view_of("18ea5c0f6603db0832B5D5DA48792005"), &id), 0);
    cr_assert_eq(tuid_compare(id, official), 0);
}

Test(tuid, refuses_other_text)
{
    static const char *const bad[] = {
        "",
        "18EA5C0F6603DB0832b5d5da4879200",
        "18EA5C0F6603DB0832b5d5da487920055",
        "18EA5C0F6603DB0832b5d5da4879200g",
        "18EA5C0F6603DB08 2b5d5da48792005",
        "18EA5C0F6603DB08@2b5d5da48792005",
    };
    struct tuid id = official;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_eq(tuid_parse(string_view_of(bad[i]), &id), -EBADMSG, "%s", bad[i]);
    cr_assert_eq(tuid_compare(id, official), 0, "set on error");
}

Test(tuid, grows_when_the_clock_stands_or_goes_back)
{
    static const uint64_t clock[] = {100, 100, 101, 50, 0, 101, 102};
    struct tuid_generator generator;
    struct tuid last = {0, 0};

    cr_assert_eq(tuid_generator_init(&generator), 0);
    for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++) {
        struct tuid id = tuid_next(&generator, clock[i]);

        cr_assert_gt(tuid_compare(id, last), 0, "id %zu", i);
        cr_assert_geq(id.time_ns, clock[i]);
        last = id;
    }
    cr_assert_eq(last.time_ns, 102);
}

Test(tuid, generators_start_apart_and_below_the_top_bit)
{
    struct tuid_generator a, b;

    cr_assert_eq(tuid_generator_init(&a), 0);
    cr_assert_eq(tuid_generator_init(&b), 0);
    cr_assert_neq(a.next_inc, b.next_inc);
    cr_assert_eq(a.next_inc >> 63, 0);
    cr_assert_eq(b.next_inc >> 63, 0);
}

Test(tuid, compares_time_first)
{
    cr_assert_lt(tuid_compare((struct tuid){1, 9}, (struct tuid){2, 1}), 0);
    cr_assert_gt(tuid_compare((struct tuid){2, 1}, (struct tuid){1, 9}), 0);
    cr_assert_lt(tuid_compare((struct tuid){1, 1}, (struct tuid){1, UINT64_MAX}), 0);
    cr_assert_eq(tuid_compare((struct tuid){1, 1}, (struct tuid){1, 1}), 0);
}
