/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a scenario file says of running it: the program and its surroundings, when it is left out,
 * and what must be lost without the shim. docs/scenarios.md is the reference of the keys.
 *
 * Plain data after reading: thread-safe as long as nobody changes it.
 */
#pragma once

#include "harness/flush_words.h"
#include "harness/verify/matrix.h"
#include "harness/verify/process_selector.h"
#include "harness/verify/schema.h"

#define RUN_PLAN_MAX_WORDS 4096 /* of `run`, and entries of `env` */
#define RUN_PLAN_MAX_TAGS  64

/* One entry of `env`. */
struct env_setting {
    char *name;
    char *value; /* NULL: the variable is not there */
};

/* One entry of `skip_if`. */
struct skip_condition {
    struct yaml_place place;
    bool is_negated; /* "no python3", "no env DISPLAY", "not root" */
    enum { SKIP_PROGRAM, SKIP_ENV, SKIP_ROOT } kind;
    char *word; /* of SKIP_PROGRAM and SKIP_ENV */
};

struct run_plan {
    struct yaml_place place; /* of `run`; line 0: there is none, the file is for `verify` alone */
    size_t n_words;
    char **words; /* the program and its arguments, NULL-terminated */
    size_t n_env;
    struct env_setting *env;
    char *cwd;        /* NULL: the folder of the file */
    char *stdin_text; /* NULL: nothing to read */
    struct flush_words flush;
    int64_t within_ms; /* 0: not said */
    struct yaml_place within_place;
    size_t n_lost;
    struct process_selector *lost;
    struct yaml_place lost_place;
    size_t n_tags;
    char **tags;
    size_t n_skips;
    struct skip_condition *skips;
    char *xfail; /* the reason, or NULL */
    struct matrix matrix;
};

/*
 * Readers of a schema table for the keys of the same names; `into` is a struct run_plan. Errors:
 * see schema.h; run_plan_done is to be called in any case.
 */
int run_plan_read_run(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_env(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_cwd(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_stdin(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_within(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_flush(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_lost(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_tags(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_skip_if(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_xfail(struct yaml_document *document, const yaml_node_t *node, void *into);
int run_plan_read_matrix(struct yaml_document *document, const yaml_node_t *node, void *into);

/* Frees everything. NULL does nothing. */
void run_plan_done(struct run_plan *plan);

/* Tells whether `tag` stands in `tags`. */
bool run_plan_has_tag(const struct run_plan *plan, const char *tag);

/*
 * Returns the first condition of `skip_if` that holds on this machine, or NULL. Looks at PATH, the
 * environment and the user.
 */
const struct skip_condition *run_plan_skips(const struct run_plan *plan);

#define SKIP_TEXT_SIZE 160

/* Writes a condition as its author would: "no python3". */
void skip_condition_format(const struct skip_condition *condition,
                           char text[static SKIP_TEXT_SIZE]);
