/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names in their normal form. That the official SDK makes the same of the same names is tested
 * against it, in tests/interop.
 */
#include "harness/wire/entity_path.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

typedef int normalise(struct string_view, struct buffer *);

static void expect(normalise *function, struct string_view from, const char *to)
{
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    cr_assert_eq(function(from, &out), 0);
    cr_assert(
        string_view_equal((struct string_view){(char *)out.data, out.size}, string_view_of(to)),
        "'%.*s' became '%.*s', not '%s'", (int)from.size, from.data, (int)out.size, out.data, to);
    buffer_done(&out);
}

static void expect_path(const char *from, const char *to)
{
    expect(entity_path_normalise, string_view_of(from), to);
    expect(entity_path_normalise, string_view_of(to), to);
}

Test(entity_path, slashes)
{
    expect_path("", "/");
    expect_path("/", "/");
    expect_path("//", "/");
    expect_path("log", "/log");
    expect_path("/log", "/log");
    expect_path("a/b/c", "/a/b/c");
    expect_path("/foo///bar//", "/foo/bar");
}

Test(entity_path, escapes)
{
    expect_path("foo/bar:baz", "/foo/bar\\:baz");
    expect_path("foo/#bar/b az", "/foo/\\#bar/b\\ az");
    expect_path("a\\/b", "/a\\/b");
    expect_path("task_1-x.y", "/task_1-x.y");
    expect_path("a\nb\rc\td\x01", "/a\\nb\\rc\\td\\u{0001}");
    expect_path("\\u{00e5}", "/\xc3\xa5");
    expect_path("\\n\\ \\!", "/\\n\\ \\!");
    expect_path("a\\qb", "/aqb");
    expect_path("a\\", "/a\\\\");
    expect_path("\\u{apa}", "/\\\\u\\{apa\\}");
    expect_path("\\u{41}\\u{1F600}", "/A\xf0\x9f\x98\x80");
    expect_path("\\u{110000}", "/\\\\u\\{110000\\}");
    expect_path("\\u{0000041}", "/\\\\u\\{0000041\\}");
    expect_path("\\u{zzzzz\\n", "/\\\\u\\{zzzzz\\\\n");
    expect_path("\\u{zzzzzzz\\n", "/\\\\u\\{zzzzzzz\\n");
    expect_path("\\u{d800}", "/\\\\u\\{d800\\}");
    expect_path("\\u", "/\\\\u");
}

Test(entity_path, beyond_ascii)
{
    expect_path("Hall\xc3\xa5/D\xc3\xa4r", "/Hall\xc3\xa5/D\xc3\xa4r");
    expect_path("\xe2\x98\xae", "/\xe2\x98\xae");
    expect_path("\xf0\x9f\x98\x80", "/\xf0\x9f\x98\x80");
    expect_path("a\xc2\xa0z", "/a\\u{00A0}z");
    expect_path("bad\xff!", "/bad\xef\xbf\xbd\\!");
    expect(entity_path_normalise, (struct string_view){"a\0b", 3}, "/a\\u{0000}b");
}

/* Whatever bytes come in, the result is its own normal form: one entity has one name. */
Test(entity_path, normal_forms_stay)
{
    static const char alphabet[] = "ab/\\u{}0041 :\xc3\xa9\xff\n";
    unsigned int seed = 1;
    struct buffer once, twice;

    buffer_init(&once, BUFFER_NO_LIMIT);
    buffer_init(&twice, BUFFER_NO_LIMIT);
    for (int round = 0; round < 100000; round++) {
        char text[16];
        size_t size = (size_t)rand_r(&seed) % sizeof(text);

        for (size_t i = 0; i < size; i++)
            text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
        buffer_truncate(&once, 0);
        buffer_truncate(&twice, 0);
        cr_assert_eq(entity_path_normalise((struct string_view){text, size}, &once), 0);
        cr_assert_eq(
            entity_path_normalise((struct string_view){(char *)once.data, once.size}, &twice), 0);
        cr_assert(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0,
                  "'%.*s' became '%.*s', then '%.*s'", (int)size, text, (int)once.size, once.data,
                  (int)twice.size, twice.data);
    }
    buffer_done(&once);
    buffer_done(&twice);
}

Test(entity_path, leaves_the_buffer_alone_on_error)
{
    struct buffer out;

    buffer_init(&out, 6);
    cr_assert_eq(buffer_append(&out, "ab", 2), 0);
    cr_assert_eq(entity_path_normalise(string_view_of("a/b/c"), &out), -E2BIG);
    cr_assert_eq(out.size, 2);
    cr_assert_eq(application_id_normalise(string_view_of("12345"), &out), -E2BIG);
    cr_assert_eq(out.size, 2);
    buffer_done(&out);
}

static void expect_application_id(const char *from, const char *to)
{
    expect(application_id_normalise, string_view_of(from), to);
}

Test(entity_path, application_ids)
{
    char long_id[201];

    expect_application_id("rerun_example_multiprocessing", "rerun_example_multiprocessing");
    expect_application_id("A [b]: c-1", "A [b]: c-1");
    expect_application_id("", "unknown_app_id");
    memset(long_id, 'x', 180);
    long_id[180] = '\0';
    expect_application_id(long_id, long_id);
}
