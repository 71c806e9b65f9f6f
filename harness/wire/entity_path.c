/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Entity paths and application ids in the form that Rerun's readers make of them. No state.
 *
 * Reading a path follows Rerun 0.41 (re_log_types: EntityPath::parse_forgiving) to the letter, its
 * quirks included: the same name must lead to the same entity whoever parses it. Writing differs in
 * one point: non-ASCII characters stay as they are, where Rerun escapes those that are no letters.
 * Readers take both, and this needs no tables of what a letter is.
 */
#include "harness/wire/entity_path.h"

#include "harness/wire/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <xxhash.h>

/* --- Writing a part --------------------------------------------------------------------------- */

static bool is_ascii_plain(uint32_t c)
{
    return c < 0x80 && (isalnum((int)c) || c == '_' || c == '-' || c == '.');
}

static bool is_ascii_printable(uint32_t c)
{
    return c >= ' ' && c < 0x7f;
}

/* White space and controls beyond ASCII: raw, they would make readers warn. */
static bool is_wide_space(uint32_t c)
{
    return (c >= 0x80 && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static int append_escaped(struct buffer *out, uint32_t c)
{
    char text[16];

    switch (c) {
    case '\n':
        return buffer_append(out, "\\n", 2);
    case '\r':
        return buffer_append(out, "\\r", 2);
    case '\t':
        return buffer_append(out, "\\t", 2);
    default:
        break;
    }
    if (is_ascii_printable(c)) {
        const char pair[2] = {'\\', (char)c};

        return buffer_append(out, pair, sizeof(pair));
    }
    (void)snprintf(text, sizeof(text), "\\u{%04X}", c);
    return buffer_append(out, text, strlen(text));
}

static int append_character(struct buffer *out, uint32_t c)
{
    if (is_ascii_plain(c) || (c >= 0x80 && !is_wide_space(c)))
        return utf8_append(out, c);
    return append_escaped(out, c);
}

/* --- Reading a part --------------------------------------------------------------------------- */

/* "{" and up to 6 hex digits and "}". */
#define MAX_BRACED 8

/* Returns the code point of "{1F600}", or UINT32_MAX. */
static uint32_t parse_braced(struct string_view text)
{
    uint32_t value = 0;

    if (text.size < 3 || text.size > MAX_BRACED || text.data[0] != '{' ||
        text.data[text.size - 1] != '}')
        return UINT32_MAX;
    for (size_t i = 1; i + 1 < text.size; i++) {
        int c = (unsigned char)text.data[i];

        if (!isxdigit(c))
            return UINT32_MAX;
        value = value << 4 | (uint32_t)(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? UINT32_MAX : value;
}

/*
 * What follows "\u": up to 8 characters or a closing brace. If they are a code point in braces they
 * stand for it, else they are all taken literally, backslashes too.
 */
static int append_unicode_escape(struct buffer *out, struct string_view *part)
{
    struct string_view taken = {part->data, 0};
    uint32_t c = 0;
    int error;

    for (int i = 0; i < MAX_BRACED && part->size > 0 && c != '}'; i++)
        (void)utf8_next(part, &c);
    taken.size = (size_t)(part->data - taken.data);
    c = parse_braced(taken);
    if (c != UINT32_MAX)
        return append_character(out, c);

    error = append_character(out, '\\');
    if (error == 0)
        error = append_character(out, 'u');
    while (error == 0 && taken.size > 0) {
        (void)utf8_next(&taken, &c);
        error = append_character(out, c);
    }
    return error;
}

/* What follows a backslash. One that ends the part stands for itself. */
static int append_unescaped(struct buffer *out, struct string_view *part)
{
    uint32_t c;

    if (part->size == 0)
        return append_character(out, '\\');
    (void)utf8_next(part, &c);
    switch (c) {
    case 'n':
        return append_character(out, '\n');
    case 'r':
        return append_character(out, '\r');
    case 't':
        return append_character(out, '\t');
    case 'u':
        return append_unicode_escape(out, part);
    default:
        return append_character(out, c);
    }
}

static int append_part(struct buffer *out, struct string_view part)
{
    int error = buffer_append(out, "/", 1);

    while (error == 0 && part.size > 0) {
        uint32_t c;

        (void)utf8_next(&part, &c);
        error = c == '\\' ? append_unescaped(out, &part) : append_character(out, c);
    }
    return error;
}

/*
 * Returns the length of the first part of `path`: up to a slash that has no backslash before it. A
 * backslash that is itself escaped counts all the same: that is how Rerun splits.
 */
static size_t first_part_size(struct string_view path)
{
    size_t i = 0;

    while (i < path.size && (path.data[i] != '/' || (i > 0 && path.data[i - 1] == '\\')))
        i++;
    return i;
}

int entity_path_normalise(struct string_view path, struct buffer *out)
{
    size_t start = out->size;
    int error = 0;

    while (error == 0 && path.size > 0) {
        size_t size = first_part_size(path);

        if (size == 0)
            size = 1; /* a slash */
        else
            error = append_part(out, (struct string_view){path.data, size});
        path.data += size;
        path.size -= size;
    }
    if (error == 0 && out->size == start)
        error = buffer_append(out, "/", 1);
    if (error != 0)
        buffer_truncate(out, start);
    return error;
}

/* --- Application ids -------------------------------------------------------------------------- */

#define HASH_DIGITS 4

static bool is_application_id_character(uint32_t c)
{
    return c < 0x80 && c != '\0' && (isalnum((int)c) || strchr("_ :[]-", (int)c) != NULL);
}

static bool is_application_id(struct string_view id)
{
    for (size_t i = 0; i < id.size; i++) {
        if (!is_application_id_character((unsigned char)id.data[i]))
            return false;
    }
    return id.size <= APPLICATION_ID_MAX;
}

int application_id_normalise(struct string_view id, struct buffer *out)
{
    char text[APPLICATION_ID_MAX + 1];
    size_t n = 0;

    if (id.size == 0)
        id = string_view_of("unknown_app_id");
    if (is_application_id(id))
        return buffer_append(out, id.data, id.size);

    XXH64_hash_t hash = XXH64(id.data, id.size, 0);

    while (id.size > 0 && n < APPLICATION_ID_MAX - HASH_DIGITS) {
        uint32_t c;

        (void)utf8_next(&id, &c);
        text[n++] = is_application_id_character(c) ? (char)c : '-';
    }
    (void)snprintf(text + n, HASH_DIGITS + 1, "%04x", (unsigned int)(hash & 0xffff));
    return buffer_append(out, text, n + HASH_DIGITS);
}
