/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Parses texts with placeholders and fits them to logged texts, by backtracking with a bound. It
 * knows nothing of rows and processes, and keeps no state.
 */
#include "harness/verify/pattern.h"

#include "harness/cleanup.h"
#include "harness/wire/entity_path.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* --- Names ------------------------------------------------------------------------------------ */

int placeholder_names_init(struct placeholder_names *names)
{
    static const char *const known[PLACEHOLDER_FIRST_FREE] = {"pid", "tid", "recording_id"};
    *names = (struct placeholder_names){0};
    for (size_t i = 0; i < PLACEHOLDER_FIRST_FREE; i++) {
        names->names[i] = strdup(known[i]);
        if (names->names[i] == NULL) {
            return -ENOMEM;
        }
        names->n++;
    }
    return 0;
}

void placeholder_names_done(struct placeholder_names *names)
{
    for (size_t i = 0; names != NULL && i < names->n; i++) {
        free(names->names[i]);
    }
    if (names != NULL) {
        names->n = 0;
    }
}

static int intern(struct placeholder_names *names, struct string_view name, const char **ret_fault)
{
    for (size_t i = 0; i < names->n; i++) {
        if (string_view_equal(string_view_of(names->names[i]), name)) {
            return (int)i;
        }
    }
    if (names->n == PATTERN_MAX_NAMES) {
        *ret_fault = "more placeholder names than one file may have (64)";
        return -EINVAL;
    }
    char *copy = strndup(name.data, name.size);
    if (copy == NULL) {
        return -ENOMEM;
    }
    names->names[names->n] = copy;
    return (int)names->n++;
}

/* --- Parsing ---------------------------------------------------------------------------------- */

/* Where the parser stands: literal text goes to the end of pattern->literals. */
struct parser {
    struct pattern *pattern;
    struct placeholder_names *names;
    size_t literal_start, literals_size;
    const char **ret_fault;
};

static int refuse(struct parser *parser, const char *fault)
{
    *parser->ret_fault = fault;
    return -EINVAL;
}

static void end_literal(struct parser *parser)
{
    struct pattern *pattern = parser->pattern;
    size_t size = parser->literals_size - parser->literal_start;
    if (size > 0) {
        pattern->parts[pattern->n_parts++] =
            (struct pattern_part){-1, {pattern->literals + parser->literal_start, size}};
    }
    parser->literal_start = parser->literals_size;
}

/* A brace itself; in paths it stands escaped, as Rerun stores it. */
static void add_brace(struct parser *parser, char brace)
{
    if (parser->pattern->is_path) {
        parser->pattern->literals[parser->literals_size++] = '\\';
    }
    parser->pattern->literals[parser->literals_size++] = brace;
}

static size_t name_size(const char *text)
{
    size_t size = 0;
    if (!isalpha((unsigned char)text[0]) && text[0] != '_') {
        return 0;
    }
    while (isalnum((unsigned char)text[size]) || text[size] == '_') {
        size++;
    }
    return size <= PATTERN_MAX_NAME ? size : 0;
}

/* `text` is behind the opening brace. Sets *ret_next behind the closing one. */
static int add_placeholder(struct parser *parser, const char *text, const char **ret_next)
{
    struct pattern *pattern = parser->pattern;
    size_t size = name_size(text);

    if (size == 0 || text[size] != '}') {
        return refuse(parser, "'{' must begin a placeholder like {n} (letters, digits and '_', up "
                              "to 32); write '{{' for the character itself");
    }
    end_literal(parser);
    if (pattern->n_parts > 0 && pattern->parts[pattern->n_parts - 1].placeholder >= 0) {
        return refuse(parser, "two placeholders need some text between them");
    }
    int name = intern(parser->names, (struct string_view){text, size}, parser->ret_fault);
    if (name < 0) {
        return name;
    }
    pattern->parts[pattern->n_parts++] = (struct pattern_part){.placeholder = name};
    *ret_next = text + size + 1;
    return 0;
}

static int parse(struct parser *parser, const char *text)
{
    while (*text != '\0') {
        bool is_doubled = text[0] == text[1];
        if (*text == '{' && !is_doubled) {
            int error = add_placeholder(parser, text + 1, &text);
            if (error < 0) {
                return error;
            }
        } else if (*text == '}' && !is_doubled) {
            return refuse(parser, "a '}' stands alone; write '}}' for the character itself");
        } else if (*text == '{' || *text == '}') {
            add_brace(parser, *text);
            text += 2;
        } else {
            parser->pattern->literals[parser->literals_size++] = *text++;
        }
    }
    end_literal(parser);
    return 0;
}

/* `text` is what is parsed, `source` what the author wrote. */
static int build(struct pattern *pattern, const char *source, const char *text, bool is_path,
                 struct placeholder_names *names, const char **ret_fault)
{
    size_t size = strlen(text);
    *pattern = (struct pattern){
        .source = strdup(source),
        .literals = malloc(size + 1),
        .is_path = is_path,
        /* A part takes at least one character. */
        .parts = calloc(size + 1, sizeof *pattern->parts),
    };
    if (pattern->source == NULL || pattern->literals == NULL || pattern->parts == NULL) {
        pattern_done(pattern);
        return -ENOMEM;
    }
    struct parser parser = {.pattern = pattern, .names = names, .ret_fault = ret_fault};
    int error = parse(&parser, text);
    if (error < 0) {
        pattern_done(pattern);
    }
    return error;
}

int pattern_parse(struct pattern *pattern, const char *text, struct placeholder_names *names,
                  const char **ret_fault)
{
    return build(pattern, text, text, false, names, ret_fault);
}

/* Rerun escapes braces as any other sign; here they are still ours to interpret. */
static void unescape_braces(char *text)
{
    char *out = text;
    for (const char *c = text; *c != '\0'; c++) {
        if (c[0] == '\\' && (c[1] == '{' || c[1] == '}')) {
            continue;
        }
        if (c[0] == '\\' && c[1] != '\0') {
            *out++ = *c++;
        }
        *out++ = *c;
    }
    *out = '\0';
}

int pattern_parse_path(struct pattern *pattern, const char *text, struct placeholder_names *names,
                       const char **ret_fault)
{
    struct buffer normal;
    buffer_init(&normal, BUFFER_NO_LIMIT);
    int error = entity_path_normalise(string_view_of(text), &normal);
    if (error == 0) {
        error = buffer_append_zeros(&normal, 1);
    }
    if (error == 0) {
        unescape_braces((char *)normal.data);
        error = build(pattern, text, (char *)normal.data, true, names, ret_fault);
    }
    buffer_done(&normal);
    return error;
}

void pattern_done(struct pattern *pattern)
{
    if (pattern == NULL) {
        return;
    }
    free(pattern->source);
    free(pattern->literals);
    free(pattern->parts);
    *pattern = (struct pattern){0};
}

bool pattern_uses(const struct pattern *pattern, size_t placeholder)
{
    for (size_t i = 0; i < pattern->n_parts; i++) {
        if (pattern->parts[i].placeholder == (int)placeholder) {
            return true;
        }
    }
    return false;
}

/* --- Matching --------------------------------------------------------------------------------- */

/* A position in the subjects, copied at each choice. */
struct cursor {
    size_t subject, part, offset;
};

struct search {
    const struct pattern_subject *subjects;
    size_t n_subjects;
    struct bindings *bindings;
    size_t n_steps;
};

static bool is_captured(int placeholder, bool is_path, char c)
{
    if (placeholder == PLACEHOLDER_PID || placeholder == PLACEHOLDER_TID) {
        return c >= '0' && c <= '9';
    }
    return (unsigned char)c > ' ' && c != 0x7f && !(is_path && c == '/');
}

/* Moves over `literal` if it stands at the cursor. */
static bool step_over(const struct search *search, struct cursor *cursor,
                      struct string_view literal)
{
    struct string_view text = search->subjects[cursor->subject].text;
    if (literal.size > text.size - cursor->offset ||
        memcmp(literal.data, text.data + cursor->offset, literal.size) != 0) {
        return false;
    }
    cursor->offset += literal.size;
    cursor->part++;
    return true;
}

static bool match_from(struct search *search, struct cursor cursor);

/* A name without meaning stands at the cursor: tries all that it may capture. */
static bool match_capture(struct search *search, struct cursor cursor, int placeholder)
{
    const struct pattern_subject *subject = &search->subjects[cursor.subject];
    struct string_view *value = &search->bindings->values[placeholder];
    size_t left = subject->text.size - cursor.offset, longest = 0;

    while (longest < left && is_captured(placeholder, subject->pattern->is_path,
                                         subject->text.data[cursor.offset + longest])) {
        longest++;
    }
    for (size_t size = longest; size > 0 && search->n_steps < PATTERN_MAX_STEPS; size--) {
        struct cursor next = {cursor.subject, cursor.part + 1, cursor.offset + size};
        *value = (struct string_view){subject->text.data + cursor.offset, size};
        if (match_from(search, next)) {
            return true;
        }
    }
    *value = (struct string_view){0};
    return false;
}

/* Recursion is only as deep as there are names. */
static bool match_from(struct search *search, struct cursor cursor)
{
    while (cursor.subject < search->n_subjects) {
        const struct pattern_subject *subject = &search->subjects[cursor.subject];
        search->n_steps++;
        if (cursor.part == subject->pattern->n_parts) {
            if (cursor.offset != subject->text.size) {
                return false;
            }
            cursor = (struct cursor){.subject = cursor.subject + 1};
            continue;
        }
        const struct pattern_part *part = &subject->pattern->parts[cursor.part];
        bool is_bound =
            part->placeholder >= 0 && search->bindings->values[part->placeholder].data != NULL;
        if (part->placeholder >= 0 && !is_bound) {
            return match_capture(search, cursor, part->placeholder);
        }
        if (!step_over(search, &cursor,
                       is_bound ? search->bindings->values[part->placeholder] : part->literal)) {
            return false;
        }
    }
    return true;
}

bool pattern_match(const struct pattern_subject *subjects, size_t n_subjects,
                   struct bindings *bindings)
{
    struct search search = {subjects, n_subjects, bindings, 0};
    return match_from(&search, (struct cursor){0});
}
