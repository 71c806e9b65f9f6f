/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Texts with placeholders: "Logging from pid={pid} as task_{n}".
 *
 *     {pid}            the id of the process that logged the row
 *     {tid}            digits, captured anew for each row
 *     {recording_id}   the id of the recording that the row is in
 *     {name}           any other name: captures one or more characters without white space, and
 *                      without '/' in entity paths; the same name means the same text again
 *     {{ and }}        the braces themselves
 *
 * Where a text can be read in several ways all are tried, longer captures first, over all patterns
 * of a row together. Plain data: thread-safe as long as nobody changes it.
 */
#pragma once

#include "harness/wire/string_view.h"

#include <stddef.h>

/* Numbers of the names that have a meaning of their own. */
enum placeholder {
    PLACEHOLDER_PID = 0,
    PLACEHOLDER_TID = 1,
    PLACEHOLDER_RECORDING_ID = 2,
    PLACEHOLDER_FIRST_FREE = 3,
};

#define PATTERN_MAX_NAMES 64 /* in one file, the three above included */
#define PATTERN_MAX_NAME  32 /* bytes */

/* The names of one file of expectations, by number. */
struct placeholder_names {
    size_t n;
    char *names[PATTERN_MAX_NAMES];
};

struct pattern_part {
    int placeholder;            /* number of its name, or -1: literal */
    struct string_view literal; /* inside the pattern's own memory */
};

struct pattern {
    char *source; /* as written; NULL: no pattern here */
    char *literals;
    bool is_path;
    size_t n_parts;
    struct pattern_part *parts;
};

/* What placeholders stand for, by number; data NULL: nothing yet. */
struct bindings {
    struct string_view values[PATTERN_MAX_NAMES];
};

/* One text that must fit one pattern. */
struct pattern_subject {
    const struct pattern *pattern;
    struct string_view text;
};

/* Fills in the three known names. Returns 0 or -ENOMEM; done is to be called in any case. */
__attribute__((warn_unused_result)) int placeholder_names_init(struct placeholder_names *names);
void placeholder_names_done(struct placeholder_names *names);

/*
 * Parses a text. Returns 0; -EINVAL: *ret_fault (a constant) says what is wrong with it and what to
 * write; -ENOMEM.
 */
__attribute__((warn_unused_result)) int pattern_parse(struct pattern *pattern, const char *text,
                                                      struct placeholder_names *names,
                                                      const char **ret_fault);

/*
 * Parses an entity path, which may lack its first slash and Rerun's escapes: "my task_{n}" is
 * "/my\ task_{n}". Otherwise as pattern_parse.
 */
__attribute__((warn_unused_result)) int pattern_parse_path(struct pattern *pattern,
                                                           const char *text,
                                                           struct placeholder_names *names,
                                                           const char **ret_fault);

/* Frees everything. NULL does nothing. */
void pattern_done(struct pattern *pattern);

/* Tells whether the pattern has that placeholder. */
bool pattern_uses(const struct pattern *pattern, size_t placeholder);

/*
 * Tells whether all texts fit their patterns with one meaning for each name. Names that have one in
 * `bindings` keep it; the others get theirs there if all fit, else stay as they are. Captured texts
 * point into the subjects' texts. Gives up (false) after PATTERN_MAX_STEPS attempts.
 */
#define PATTERN_MAX_STEPS 1000000
bool pattern_match(const struct pattern_subject *subjects, size_t n_subjects,
                   struct bindings *bindings);
