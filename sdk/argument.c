/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is said of arguments that are refused. Nothing here allocates or prints. */
#include "sdk/argument.h"

#include "sdk/error.h"

bool argument_check_pointer(const struct argument_call *call, const char *name, const void *pointer)
{
    if (pointer)
        return true;
    return error_set(call->error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT,
                     "%s: %s is NULL, but must point to a value", call->function, name);
}

static bool refuse_byte(const struct argument_call *call, const char *name, const char *bytes,
                        size_t at)
{
    if (bytes[at] == '\0')
        return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                         "%s: %s holds a NUL at byte %zu: pass its length without the terminator",
                         call->function, name, at);
    return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                     "%s: %s is not UTF-8 at byte %zu: convert it first", call->function, name, at);
}

bool argument_refuse_text(const struct argument_call *call, const char *name, struct text text,
                          size_t max_size)
{
    if (text.size == 0)
        return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                         "%s: %s is empty, but must not be", call->function, name);
    if (text.size > max_size)
        return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                         "%s: %s has %zu bytes, but %zu is the most: shorten it", call->function,
                         name, text.size, max_size);
    return refuse_byte(call, name, text.bytes, utf8_valid_prefix(text.bytes, text.size));
}
