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

static int parse_number(const char *text, unsigned *ret_number)
{
    const char *fault = NULL;
    long long number =
        isdigit((unsigned char)*text) ? strtonum(text, 1, SELECTOR_MAX_NUMBER, &fault) : 0;
    if (number == 0 || fault != NULL) {
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
    return selector->role == role && (selector->birth == 0 || selector->birth == birth);
}

void process_selector_format(const struct process_selector *selector,
                             char text[static SELECTOR_TEXT_SIZE])
{
    const char *one = role_names[selector->role].one;
    if (selector->birth > 0) {
        snprintf(text, SELECTOR_TEXT_SIZE, "%s %u", one, selector->birth);
    } else if (selector->n_processes > 0) {
        snprintf(text, SELECTOR_TEXT_SIZE, "%u %s", selector->n_processes,
                 selector->n_processes == 1 ? one : role_names[selector->role].many);
    } else {
        snprintf(text, SELECTOR_TEXT_SIZE, "%s", one);
    }
}
