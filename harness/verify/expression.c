/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * regcomp(3) and regexec(3) with bounds. glibc's matcher is an automaton that is made while it
 * runs, so there is no backtracking without back-references; but each new state stays in memory and
 * is searched for among all others. Hence the limits, and hence the cache that is thrown away.
 */
#include "harness/verify/expression.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- What is refused before regcomp sees it --------------------------------------------------- */

#define MAX_DEPTH EXPRESSION_MAX_SIZE

struct scan {
    const char *at;
    size_t depth;
    bool has_count[MAX_DEPTH + 1]; /* a counted repetition stands in the group of that depth */
    bool last_has_count;           /* and in the item before this place */
    unsigned long total;           /* of all upper bounds */
};

/* Skips "[...]", in which nothing repeats and "]" may stand first. */
static void skip_bracket(struct scan *scan)
{
    const char *at = scan->at + 1;
    at += *at == '^';
    at += *at == ']';
    while (*at != '\0' && *at != ']') {
        /* "[:alpha:]", "[.x.]", "[=x=]" */
        bool is_class = at[0] == '[' && at[1] != '\0' && strchr(":.=", at[1]) != NULL;
        const char end[] = {is_class ? at[1] : '\0', ']', '\0'};
        const char *close = is_class ? strstr(at + 2, end) : NULL;
        at = close != NULL ? close + 2 : at + 1;
    }
    scan->at = *at == ']' ? at + 1 : at;
}

/* "{3}", "{3,}", "{3,5}": the larger bound counts; regcomp finds what is malformed. */
static const char *scan_count(struct scan *scan)
{
    char *end = NULL;
    unsigned long bound = strtoul(scan->at + 1, &end, 10);
    if (*end == ',' && isdigit((unsigned char)end[1])) {
        bound = strtoul(end + 1, &end, 10);
    }
    if (scan->last_has_count) {
        return "a counted repetition of a counted repetition can grow beyond all bounds; write it "
               "out";
    }
    scan->total = bound > EXPRESSION_MAX_REPEAT ? bound : scan->total + bound;
    if (scan->total > EXPRESSION_MAX_REPEAT) {
        return "the repetitions in braces come to more than 255";
    }
    scan->has_count[scan->depth] = scan->last_has_count = true;
    scan->at = *end == '}' ? end + 1 : end;
    return NULL;
}

static const char *scan_one(struct scan *scan)
{
    switch (*scan->at) {
    case '\\':
        if (isdigit((unsigned char)scan->at[1])) {
            return "back-references (\\1) are not allowed: they can take forever";
        }
        scan->at += scan->at[1] != '\0';
        break;
    case '[':
        scan->last_has_count = false;
        skip_bracket(scan);
        return NULL;
    case '(':
        scan->has_count[++scan->depth] = false;
        break;
    case ')':
        if (scan->depth == 0) {
            /* glibc would take it for a character, and our own parentheses would end there. */
            return "a ')' without its '('; write \\) for the character itself";
        }
        scan->last_has_count = scan->has_count[scan->depth--];
        scan->has_count[scan->depth] |= scan->last_has_count;
        scan->at++;
        return NULL;
    case '{':
        return scan_count(scan);
    case '*':
    case '+':
    case '?':
        scan->at++; /* "a{3}*": still of the same item */
        return NULL;
    default:
        break;
    }
    scan->last_has_count = false;
    scan->at++;
    return NULL;
}

/* Returns what is wrong, or NULL. */
static const char *find_danger(const char *text)
{
    struct scan scan = {.at = text};
    const char *fault = NULL;
    while (fault == NULL && *scan.at != '\0') {
        fault = scan_one(&scan);
    }
    return fault;
}

/* --- Compiling -------------------------------------------------------------------------------- */

static int compile(regex_t *compiled, const char *text, char fault[static EXPRESSION_FAULT_SIZE])
{
    int error = regcomp(compiled, text, REG_EXTENDED | REG_NOSUB);
    if (error != 0) {
        char why[80];
        regerror(error, compiled, why, sizeof why);
        snprintf(fault, EXPRESSION_FAULT_SIZE, "no POSIX extended regular expression: %s", why);
    }
    return error == 0 ? 0 : error == REG_ESPACE ? -ENOMEM : -EINVAL;
}

/* The whole text must fit. */
static int compile_whole(regex_t *compiled, const char *text,
                         char fault[static EXPRESSION_FAULT_SIZE])
{
    char whole[EXPRESSION_MAX_SIZE + 8];
    snprintf(whole, sizeof whole, "^(%s)$", text);
    return compile(compiled, whole, fault);
}

static int compile_both(struct expression *expression, const char *text,
                        char fault[static EXPRESSION_FAULT_SIZE])
{
    /* First as it stands, so that what is wrong is told of what the author wrote. */
    regex_t alone;
    int error = compile(&alone, text, fault);
    if (error == 0) {
        regfree(&alone);
        error = compile_whole(&expression->compiled, text, fault);
    }
    return error;
}

static void free_parts(struct expression *expression)
{
    free(expression->source);
    if (expression->utf8 != (locale_t)0) {
        freelocale(expression->utf8);
    }
    *expression = (struct expression){0};
}

int expression_compile(struct expression *expression, const char *text,
                       char fault[static EXPRESSION_FAULT_SIZE])
{
    const char *danger =
        strlen(text) > EXPRESSION_MAX_SIZE ? "longer than 256 bytes" : find_danger(text);
    if (danger != NULL) {
        snprintf(fault, EXPRESSION_FAULT_SIZE, "%s", danger);
        return -EINVAL;
    }
    *expression = (struct expression){
        .source = strdup(text),
        .utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0),
    };
    int error = expression->source != NULL ? 0 : -ENOMEM;
    if (error == 0) {
        locale_t before = uselocale(expression->utf8);
        error = compile_both(expression, text, fault);
        uselocale(before);
    }
    if (error < 0) {
        free_parts(expression);
    }
    return error;
}

void expression_done(struct expression *expression)
{
    if (expression != NULL && expression->source != NULL) {
        regfree(&expression->compiled);
        free_parts(expression);
    }
}

/* --- Matching --------------------------------------------------------------------------------- */

/* Without memory for a new one the old one goes on: it is only slower. */
static void drop_cache(struct expression *expression)
{
    regex_t fresh;
    char fault[EXPRESSION_FAULT_SIZE];
    if (compile_whole(&fresh, expression->source, fault) == 0) {
        regfree(&expression->compiled);
        expression->compiled = fresh;
        expression->n_bytes = 0;
    }
}

bool expression_matches(struct expression *expression, struct string_view text)
{
    char copy[EXPRESSION_MAX_TEXT + 1];
    if (text.size > EXPRESSION_MAX_TEXT) {
        return false;
    }
    /* Sanitizers look for a terminator even where the end is given. */
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    locale_t before = uselocale(expression->utf8);
    if (expression->n_bytes > EXPRESSION_MAX_TEXT) {
        drop_cache(expression);
    }
    expression->n_bytes += text.size;
    /* A GNU and BSD extension: the end is given, so that what is behind a NUL counts. */
    regmatch_t range = {0, (regoff_t)text.size};
    bool fits = regexec(&expression->compiled, copy, 1, &range, REG_STARTEND) == 0;
    uselocale(before);
    return fits;
}
