/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checks of what callers pass. Each returns true, or false with `error` set to a text that names
 * the function and the argument. Async-signal-safe, no state.
 */
#pragma once

#include "sdk/include/rerun.h"
#include "sdk/utf8.h"

#include <string.h>

/* Text that was checked: UTF-8 without NUL, not terminated, the caller's memory. */
struct text {
    const char *bytes;
    size_t size;
};

enum argument_need {
    ARGUMENT_OPTIONAL, /* may be empty */
    ARGUMENT_REQUIRED, /* may not */
};

/* The call that is being checked, for the texts. */
struct argument_call {
    const char *function;
    rr_error *error;
};

/* Errors: UNEXPECTED_NULL_ARGUMENT. */
bool argument_check_pointer(const struct argument_call *call, const char *name,
                            const void *pointer);

/* Sets the error for a text that is not as argument_check_text wants it; returns false. */
__attribute__((cold)) bool argument_refuse_text(const struct argument_call *call, const char *name,
                                                struct text text, size_t max_size);

/*
 * Checks text of max_size bytes at most; the pointer counts if the size is not 0. ret_text refers
 * to the caller's memory. Errors: INVALID_STRING_ARGUMENT.
 */
static inline bool argument_check_text(const struct argument_call *call, const char *name,
                                       const char *bytes, size_t size, enum argument_need need,
                                       size_t max_size, struct text *ret_text)
{
    *ret_text = (struct text){size > 0 ? bytes : "", size};
    return __builtin_expect(size <= max_size && (size > 0 || need == ARGUMENT_OPTIONAL) &&
                                utf8_valid_prefix(bytes, size) == size,
                            1) ||
           argument_refuse_text(call, name, *ret_text, max_size);
}

/*
 * As argument_check_text for a string of the interface. Errors: UNEXPECTED_NULL_ARGUMENT also for
 * NULL with a length.
 */
static inline bool argument_check_string(const struct argument_call *call, const char *name,
                                         rr_string string, enum argument_need need, size_t max_size,
                                         struct text *ret_text)
{
    return (string.length_in_bytes == 0 || argument_check_pointer(call, name, string.utf8)) &&
           argument_check_text(call, name, string.utf8, string.length_in_bytes, need, max_size,
                               ret_text);
}

/* As argument_check_text for a NUL-terminated string; NULL is UNEXPECTED_NULL_ARGUMENT. */
static inline bool argument_check_cstring(const struct argument_call *call, const char *name,
                                          const char *string, enum argument_need need,
                                          size_t max_size, struct text *ret_text)
{
    return string
               ? argument_check_text(call, name, string, strlen(string), need, max_size, ret_text)
               : argument_check_pointer(call, name, string);
}
