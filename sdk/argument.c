/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Checks of what callers pass. On the path of every row: nothing here allocates or prints. */
#include "sdk/argument.h"

#include "sdk/error.h"
#include "sdk/utf8.h"

#include <string.h>

bool argument_check_pointer(const struct argument_call *call, const char *name, const void *pointer)
{
    if (pointer)
        return true;
    return error_set(call->error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT,
                     "%s: %s is NULL, but must point to a value", call->function, name);
}

__attribute__((cold)) static bool refuse_byte(const struct argument_call *call, const char *name,
                                              const char *bytes, size_t at)
{
    if (bytes[at] == '\0')
        return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                         "%s: %s holds a NUL at byte %zu: pass its length without the terminator",
                         call->function, name, at);
    return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                     "%s: %s is not UTF-8 at byte %zu: convert it first", call->function, name, at);
}

bool argument_check_text(const struct argument_call *call, const char *name, const char *bytes,
                         size_t size, enum argument_need need, size_t max_size,
                         struct text *ret_text)
{
    size_t valid;

    if (size == 0 && need == ARGUMENT_REQUIRED)
        return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                         "%s: %s is empty, but must not be", call->function, name);
    if (size > max_size)
        return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                         "%s: %s has %zu bytes, but %zu is the most: shorten it", call->function,
                         name, size, max_size);
    valid = utf8_valid_prefix(bytes, size);
    if (valid < size)
        return refuse_byte(call, name, bytes, valid);
    *ret_text = (struct text){size > 0 ? bytes : "", size};
    return true;
}

bool argument_check_string(const struct argument_call *call, const char *name, rr_string string,
                           enum argument_need need, size_t max_size, struct text *ret_text)
{
    if (string.length_in_bytes > 0 && !argument_check_pointer(call, name, string.utf8))
        return false;
    return argument_check_text(call, name, string.utf8, string.length_in_bytes, need, max_size,
                               ret_text);
}

bool argument_check_cstring(const struct argument_call *call, const char *name, const char *string,
                            enum argument_need need, size_t max_size, struct text *ret_text)
{
    return argument_check_pointer(call, name, string) &&
           argument_check_text(call, name, string, strlen(string), need, max_size, ret_text);
}
