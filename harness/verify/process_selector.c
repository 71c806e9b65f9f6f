/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads and writes the names of groups of processes. No state. */
#include "harness/verify/process_selector.h"

#include <bsd/stdlib.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *one, *many;
} role_names[] = {
    [ROLE_UNKNOWN] = {"unknown", "unknown"},
    [ROLE_ROOT] = {"root", NULL},
    [ROLE_CHILD] = {"child", "children"},
    [ROLE_GRANDCHILD] = {"grandchild", "grandchildren"},
};

const char *process_role_name(enum process_role role)
{
    return role_names[role].one;
}

#define NUMBER_MAX_SIZE 20 /* bytes: more are no number that a person writes */

static int parse_number(const char *text, unsigned *ret_number)
{
    const char *fault = NULL;
    long long number =
        isdigit((unsigned char)*text) ? strtonum(text, 1, SELECTOR_MAX_NUMBER, &fault) : 0;
    if (number == 0 || fault != NULL || strlen(text) > NUMBER_MAX_SIZE) {
        return -EINVAL;
    }
    *ret_number = (unsigned)number;
    return 0;
}

static enum process_role find_role(const char *word, bool is_many)
{
    for (enum process_role role = ROLE_ROOT; role <= ROLE_GRANDCHILD; role++) {
        const char *name = is_many ? role_names[role].many : role_names[role].one;
        if (name != NULL && strcmp(name, word) == 0) {
            return role;
        }
    }
    return ROLE_UNKNOWN;
}

/* "child 2", the space at `space`. */
static int parse_birth(const char *text, const char *space, struct process_selector *selector)
{
    char word[SELECTOR_TEXT_SIZE];
    snprintf(word, sizeof word, "%.*s", (int)(space - text), text);
    selector->role = find_role(word, false);
    return selector->role == ROLE_CHILD || selector->role == ROLE_GRANDCHILD
               ? parse_number(space + 1, &selector->birth)
               : -EINVAL;
}

/* "3 children". */
static int parse_count(const char *text, const char *space, struct process_selector *selector)
{
    char number[SELECTOR_TEXT_SIZE];
    snprintf(number, sizeof number, "%.*s", (int)(space - text), text);
    int error = parse_number(number, &selector->n_processes);
    if (error < 0) {
        return error;
    }
    /* "1 child" reads better than "1 children". */
    selector->role = find_role(space + 1, selector->n_processes != 1);
    return selector->role == ROLE_CHILD || selector->role == ROLE_GRANDCHILD ? 0 : -EINVAL;
}

/* The name in "worker", and in "worker 2" the number behind it. */
static int parse_program(const char *text, bool has_birth, struct process_selector *selector)
{
    size_t size = strcspn(text, " \t\r\n\f\v/");
    bool ends = text[size] == '\0';
    if (size == 0 || size > SELECTOR_MAX_PROGRAM || (!ends && (text[size] != ' ' || !has_birth))) {
        return -EINVAL;
    }
    memcpy(selector->program, text, size);
    return ends ? 0 : parse_number(text + size + 1, &selector->birth);
}

/* "3 programs worker", the space at `space`. */
static int parse_program_count(const char *text, const char *space,
                               struct process_selector *selector)
{
    static const char one[] = "program ", many[] = "programs ";
    char number[40];
    snprintf(number, sizeof number, "%.*s", (int)(space - text), text);
    int error = parse_number(number, &selector->n_processes);
    const char *word = selector->n_processes == 1 ? one : many;
    return error == 0 && strncmp(space + 1, word, strlen(word)) == 0
               ? parse_program(space + 1 + strlen(word), false, selector)
               : -EINVAL;
}

int process_selector_parse(const char *text, struct process_selector *ret)
{
    struct process_selector selector = {0};
    const char *space = strchr(text, ' ');
    int error = 0;

    if (strlen(text) >= SELECTOR_TEXT_SIZE) {
        return -EINVAL;
    }
    if (space == NULL) {
        selector.role = find_role(text, false);
        error = selector.role != ROLE_UNKNOWN ? 0 : -EINVAL;
    } else if (strncmp(text, "program ", strlen("program ")) == 0) {
        error = parse_program(space + 1, true, &selector);
    } else if (isdigit((unsigned char)text[0]) && strncmp(space, " program", 8) == 0) {
        error = parse_program_count(text, space, &selector);
    } else if (isdigit((unsigned char)text[0])) {
        error = parse_count(text, space, &selector);
    } else {
        error = parse_birth(text, space, &selector);
    }
    if (error == 0) {
        *ret = selector;
    }
    return error;
}

bool process_selector_covers(const struct process_selector *selector, enum process_role role,
                             unsigned birth)
{
    return selector->program[0] == '\0' && selector->role == role &&
           (selector->birth == 0 || selector->birth == birth);
}

bool process_selector_same_group(const struct process_selector *a, const struct process_selector *b)
{
    return a->role == b->role && strcmp(a->program, b->program) == 0;
}

static void format_program(const struct process_selector *selector,
                           char text[static SELECTOR_TEXT_SIZE])
{
    if (selector->n_processes > 0) {
        snprintf(text, SELECTOR_TEXT_SIZE, "%u program%s %s", selector->n_processes,
                 selector->n_processes == 1 ? "" : "s", selector->program);
    } else if (selector->birth > 0) {
        snprintf(text, SELECTOR_TEXT_SIZE, "program %s %u", selector->program, selector->birth);
    } else {
        snprintf(text, SELECTOR_TEXT_SIZE, "program %s", selector->program);
    }
}

void process_selector_format(const struct process_selector *selector,
                             char text[static SELECTOR_TEXT_SIZE])
{
    const char *one = role_names[selector->role].one;
    if (selector->program[0] != '\0') {
        format_program(selector, text);
    } else if (selector->birth > 0) {
        snprintf(text, SELECTOR_TEXT_SIZE, "%s %u", one, selector->birth);
    } else if (selector->n_processes > 0) {
        snprintf(text, SELECTOR_TEXT_SIZE, "%u %s", selector->n_processes,
                 selector->n_processes == 1 ? one : role_names[selector->role].many);
    } else {
        snprintf(text, SELECTOR_TEXT_SIZE, "%s", one);
    }
}
