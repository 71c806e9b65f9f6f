/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The small formatter, and what the spool's errors become. */
#include "sdk/error.h"

#include "fake_spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

Test(error, every_conversion)
{
    rr_error error = {0};

    cr_assert_not(error_set(&error, RR_ERROR_CODE_UNKNOWN, "%s|%.*s|%d|%d|%u|%zu|%%|%s", "text", 2,
                            "cut", -7, INT_MIN, UINT_MAX, SIZE_MAX, ""));
    cr_assert_eq(error.code, RR_ERROR_CODE_UNKNOWN);
    cr_assert_str_eq(error.description,
                     "text|cu|-7|-2147483648|4294967295|18446744073709551615|%|");
}

Test(error, nobody_who_wants_to_know)
{
    cr_assert_not(error_set(NULL, RR_ERROR_CODE_UNKNOWN, "%s", "text"));
    cr_assert_not(error_set_spool(NULL, 0, "function", -ENOSPC));
}

Test(error, a_long_text_is_cut_between_two_characters)
{
    static char text[3 * 2048 + 1];
    rr_error error = {0};
    size_t size;

    for (size_t i = 0; i < 2048; i++)
        memcpy(text + 3 * i, "\xe2\x82\xac", 3);
    for (size_t shift = 0; shift < 3; shift++) {
        error_set(&error, RR_ERROR_CODE_UNKNOWN, "%.*s%s%s", (int)shift, "xx", text, "more");
        size = strlen(error.description);
        cr_assert_eq((size - shift) % 3, 0);
        cr_assert(size > sizeof(error.description) - 4 && size < sizeof(error.description));
    }
}

Test(error, each_refusal_of_the_spool_names_cause_and_remedy)
{
    const int errors[] = {-ENOENT, -EACCES, -EPERM,    -ELOOP,     -ENAMETOOLONG, -ENOSPC,
                          -EROFS,  -ENOMEM, -EMSGSIZE, -ECANCELED, -EIO};

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        rr_error error = {0};

        error_set_spool(&error, 0, "some_function", errors[i]);
        cr_assert(strstr(error.description, strerrordesc_np(-errors[i])) != NULL);
        assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "some_function: ");
    }
}
