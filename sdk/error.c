/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The texts of errors. May run in signal handlers and in children of threaded programs, so it has a
 * small formatter of its own: printf may allocate and reads the locale. No state.
 */
#include "sdk/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* The description while it grows; one byte stays for the NUL. */
struct writer {
    char *text;
    size_t used;
    size_t room;
};

static void put_bytes(struct writer *writer, const char *bytes, size_t size)
{
    size_t room = writer->room - writer->used;

    if (size > room) {
        size = room;
        /* Not in the middle of a character: back to where one begins. */
        while (size > 0 && ((unsigned char)bytes[size] & 0xc0) == 0x80)
            size--;
        writer->room = writer->used + size;
    }
    memcpy(writer->text + writer->used, bytes, size);
    writer->used += size;
}

static void put_number(struct writer *writer, uint64_t number, bool is_negative)
{
    char digits[21];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    if (is_negative)
        digits[--at] = '-';
    put_bytes(writer, digits + at, sizeof(digits) - at);
}

/* Puts one conversion, whose text begins behind the '%'. Returns what follows it. */
static const char *put_conversion(struct writer *writer, const char *format, va_list *arguments)
{
    if (!strncmp(format, ".*s", 3)) {
        int size = va_arg(*arguments, int);

        put_bytes(writer, va_arg(*arguments, const char *), (size_t)size);
        return format + 3;
    }
    if (!strncmp(format, "zu", 2)) {
        put_number(writer, va_arg(*arguments, size_t), false);
        return format + 2;
    }
    if (*format == 's') {
        const char *text = va_arg(*arguments, const char *);

        put_bytes(writer, text, strlen(text));
    } else if (*format == 'u') {
        put_number(writer, va_arg(*arguments, unsigned int), false);
    } else if (*format == 'd') {
        int number = va_arg(*arguments, int);

        put_number(writer, (uint64_t)(number < 0 ? -(int64_t)number : number), number < 0);
    } else {
        put_bytes(writer, "%", 1);
    }
    return format + 1;
}

bool error_set(rr_error *error, rr_error_code code, const char *format, ...)
{
    struct writer writer;
    va_list arguments;

    if (!error)
        return false;
    writer = (struct writer){error->description, 0, sizeof(error->description) - 1};
    va_start(arguments, format);
    while (*format) {
        size_t plain = strcspn(format, "%");

        put_bytes(&writer, format, plain);
        format += plain;
        if (*format)
            format = put_conversion(&writer, format + 1, &arguments);
    }
    va_end(arguments);
    error->description[writer.used] = '\0';
    error->code = code;
    return false;
}

static const char *remedy_for(int spool_error)
{
    switch (spool_error) {
    case -ENOENT:
        return "there is no session: start the program by `lastword run`, or make a recording with "
               "lw_init or rr_recording_stream_new";
    case -EACCES:
    case -EPERM:
    case -ELOOP:
    case -ENOTDIR:
    case -EINVAL:
    case -ENAMETOOLONG:
        return "the session directory must be an absolute path to a directory of your own, closed "
               "to "
               "others: look at LASTWORD_SESSION and LASTWORD_DIR";
    case -ENOSPC:
        return "the spool or its file system is full: make room in the session's file system, see "
               "that `lastword run` or `lastword deliver` empties the session, or give it more "
               "time "
               "by LASTWORD_FULL_WAIT";
    case -EROFS:
        return "no directory for sessions can be written: name one by LASTWORD_DIR";
    case -ENOMEM:
        return "the spool cannot be mapped: raise the limit of the address space (ulimit -v)";
    case -EMSGSIZE:
        return "the row is too large: log it in parts";
    case -ECANCELED:
        return "a signal handler forked in the middle of this call; the row is the parent's";
    default:
        return "look at LASTWORD_SESSION and LASTWORD_DIR";
    }
}

bool error_set_spool(rr_error *error, rr_error_code code, const char *function, int spool_error)
{
    const char *cause = strerrordesc_np(-spool_error);

    return error_set(error, code ? code : RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE,
                     "%s: the spool refused (%s): %s", function, cause ? cause : "unknown error",
                     remedy_for(spool_error));
}
