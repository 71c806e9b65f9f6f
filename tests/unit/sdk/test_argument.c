/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What callers may pass as text, and what they are told otherwise. */
#include "sdk/argument.h"

#include "fake_spool.h"

#include <criterion/criterion.h>
#include <string.h>

static rr_error error;
static const struct argument_call call = {"some_function", &error};
static struct text text;

static bool check(rr_string string, enum argument_need need)
{
    return argument_check_string(&call, "name", string, need, 8, &text);
}

Test(argument, a_string_that_fits)
{
    cr_assert(check(STRING("12345678"), ARGUMENT_REQUIRED));
    cr_assert_eq(text.size, 8);
    cr_assert(check((rr_string){"123456789", 3}, ARGUMENT_REQUIRED));
    cr_assert_eq(text.size, 3);
    assert_no_error(error);
}

Test(argument, an_empty_string)
{
    cr_assert(check((rr_string){NULL, 0}, ARGUMENT_OPTIONAL));
    cr_assert(text.bytes != NULL && text.size == 0);
    cr_assert(check(STRING(""), ARGUMENT_OPTIONAL));
    cr_assert_not(check((rr_string){NULL, 0}, ARGUMENT_REQUIRED));
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "some_function: name is empty");
}

Test(argument, null_with_a_length)
{
    cr_assert_not(check((rr_string){NULL, 1}, ARGUMENT_OPTIONAL));
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "name is NULL");
    cr_assert_not(argument_check_cstring(&call, "name", NULL, ARGUMENT_OPTIONAL, 8, &text));
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "name is NULL");
}

Test(argument, too_long)
{
    cr_assert_not(check(STRING("123456789"), ARGUMENT_OPTIONAL));
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "9 bytes, but 8");
}

Test(argument, bad_bytes_are_named_by_their_place)
{
    cr_assert_not(check((rr_string){"ab\0d", 4}, ARGUMENT_OPTIONAL));
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "NUL at byte 2");
    cr_assert_not(check(STRING("abc\xff"), ARGUMENT_OPTIONAL));
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "not UTF-8 at byte 3");
}
