/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The keys of a scenario that say how its program is run. Owns the plan until run_plan_done.
 */
#include "harness/verify/run_plan.h"

#include "harness/cleanup.h"
#include "harness/verify/expected_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LOST  1000
#define MAX_SKIPS 64

/* --- run, cwd, stdin, within, xfail ----------------------------------------------------------- */

static int read_word(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    int error = schema_read_any_text(document, node, &plan->words[plan->n_words]);
    plan->n_words += error == 0;
    return error;
}

int run_plan_read_run(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    plan->words = calloc(schema_n_items(node) + 1, sizeof *plan->words);
    if (plan->words == NULL) {
        return -ENOMEM;
    }
    plan->place = yaml_node_place(node);
    int error = schema_read_list(document, node, 1, RUN_PLAN_MAX_WORDS, read_word, plan);
    if (error == 0 && plan->words[0][0] == '\0') {
        return yaml_document_refuse(document, node, "the program's name is empty");
    }
    return error;
}

int run_plan_read_cwd(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_text(document, node, &((struct run_plan *)into)->cwd);
}

int run_plan_read_stdin(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_any_text(document, node, &((struct run_plan *)into)->stdin_text);
}

int run_plan_read_within(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    plan->within_place = yaml_node_place(node);
    return schema_read_duration(document, node, &plan->within_ms);
}

int run_plan_read_xfail(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_text(document, node, &((struct run_plan *)into)->xfail);
}

int run_plan_read_matrix(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return matrix_read(document, node, &((struct run_plan *)into)->matrix);
}

/* --- env -------------------------------------------------------------------------------------- */

/* `~` and `null`, without quotes, are YAML's words for "nothing". */
static bool is_null(const yaml_node_t *node)
{
    const char *value = (const char *)node->data.scalar.value;
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (strcmp(value, "~") == 0 || strcmp(value, "null") == 0);
}

static int read_env_setting(struct yaml_document *document, const yaml_node_pair_t *pair,
                            void *into)
{
    struct run_plan *plan = into;
    const yaml_node_t *key = yaml_document_node(document, pair->key);
    const yaml_node_t *value = yaml_document_node(document, pair->value);
    struct env_setting *setting = &plan->env[plan->n_env];

    int error = schema_read_text(document, key, &setting->name);
    if (error < 0) {
        return error;
    }
    plan->n_env++;
    if (strchr(setting->name, '=') != NULL) {
        return yaml_document_refuse(document, key, "a variable's name has no '='");
    }
    for (size_t i = 0; i + 1 < plan->n_env; i++) {
        if (strcmp(plan->env[i].name, setting->name) == 0) {
            return yaml_document_refuse(document, key, "'%.60s' stands here twice", setting->name);
        }
    }
    return is_null(value) ? 0 : schema_read_any_text(document, value, &setting->value);
}

int run_plan_read_env(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    size_t n = 0;
    int error =
        schema_count_pairs(document, node, "{NAME: value, OTHER: ~}, where ~ takes a variable away",
                           "entries", RUN_PLAN_MAX_WORDS, &n);
    if (error < 0) {
        return error;
    }
    plan->env = calloc(n, sizeof *plan->env);
    return plan->env == NULL ? -ENOMEM : schema_read_pairs(document, node, read_env_setting, plan);
}

/* --- flush ------------------------------------------------------------------------------------ */

static int read_flush_word(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    CLEANUP(free_pointer) char *word = NULL;
    const char *fault;

    int error = schema_read_text(document, node, &word);
    if (error == 0 && flush_words_add(&plan->flush, word, &fault) < 0) {
        return yaml_document_refuse(document, node, "'%.60s' %s (" FLUSH_FORMS ")", word, fault);
    }
    return error;
}

int run_plan_read_flush(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_list(document, node, 1, SETTING_FLUSH_WORDS, read_flush_word, into);
}

/* --- lost, tags ------------------------------------------------------------------------------- */

static int read_lost_process(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    int error = selector_read(document, node, &plan->lost[plan->n_lost]);
    plan->n_lost += error == 0;
    return error;
}

int run_plan_read_lost(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    plan->lost = calloc(schema_n_items(node) + 1, sizeof *plan->lost);
    plan->lost_place = yaml_node_place(node);
    return plan->lost == NULL
               ? -ENOMEM
               : schema_read_list(document, node, 1, MAX_LOST, read_lost_process, plan);
}

static int read_tag(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    int error = schema_read_text(document, node, &plan->tags[plan->n_tags]);
    plan->n_tags += error == 0;
    return error;
}

int run_plan_read_tags(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    plan->tags = calloc(schema_n_items(node) + 1, sizeof *plan->tags);
    return plan->tags == NULL
               ? -ENOMEM
               : schema_read_list(document, node, 1, RUN_PLAN_MAX_TAGS, read_tag, plan);
}

bool run_plan_has_tag(const struct run_plan *plan, const char *tag)
{
    for (size_t i = 0; i < plan->n_tags; i++) {
        if (strcmp(plan->tags[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

/* --- skip_if ---------------------------------------------------------------------------------- */

/* "root", "not root", "env NAME", "no env NAME", "no PROGRAM". */
static bool parse_condition(const char *text, struct skip_condition *condition)
{
    const char *word = text;
    if (strcmp(text, "root") == 0 || strcmp(text, "not root") == 0) {
        condition->kind = SKIP_ROOT;
        condition->is_negated = text[0] == 'n';
        return true;
    }
    condition->is_negated = strncmp(word, "no ", 3) == 0;
    word += condition->is_negated ? 3 : 0;
    bool is_env = strncmp(word, "env ", 4) == 0;
    word += is_env ? 4 : 0;
    condition->kind = is_env ? SKIP_ENV : SKIP_PROGRAM;
    if (word[0] == '\0' || strpbrk(word, " \t\n=") != NULL || (!is_env && !condition->is_negated)) {
        return false;
    }
    condition->word = strdup(word);
    return true;
}

static int read_condition(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    struct skip_condition *condition = &plan->skips[plan->n_skips];
    CLEANUP(free_pointer) char *text = NULL;

    int error = schema_read_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    condition->place = yaml_node_place(node);
    if (!parse_condition(text, condition)) {
        return yaml_document_refuse(document, node,
                                    "'%.60s' is no condition; write 'no PROGRAM', 'env NAME', 'no "
                                    "env NAME', 'root' or 'not root'",
                                    text);
    }
    plan->n_skips++;
    return condition->kind != SKIP_ROOT && condition->word == NULL ? -ENOMEM : 0;
}

int run_plan_read_skip_if(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct run_plan *plan = into;
    plan->skips = calloc(schema_n_items(node) + 1, sizeof *plan->skips);
    return plan->skips == NULL
               ? -ENOMEM
               : schema_read_list(document, node, 1, MAX_SKIPS, read_condition, plan);
}

static bool is_in_path(const char *program)
{
    const char *path = getenv("PATH");
    if (strchr(program, '/') != NULL) {
        return access(program, X_OK) == 0;
    }
    for (const char *at = path != NULL ? path : "/usr/bin:/bin"; *at != '\0';) {
        CLEANUP(free_pointer) char *candidate = NULL;
        size_t size = strcspn(at, ":");
        if (asprintf(&candidate, "%.*s/%s", (int)size, at, program) < 0) {
            candidate = NULL;
        } else if (access(candidate, X_OK) == 0) {
            return true;
        }
        at += size + (at[size] == ':');
    }
    return false;
}

static bool holds(const struct skip_condition *condition)
{
    bool is_there = condition->kind == SKIP_ROOT  ? geteuid() == 0
                    : condition->kind == SKIP_ENV ? getenv(condition->word) != NULL
                                                  : is_in_path(condition->word);
    return is_there != condition->is_negated;
}

const struct skip_condition *run_plan_skips(const struct run_plan *plan)
{
    for (size_t i = 0; i < plan->n_skips; i++) {
        if (holds(&plan->skips[i])) {
            return &plan->skips[i];
        }
    }
    return NULL;
}

void skip_condition_format(const struct skip_condition *condition, char text[static SKIP_TEXT_SIZE])
{
    if (condition->kind == SKIP_ROOT) {
        snprintf(text, SKIP_TEXT_SIZE, condition->is_negated ? "not root" : "root");
    } else {
        snprintf(text, SKIP_TEXT_SIZE, "%s%s%.120s", condition->is_negated ? "no " : "",
                 condition->kind == SKIP_ENV ? "env " : "", condition->word);
    }
}

/* --- The end ---------------------------------------------------------------------------------- */

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(texts[i]);
    }
    free(texts);
}

void run_plan_done(struct run_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    free_texts(plan->words, plan->n_words);
    free_texts(plan->tags, plan->n_tags);
    for (size_t i = 0; i < plan->n_env; i++) {
        free(plan->env[i].name);
        free(plan->env[i].value);
    }
    for (size_t i = 0; i < plan->n_skips; i++) {
        free(plan->skips[i].word);
    }
    free(plan->env);
    free(plan->skips);
    free(plan->lost);
    free(plan->cwd);
    free(plan->stdin_text);
    free(plan->xfail);
    matrix_done(&plan->matrix);
    *plan = (struct run_plan){0};
}
