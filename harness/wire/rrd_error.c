/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Error texts about recordings. They may quote bytes of a hostile file, so what is not printable is
 * replaced before anybody shows it on a terminal.
 */
#include "harness/wire/rrd_error.h"

#include <stdarg.h>
#include <stdio.h>

void rrd_error_set(struct rrd_error *error, const char *format, ...)
{
    va_list arguments;

    if (error == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);

    for (char *c = error->text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    }
}
