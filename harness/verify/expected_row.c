/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The keys of one entry of `expect` or `forbid`: the table, a reader for each, and what may not
 * stand together. Owns nothing beyond a call.
 */
#include "harness/verify/expected_row.h"

#include "harness/cleanup.h"
#include "harness/verify/expected_boxes.h"
#include "harness/verify/expected_count.h"
#include "harness/verify/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LABELS 100000 /* in one entry */

/* The table's readers get this. */
struct reading {
    struct expected_row *row;
    struct placeholder_names *names;
    bool has_label_list;
};

int selector_read(struct yaml_document *document, const yaml_node_t *node,
                  struct process_selector *ret_selector)
{
    CLEANUP(free_pointer) char *text = NULL;
    int error = schema_read_text(document, node, &text);
    if (error == 0 && process_selector_parse(text, ret_selector) < 0) {
        return yaml_document_refuse(document, node, "'%.60s' is no process; write " SELECTOR_FORMS,
                                    text);
    }
    return error;
}

static int read_process(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return selector_read(document, node, &((struct reading *)into)->row->selector);
}

static int read_pattern(struct yaml_document *document, const yaml_node_t *node,
                        struct reading *reading,
                        int (*parse)(struct pattern *, const char *, struct placeholder_names *,
                                     const char **),
                        struct pattern *pattern)
{
    CLEANUP(free_pointer) char *text = NULL;
    const char *why = NULL;
    int error = schema_read_any_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    error = parse(pattern, text, reading->names, &why);
    return error == -EINVAL ? yaml_document_refuse(document, node, "%s", why) : error;
}

static int read_entity(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct reading *reading = into;
    return read_pattern(document, node, reading, pattern_parse_path, &reading->row->entity);
}

static int read_text(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct reading *reading = into;
    return read_pattern(document, node, reading, pattern_parse, &reading->row->text);
}

static int read_recording(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct reading *reading = into;
    return read_pattern(document, node, reading, pattern_parse, &reading->row->recording);
}

static int read_application(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct reading *reading = into;
    return read_pattern(document, node, reading, pattern_parse, &reading->row->application);
}

static int read_expression(struct yaml_document *document, const yaml_node_t *node,
                           struct expression **expression)
{
    CLEANUP(free_pointer) char *text = NULL;
    char why[EXPRESSION_FAULT_SIZE] = "";
    int error = schema_read_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    *expression = calloc(1, sizeof **expression);
    if (*expression == NULL) {
        return -ENOMEM;
    }
    error = expression_compile(*expression, text, why);
    return error == -EINVAL ? yaml_document_refuse(document, node, "%s", why) : error;
}

static int read_text_matches(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return read_expression(document, node, &((struct reading *)into)->row->text_matches);
}

static int read_label_matches(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return read_expression(document, node, &((struct reading *)into)->row->label_matches);
}

static int read_level(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return schema_read_text(document, node, &((struct reading *)into)->row->level);
}

/* "#rrggbb", "#rrggbbaa" or 0xrrggbbaa. */
static bool parse_color(const char *text, uint32_t *ret_color)
{
    const char *digits = text[0] == '#' ? text + 1 : strncmp(text, "0x", 2) == 0 ? text + 2 : "";
    size_t n = strlen(digits);

    if (strspn(digits, "0123456789abcdefABCDEF") != n || (n != 8 && (n != 6 || text[0] != '#'))) {
        return false;
    }
    uint32_t value = (uint32_t)strtoul(digits, NULL, 16);
    *ret_color = n == 6 ? value << 8 | 0xff : value;
    return true;
}

static int read_color(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expected_row *row = ((struct reading *)into)->row;
    CLEANUP(free_pointer) char *text = NULL;
    int error = schema_read_text(document, node, &text);
    if (error == 0 && !parse_color(text, &row->color)) {
        return yaml_document_refuse(
            document, node, "'%.60s' is no colour; write \"#rrggbb\", \"#rrggbbaa\" or 0xrrggbbaa",
            text);
    }
    row->has_color = error == 0;
    return error;
}

/* --- Times ------------------------------------------------------------------------------------ */

static int read_at(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return expected_times_read(document, node, &((struct reading *)into)->row->at);
}

static int read_static(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expected_row *row = ((struct reading *)into)->row;
    CLEANUP(free_pointer) char *text = NULL;
    int error = schema_read_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    row->has_static = true;
    row->is_static = strcmp(text, "true") == 0;
    return row->is_static || strcmp(text, "false") == 0
               ? 0
               : yaml_document_refuse(document, node, "must be true or false, not '%.60s'", text);
}

/* --- Boxes ------------------------------------------------------------------------------------ */

static int read_boxes(struct yaml_document *document, const yaml_node_t *node, void *into,
                      enum box_format format)
{
    return expected_boxes_read(document, node, format, ((struct reading *)into)->row);
}

static int read_xywh(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return read_boxes(document, node, into, BOX_XYWH);
}

static int read_yxhw(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return read_boxes(document, node, into, BOX_YXHW);
}

static int read_xyxy(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return read_boxes(document, node, into, BOX_XYXY);
}

static int read_yxyx(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return read_boxes(document, node, into, BOX_YXYX);
}

static int read_xcycwh(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return read_boxes(document, node, into, BOX_XCYCWH);
}

static int read_xcycw2h2(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return read_boxes(document, node, into, BOX_XCYCW2H2);
}

/* --- Labels ----------------------------------------------------------------------------------- */

static int read_one_label(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct reading *reading = into;
    struct expected_row *row = reading->row;
    return read_pattern(document, node, reading, pattern_parse, &row->labels[row->n_labels++]);
}

static int begin_labels(struct yaml_document *document, const yaml_node_t *node,
                        struct expected_row *row, size_t n)
{
    if (row->has_labels) {
        return yaml_document_refuse(document, node, "write 'label' or 'labels', not both");
    }
    row->labels = calloc(n + 1, sizeof *row->labels);
    if (row->labels == NULL) {
        return -ENOMEM;
    }
    row->has_labels = true;
    return 0;
}

static int read_label(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    int error = begin_labels(document, node, ((struct reading *)into)->row, 1);
    return error < 0 ? error : read_one_label(document, node, into);
}

/* An empty list says that there must be none. */
static int read_labels(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    size_t n = schema_n_items(node);
    int error = begin_labels(document, node, ((struct reading *)into)->row, n);
    return error < 0 ? error
                     : schema_read_list(document, node, 0, MAX_LABELS, read_one_label, into);
}

/* --- The rest, and the whole ------------------------------------------------------------------ */

static int read_tolerance(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expected_row *row = ((struct reading *)into)->row;
    int error = schema_read_number(document, node, &row->tolerance);
    return error == 0 && row->tolerance < 0
               ? yaml_document_refuse(document, node, "must not be negative")
               : error;
}

static int read_count(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    return expected_count_read(document, node, ((struct reading *)into)->row);
}

static const struct schema_key keys[] = {
    {"process", true, read_process},
    {"entity", true, read_entity},
    {"text", false, read_text},
    {"text_matches", false, read_text_matches},
    {"level", false, read_level},
    {"color", false, read_color},
    {"box_xywh", false, read_xywh},
    {"box_yxhw", false, read_yxhw},
    {"box_xyxy", false, read_xyxy},
    {"box_yxyx", false, read_yxyx},
    {"box_xcycwh", false, read_xcycwh},
    {"box_xcycw2h2", false, read_xcycw2h2},
    {"label", false, read_label},
    {"labels", false, read_labels},
    {"label_matches", false, read_label_matches},
    {"at", false, read_at},
    {"static", false, read_static},
    {"recording", false, read_recording},
    {"application", false, read_application},
    {"tolerance", false, read_tolerance},
    {"count", false, read_count}, /* the last: not in `forbid` */
};
#define N_KEYS (sizeof keys / sizeof keys[0])

static const struct schema expect_schema = {"an entry of expect", keys, N_KEYS};
static const struct schema forbid_schema = {"an entry of forbid", keys, N_KEYS - 1};

static int check(struct yaml_document *document, const yaml_node_t *node,
                 const struct expected_row *row)
{
    bool is_text = row->text.source != NULL || row->text_matches != NULL || row->level != NULL;
    if (row->text.source != NULL && row->text_matches != NULL) {
        return yaml_document_refuse(document, node, "write 'text' or 'text_matches', not both");
    }
    if (row->has_labels && row->label_matches != NULL) {
        return yaml_document_refuse(document, node, "write '%s' or 'label_matches', not both",
                                    row->n_labels == 1 ? "label" : "labels");
    }
    if (row->at.n > 0 && row->is_static) {
        return yaml_document_refuse(document, node,
                                    "'at' speaks of times, and static rows have none");
    }
    if (is_text && (row->has_boxes || row->has_labels || row->label_matches != NULL)) {
        return yaml_document_refuse(document, node,
                                    "text and boxes are rows of their own: write two entries");
    }
    if (row->tolerance >= 0 && !row->has_boxes) {
        return yaml_document_refuse(document, node,
                                    "'tolerance' is of box numbers, and this entry has none");
    }
    return 0;
}

static int read_entry(struct yaml_document *document, const yaml_node_t *node,
                      const struct schema *schema, struct placeholder_names *names,
                      struct expected_row *row)
{
    *row = (struct expected_row){
        .place = yaml_node_place(node),
        .min_count = 1,
        .max_count = 1,
        .tolerance = -1, /* not said */
    };
    struct reading reading = {.row = row, .names = names};
    int error = schema_read_mapping(document, node, schema, &reading);
    if (error == 0) {
        error = check(document, node, row);
    }
    if (error < 0) {
        expected_row_done(row);
    } else if (row->tolerance < 0) {
        row->tolerance = EXPECTATION_TOLERANCE;
    }
    return error;
}

int expected_row_read(struct yaml_document *document, const yaml_node_t *node,
                      struct placeholder_names *names, struct expected_row *row)
{
    return read_entry(document, node, &expect_schema, names, row);
}

int forbidden_row_read(struct yaml_document *document, const yaml_node_t *node,
                       struct placeholder_names *names, struct expected_row *row)
{
    int error = read_entry(document, node, &forbid_schema, names, row);
    if (error == 0 && row->selector.n_processes > 0) {
        char text[SELECTOR_TEXT_SIZE];
        process_selector_format(&row->selector, text);
        expected_row_done(row);
        error = yaml_document_refuse(document, node,
                                     "forbid counts no processes: write 'child' or 'program NAME', "
                                     "not '%.60s'",
                                     text);
    }
    return error;
}

void expected_row_done(struct expected_row *row)
{
    if (row == NULL) {
        return;
    }
    pattern_done(&row->entity);
    pattern_done(&row->text);
    expression_done(row->text_matches);
    free(row->text_matches);
    expression_done(row->label_matches);
    free(row->label_matches);
    expected_times_done(&row->at);
    pattern_done(&row->recording);
    pattern_done(&row->application);
    for (size_t i = 0; i < row->n_labels; i++) {
        pattern_done(&row->labels[i]);
    }
    free(row->labels);
    free(row->level);
    free(row->boxes);
    *row = (struct expected_row){0};
}
