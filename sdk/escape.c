/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Escaping a part of an entity path. No state. Characters beyond ASCII are left as they are: the
 * official library writes those that are not letters as \u{...}, and readers take both for the
 * same.
 */
#include "sdk/include/rerun.h"

#include "sdk/argument.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_ESCAPE 8 /* "\u{0001}" */

static bool is_plain(char character)
{
    return (unsigned char)character >= 0x80 || (character >= '0' && character <= '9') ||
           (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           (character != '\0' && strchr("_-.", character));
}

static char *put_control(char *at, char character)
{
    static const char digits[] = "0123456789ABCDEF";

    at = stpcpy(at, "\\u{00");
    *at++ = digits[character >> 4 & 15];
    *at++ = digits[character & 15];
    *at++ = '}';
    return at;
}

static char *put_escaped(char *at, char character)
{
    static const char named[] = "\nn\rr\tt";
    const char *name = strchr(named, character);

    if (name && name[0] < ' ') {
        *at++ = '\\';
        *at++ = name[1];
        return at;
    }
    if (character < ' ' || character == 0x7f)
        return put_control(at, character);
    *at++ = '\\';
    *at++ = character;
    return at;
}

char *_rr_escape_entity_path_part(rr_string part)
{
    const struct argument_call quiet = {"", NULL};
    struct text text;
    char *escaped;
    char *at;

    if (!argument_check_string(&quiet, "part", part, ARGUMENT_OPTIONAL, UINT32_MAX, &text))
        return NULL;
    escaped = malloc(text.size * LONGEST_ESCAPE + 1);
    if (!escaped)
        return NULL;
    at = escaped;
    for (size_t i = 0; i < text.size; i++) {
        if (is_plain(text.bytes[i]))
            *at++ = text.bytes[i];
        else
            at = put_escaped(at, text.bytes[i]);
    }
    *at = '\0';
    return escaped;
}

void _rr_free_string(char *string)
{
    free(string);
}
