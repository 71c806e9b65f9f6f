/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One walk over the characters of a text, and for each language what it writes in the place of one.
 * Nothing is kept in memory, however long the text.
 */
#include "harness/scenario/report/escape.h"

#include "harness/wire/utf8.h"

#include <inttypes.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

struct character {
    uint32_t code;
    struct string_view bytes;
};

static void walk(FILE *out, struct string_view text,
                 void (*put)(FILE *out, const struct character *character))
{
    while (text.size > 0) {
        const char *start = text.data;
        struct character character;
        bool is_valid = utf8_next(&text, &character.code);
        character.bytes = is_valid ? (struct string_view){start, (size_t)(text.data - start)}
                                   : string_view_of(REPLACEMENT);
        put(out, &character);
    }
}

static void put_plain(FILE *out, const struct character *character)
{
    fwrite(character->bytes.data, 1, character->bytes.size, out);
}

/* What some reader takes for the end of a line, or for no character at all. */
static bool is_special(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 ||
           code == 0xfeff || code == 0xfffe || code == 0xffff;
}

static void put_or(FILE *out, const struct character *character, const char *replacement)
{
    if (is_special(character->code)) {
        fputs(replacement, out);
    } else {
        put_plain(out, character);
    }
}

/* --- JSON and YAML ---------------------------------------------------------------------------- */

static void put_json(FILE *out, const struct character *character)
{
    for (const char *name = "\"\"\\\\\bb\ff\nn\rr\tt"; *name != '\0'; name += 2) {
        if (character->code == (unsigned char)*name) {
            fprintf(out, "\\%c", name[1]);
            return;
        }
    }
    if (is_special(character->code)) {
        fprintf(out, "\\u%04" PRIx32, character->code);
    } else {
        put_plain(out, character);
    }
}

void escape_json(FILE *out, const char *text)
{
    fputc('"', out);
    walk(out, string_view_of(text), put_json);
    fputc('"', out);
}

/* --- XML -------------------------------------------------------------------------------------- */

/* Production 2 of XML 1.0, without the surrogates, which are no UTF-8. */
static bool is_xml_character(uint32_t code)
{
    return code == '\t' || code == '\n' || code == '\r' ||
           (code >= 0x20 && code != 0xfffe && code != 0xffff);
}

static void put_xml_attribute(FILE *out, const struct character *character)
{
    if (!is_xml_character(character->code)) {
        fputs(REPLACEMENT, out);
    } else if (is_special(character->code) ||
               (character->code < 0x80 && strchr("&<>\"", (int)character->code) != NULL)) {
        fprintf(out, "&#%" PRIu32 ";", character->code);
    } else {
        put_plain(out, character);
    }
}

static void put_xml(FILE *out, const struct character *character)
{
    if (character->code == '\n' || character->code == '\t') {
        put_plain(out, character);
    } else {
        put_xml_attribute(out, character);
    }
}

void escape_xml(FILE *out, const char *text)
{
    walk(out, string_view_of(text), put_xml);
}

void escape_xml_attribute(FILE *out, const char *text)
{
    walk(out, string_view_of(text), put_xml_attribute);
}

/* --- TAP -------------------------------------------------------------------------------------- */

static void put_tap(FILE *out, const struct character *character)
{
    if (character->code == '#' || character->code == '\\') {
        fputc('\\', out);
    }
    put_or(out, character, " ");
}

void escape_tap(FILE *out, const char *text)
{
    walk(out, string_view_of(text), put_tap);
}

static void put_comment(FILE *out, const struct character *character)
{
    put_or(out, character, character->code == '\t' ? "\t" : REPLACEMENT);
}

/* A harness may take a carriage return for the end of a line: what comes after is a comment too. */
void escape_tap_comment(FILE *out, const char *text)
{
    while (*text != '\0') {
        struct string_view line = {text, strcspn(text, "\r\n")};
        fputs(line.size > 0 ? "#   " : "#", out);
        walk(out, line, put_comment);
        fputc('\n', out);
        text += line.size;
        text += strncmp(text, "\r\n", 2) == 0 ? 2 : *text != '\0';
    }
}

/* --- GitHub ----------------------------------------------------------------------------------- */

static void put_github(FILE *out, const struct character *character)
{
    if (character->code < 0x80 && strchr("%\r\n", (int)character->code) != NULL) {
        fprintf(out, "%%%02" PRIX32, character->code);
    } else {
        put_comment(out, character);
    }
}

static void put_github_property(FILE *out, const struct character *character)
{
    if (character->code == ':' || character->code == ',') {
        fprintf(out, "%%%02" PRIX32, character->code);
    } else {
        put_github(out, character);
    }
}

void escape_github(FILE *out, const char *text)
{
    walk(out, string_view_of(text), put_github);
}

void escape_github_property(FILE *out, const char *text)
{
    walk(out, string_view_of(text), put_github_property);
}

/* --- Shell ------------------------------------------------------------------------------------ */

static void put_shell(FILE *out, const struct character *character)
{
    if (character->code == '\'') {
        fputs("'\\''", out);
    } else {
        put_or(out, character, REPLACEMENT);
    }
}

void escape_shell(FILE *out, const char *text)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-=";
    if (*text != '\0' && text[strspn(text, safe)] == '\0') {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    walk(out, string_view_of(text), put_shell);
    fputc('\'', out);
}
