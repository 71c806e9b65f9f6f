/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which processes an expectation speaks of, as its author writes it:
 *
 *     root          the program that `run` started
 *     child         each process that the root made; at least one
 *     grandchild    each process below those, however deep; at least one
 *     child 2       the second child in the order of birth
 *     3 children    each child, and there must be exactly three
 *
 *     program worker       each process that was the program worker, at first or by exec: the file
 *                          name of its executable; at least one, wherever in the tree
 *     program worker 2     the second of them in the order of birth
 *     3 programs worker    each of them, and there must be exactly three
 *
 * Plain data, thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum process_role {
    ROLE_UNKNOWN = 0, /* of a process whose ancestors are not known; no selector has it */
    ROLE_ROOT,
    ROLE_CHILD,
    ROLE_GRANDCHILD,
};

#define SELECTOR_MAX_NUMBER  100000
#define SELECTOR_MAX_PROGRAM 255 /* bytes of a file name: NAME_MAX */

struct process_selector {
    enum process_role role; /* ROLE_UNKNOWN: by program */
    unsigned birth; /* only the process born as this one of its role or program, from 1; 0: each */
    unsigned n_processes; /* how many of the role or program there must be; 0: at least one */
    char program[SELECTOR_MAX_PROGRAM + 1]; /* without '/' and blanks; "": by role */
};

/* Reads the forms above. Returns 0, or -EINVAL. */
__attribute__((warn_unused_result)) int process_selector_parse(const char *text,
                                                               struct process_selector *ret);

/* Tells whether a process of that role, born as number `birth` of it (from 1), is meant by a
 * selector by role. process_is_meant (process_programs.h) knows all selectors. */
bool process_selector_covers(const struct process_selector *selector, enum process_role role,
                             unsigned birth);

/* Tells whether both speak of the same role or program. */
bool process_selector_same_group(const struct process_selector *a,
                                 const struct process_selector *b);

/* Returns "root", "child", "grandchild" or "unknown". */
const char *process_role_name(enum process_role role);

#define SELECTOR_TEXT_SIZE (SELECTOR_MAX_PROGRAM + 40)

/* Writes the selector as its author would: "child 2". */
void process_selector_format(const struct process_selector *selector,
                             char text[static SELECTOR_TEXT_SIZE]);

/* For messages: what can be written. */
#define SELECTOR_FORMS "root, child, grandchild, 'child 2', '3 children' or 'program NAME'"
