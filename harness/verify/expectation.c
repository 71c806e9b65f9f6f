/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The keys of an expectation file, which are those of a scenario file, and what follows from all
 * entries together. Owns the expectation until expectation_done.
 */
#include "harness/verify/expectation.h"

#include "harness/cleanup.h"
#include "harness/verify/expected_row.h"
#include "harness/verify/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- expect ----------------------------------------------------------------------------------- */

static int read_row(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expectation *expectation = into;
    int error = expected_row_read(document, node, &expectation->names,
                                  &expectation->rows[expectation->n_rows]);
    expectation->n_rows += error == 0;
    return error;
}

static int read_expect(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expectation *expectation = into;
    if (node->type != YAML_SEQUENCE_NODE) {
        return yaml_document_refuse(document, node,
                                    "must be a list of entries, each beginning with '- '");
    }
    size_t n = schema_n_items(node);
    if (n == 0) {
        return yaml_document_refuse(document, node,
                                    "must have at least one entry: a file that expects nothing "
                                    "proves nothing");
    }
    if (n > EXPECTATION_MAX_ROWS) {
        return yaml_document_refuse(document, node, "has %zu entries, of at most %d", n,
                                    EXPECTATION_MAX_ROWS);
    }
    expectation->rows = calloc(n, sizeof *expectation->rows);
    if (expectation->rows == NULL) {
        return -ENOMEM;
    }
    return schema_read_list(document, node, 1, n, read_row, expectation);
}

/* --- forbid and others -------------------------------------------------------------------------
 */

static int read_forbidden(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expectation *expectation = into;
    int error = forbidden_row_read(document, node, &expectation->names,
                                   &expectation->forbidden[expectation->n_forbidden]);
    expectation->n_forbidden += error == 0;
    return error;
}

static int read_forbid(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expectation *expectation = into;
    size_t n = schema_n_items(node);
    expectation->forbidden = calloc(n + 1, sizeof *expectation->forbidden);
    if (expectation->forbidden == NULL) {
        return -ENOMEM;
    }
    return schema_read_list(document, node, 1, EXPECTATION_MAX_ROWS, read_forbidden, expectation);
}

static int read_others(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    CLEANUP(free_pointer) char *text = NULL;
    int error = schema_read_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    bool is_allowed = strcmp(text, "allowed") == 0;
    if (!is_allowed && strcmp(text, "refused") != 0) {
        return yaml_document_refuse(document, node, "must be 'allowed' or 'refused', not '%.60s'",
                                    text);
    }
    ((struct expectation *)into)->allows_others = is_allowed;
    return 0;
}

/* --- ends ------------------------------------------------------------------------------------- */

static bool same_selector(const struct process_selector *a, const struct process_selector *b)
{
    return process_selector_same_group(a, b) && a->birth == b->birth;
}

static int read_ending(struct yaml_document *document, const yaml_node_pair_t *pair, void *into)
{
    struct expectation *expectation = into;
    CLEANUP(free_pointer) char *text = NULL;
    const yaml_node_t *key = yaml_document_node(document, pair->key);
    const yaml_node_t *value = yaml_document_node(document, pair->value);
    struct expected_ending ending = {.place = yaml_node_place(key)};

    int error = selector_read(document, key, &ending.selector);
    if (error < 0) {
        return error;
    }
    for (size_t i = 0; i < expectation->n_endings; i++) {
        if (same_selector(&expectation->endings[i].selector, &ending.selector)) {
            return yaml_document_refuse(document, key, "'%s' stands here twice",
                                        (const char *)key->data.scalar.value);
        }
    }
    error = schema_read_text(document, value, &text);
    if (error == 0 && ending_parse(text, &ending.ending) < 0) {
        return yaml_document_refuse(document, value, "'%.60s' is no ending; write " ENDING_FORMS,
                                    text);
    }
    if (error == 0) {
        expectation->endings[expectation->n_endings++] = ending;
    }
    return error;
}

static int read_ends(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expectation *expectation = into;
    size_t n = 0;
    int error = schema_count_pairs(document, node, "{root: exit 0, child: _exit 0}", "entries",
                                   EXPECTATION_MAX_ENDINGS, &n);
    if (error < 0) {
        return error;
    }
    expectation->endings = calloc(n, sizeof *expectation->endings);
    return expectation->endings == NULL
               ? -ENOMEM
               : schema_read_pairs(document, node, read_ending, expectation);
}

/* --- Keys that say how the program is run ----------------------------------------------------- */

#define PLAN_READER(key)                                                                           \
    static int read_##key(struct yaml_document *document, const yaml_node_t *node, void *into)     \
    {                                                                                              \
        return run_plan_read_##key(document, node, &((struct expectation *)into)->plan);           \
    }

PLAN_READER(run)
PLAN_READER(env)
PLAN_READER(cwd)
PLAN_READER(stdin)
PLAN_READER(within)
PLAN_READER(flush)
PLAN_READER(lost)
PLAN_READER(tags)
PLAN_READER(skip_if)
PLAN_READER(xfail)
PLAN_READER(matrix)

static int read_about(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_text(document, node, &((struct expectation *)into)->about);
}

/* --- The file --------------------------------------------------------------------------------- */

static const struct schema_key keys[] = {
    {"about", false, read_about},     {"run", false, read_run},
    {"env", false, read_env},         {"cwd", false, read_cwd},
    {"stdin", false, read_stdin},     {"within", false, read_within},
    {"matrix", false, read_matrix},   {"tags", false, read_tags},
    {"skip_if", false, read_skip_if}, {"xfail", false, read_xfail},
    {"ends", false, read_ends},       {"expect", true, read_expect},
    {"lost", false, read_lost},       {"forbid", false, read_forbid},
    {"others", false, read_others},   {"flush", false, read_flush},
};

static const struct schema schema = {"a file of expectations", keys, sizeof keys / sizeof keys[0]};

static bool row_uses(const struct expected_row *row, size_t name)
{
    bool is_used = pattern_uses(&row->entity, name) || pattern_uses(&row->text, name) ||
                   pattern_uses(&row->recording, name) || pattern_uses(&row->application, name);
    for (size_t i = 0; i < row->n_labels && !is_used; i++) {
        is_used = pattern_uses(&row->labels[i], name);
    }
    return is_used;
}

/* {pid} is bound before the first row; {tid} belongs to the row, {recording_id} to its recording.
 */
static void find_shared_names(struct expectation *expectation)
{
    for (size_t name = PLACEHOLDER_FIRST_FREE; name < expectation->names.n; name++) {
        size_t n_users = 0;
        for (size_t i = 0; i < expectation->n_rows; i++) {
            n_users += row_uses(&expectation->rows[i], name);
        }
        expectation->is_shared[name] = n_users > 1;
    }
}

/* The values of a matrix stand in other keys, so they are put there before any of those is read. */
static int choose_case(struct yaml_document *document, size_t index)
{
    CLEANUP(matrix_done) struct matrix matrix = {0};
    const yaml_node_t *node = yaml_document_value(document, "matrix");
    int error = node != NULL ? matrix_read(document, node, &matrix) : 0;
    if (error < 0) {
        return error;
    }
    if (index == EXPECTATION_ONLY_CASE && matrix_n_cases(&matrix) == 1) {
        index = 0;
    }
    if (index >= matrix_n_cases(&matrix)) {
        return yaml_document_refuse(document, node,
                                    "makes %zu cases, and a recording is of one; `lastword test` "
                                    "runs them all",
                                    matrix_n_cases(&matrix));
    }
    return matrix_apply(&matrix, index, document);
}

static int read_document(struct expectation *expectation, struct yaml_document *document,
                         size_t index)
{
    int error = placeholder_names_init(&expectation->names);
    if (error == 0) {
        error = choose_case(document, index);
    }
    if (error == 0) {
        error = schema_read_mapping(document, yaml_document_root(document), &schema, expectation);
    }
    if (error == 0) {
        expectation->path = strdup(document->name);
        error = expectation->path != NULL ? 0 : -ENOMEM;
    }
    if (error == 0) {
        find_shared_names(expectation);
    }
    return error;
}

/* `error` is what opening gave. Takes the document apart in any case. */
static int finish(struct expectation *expectation, struct yaml_document *document, size_t index,
                  int error, char fault[static YAML_FAULT_SIZE])
{
    *expectation = (struct expectation){0};
    if (error == 0) {
        error = read_document(expectation, document, index);
    }
    if (error < 0) {
        expectation_done(expectation);
        memcpy(fault, document->fault, YAML_FAULT_SIZE);
        if (error == -ENOMEM) {
            strcpy(fault, "out of memory");
        }
    }
    yaml_document_done(document);
    return error;
}

int expectation_load(struct expectation *expectation, const char *path, size_t index,
                     char fault[static YAML_FAULT_SIZE])
{
    struct yaml_document document;
    int error = yaml_document_open(&document, path);
    return finish(expectation, &document, index, error, fault);
}

int expectation_parse(struct expectation *expectation, const char *name, const void *bytes,
                      size_t size, char fault[static YAML_FAULT_SIZE])
{
    struct yaml_document document;
    int error = yaml_document_parse(&document, name, bytes, size);
    return finish(expectation, &document, EXPECTATION_ONLY_CASE, error, fault);
}

void expectation_done(struct expectation *expectation)
{
    if (expectation == NULL) {
        return;
    }
    for (size_t i = 0; i < expectation->n_rows; i++) {
        expected_row_done(&expectation->rows[i]);
    }
    for (size_t i = 0; i < expectation->n_forbidden; i++) {
        expected_row_done(&expectation->forbidden[i]);
    }
    free(expectation->rows);
    free(expectation->forbidden);
    free(expectation->endings);
    free(expectation->about);
    free(expectation->path);
    run_plan_done(&expectation->plan);
    placeholder_names_done(&expectation->names);
    *expectation = (struct expectation){0};
}
