/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checks of what callers pass. Each returns true, or false with `error` set to a text that names
 * the function and the argument. Async-signal-safe, no state.
 */
#pragma once

#include "sdk/include/rerun.h"

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

/*
 * Checks a string of the interface. max_size: in bytes. ret_text refers to the string's own memory.
 * Errors: UNEXPECTED_NULL_ARGUMENT NULL with a length; INVALID_STRING_ARGUMENT.
 */
bool argument_check_string(const struct argument_call *call, const char *name, rr_string string,
                           enum argument_need need, size_t max_size, struct text *ret_text);

/* As argument_check_string for text of which the size is known; the pointer counts if it is not 0.
 */
bool argument_check_text(const struct argument_call *call, const char *name, const char *bytes,
                         size_t size, enum argument_need need, size_t max_size,
                         struct text *ret_text);

/* As argument_check_string for a NUL-terminated string; NULL is UNEXPECTED_NULL_ARGUMENT. */
bool argument_check_cstring(const struct argument_call *call, const char *name, const char *string,
                            enum argument_need need, size_t max_size, struct text *ret_text);

/* Errors: UNEXPECTED_NULL_ARGUMENT. */
bool argument_check_pointer(const struct argument_call *call, const char *name,
                            const void *pointer);
