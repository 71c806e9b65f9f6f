/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One row against one expectation. Knows nothing of the rows before and after but their bindings.
 */
#include "harness/verify/row_comparison.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define N_SINGLE_PATTERNS 4 /* of an entry, besides labels: entity, ids and text */
#define PATTERN_FIELDS    (FIELD_RECORDING | FIELD_APPLICATION | FIELD_TEXT | FIELD_LABELS)

static size_t most_labels(const struct expected_row *rows, size_t n_rows)
{
    size_t n = 0;
    for (size_t i = 0; i < n_rows; i++) {
        n = rows[i].n_labels > n ? rows[i].n_labels : n;
    }
    return n;
}

int row_comparison_init(struct row_comparison *comparison, const struct expectation *expectation)
{
    size_t of_expected = most_labels(expectation->rows, expectation->n_rows);
    size_t of_forbidden = most_labels(expectation->forbidden, expectation->n_forbidden);
    size_t n_labels = of_expected > of_forbidden ? of_expected : of_forbidden;
    comparison->expectation = expectation;
    comparison->has_shared_names = false;
    for (size_t i = 0; i < PATTERN_MAX_NAMES; i++) {
        comparison->has_shared_names |= expectation->is_shared[i];
    }
    comparison->subjects = calloc(n_labels + N_SINGLE_PATTERNS, sizeof *comparison->subjects);
    return comparison->subjects != NULL ? 0 : -ENOMEM;
}

void row_comparison_done(struct row_comparison *comparison)
{
    if (comparison != NULL) {
        free(comparison->subjects);
        comparison->subjects = NULL;
    }
}

/* --- Fields without placeholders -------------------------------------------------------------- */

static bool color_fits(const struct expected_row *expected, const struct recorded_row *row)
{
    for (size_t i = 0; i < row->n_colors; i++) {
        if (row->colors[i] != expected->color) {
            return false;
        }
    }
    return row->n_colors > 0;
}

static bool boxes_fit(const struct expected_row *expected, const struct recorded_row *row)
{
    if (!row->has_boxes || row->n_boxes != expected->n_boxes) {
        return false;
    }
    for (size_t i = 0; i < row->n_boxes; i++) {
        if (!box_matches(&row->boxes[i], expected->box_format, expected->boxes[i],
                         expected->tolerance)) {
            return false;
        }
    }
    return true;
}

static bool labels_match(struct expression *expression, const struct recorded_row *row)
{
    for (size_t i = 0; i < row->n_labels; i++) {
        if (!expression_matches(expression, row->labels[i])) {
            return false;
        }
    }
    return row->n_labels > 0;
}

static unsigned compare_plain(const struct expected_row *expected, const struct recorded_row *row)
{
    unsigned fields = 0;
    if (expected->text_matches != NULL &&
        (!row->has_text || !expression_matches(expected->text_matches, row->text))) {
        fields |= FIELD_TEXT;
    }
    if (expected->label_matches != NULL && !labels_match(expected->label_matches, row)) {
        fields |= FIELD_LABELS;
    }
    if (expected->level != NULL &&
        (!row->has_level || !string_view_equal(row->level, string_view_of(expected->level)))) {
        fields |= FIELD_LEVEL;
    }
    if (expected->has_color && !color_fits(expected, row)) {
        fields |= FIELD_COLOR;
    }
    if (expected->has_boxes && !boxes_fit(expected, row)) {
        fields |= FIELD_BOXES;
    }
    if (!expected_times_match(&expected->at, row)) {
        fields |= FIELD_TIMES;
    }
    if (expected->has_static && expected->is_static != (row->n_times == 0)) {
        fields |= FIELD_STATIC;
    }
    return fields;
}

/* --- Fields with placeholders ----------------------------------------------------------------- */

static size_t add_subject(struct row_comparison *comparison, size_t n,
                          const struct pattern *pattern, struct string_view text)
{
    comparison->subjects[n] = (struct pattern_subject){pattern, text};
    return n + 1;
}

static bool has_text_if_asked(const struct expected_row *expected, const struct recorded_row *row)
{
    return expected->text.source == NULL || row->has_text;
}

static bool has_labels_if_asked(const struct expected_row *expected, const struct recorded_row *row)
{
    return !expected->has_labels || row->n_labels == expected->n_labels;
}

/* Makes the subjects of the fields that are asked for and that the row has; returns how many. */
static size_t make_subjects(struct row_comparison *comparison, const struct expected_row *expected,
                            const struct recorded_row *row, unsigned fields)
{
    size_t n = add_subject(comparison, 0, &expected->entity, string_view_of(row->entity));
    if (fields & FIELD_RECORDING && expected->recording.source != NULL) {
        n = add_subject(comparison, n, &expected->recording, row->recording_id);
    }
    if (fields & FIELD_APPLICATION && expected->application.source != NULL) {
        n = add_subject(comparison, n, &expected->application, row->application_id);
    }
    if (fields & FIELD_TEXT && expected->text.source != NULL && row->has_text) {
        n = add_subject(comparison, n, &expected->text, row->text);
    }
    if (fields & FIELD_LABELS && expected->has_labels && row->n_labels == expected->n_labels) {
        for (size_t i = 0; i < row->n_labels; i++) {
            n = add_subject(comparison, n, &expected->labels[i], row->labels[i]);
        }
    }
    return n;
}

static bool fits(struct row_comparison *comparison, const struct expected_row *expected,
                 const struct recorded_row *row, unsigned fields, struct bindings *bindings)
{
    size_t n = make_subjects(comparison, expected, row, fields);
    return pattern_match(comparison->subjects, n, bindings);
}

/* All together, and if they do not fit, the first that does not go with the entity. */
static unsigned compare_patterns(struct row_comparison *comparison,
                                 const struct expected_row *expected,
                                 const struct recorded_row *row, struct bindings *bindings)
{
    unsigned fields = 0;
    if (!has_text_if_asked(expected, row)) {
        fields |= FIELD_TEXT;
    }
    if (!has_labels_if_asked(expected, row)) {
        fields |= FIELD_LABELS;
    }
    if (fits(comparison, expected, row, PATTERN_FIELDS, bindings)) {
        return fields;
    }
    /* One more at a time: the first with which they no longer fit is told. */
    static const enum row_field order[] = {FIELD_ENTITY, FIELD_RECORDING, FIELD_APPLICATION,
                                           FIELD_TEXT};
    unsigned asked = 0;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        struct bindings scratch = *bindings;
        asked |= order[i];
        if (!fits(comparison, expected, row, asked, &scratch)) {
            return fields | order[i];
        }
    }
    return fields | FIELD_LABELS;
}

/* Takes back what a row bound, but for what is shared; before it there was `before`. */
static void forget_row(const struct expectation *expectation, struct bindings *bindings,
                       const struct bindings *before)
{
    for (size_t i = 0; i < PATTERN_MAX_NAMES; i++) {
        if (!expectation->is_shared[i]) {
            bindings->values[i] = before->values[i];
        }
    }
}

unsigned row_comparison_run(struct row_comparison *comparison, const struct expected_row *expected,
                            const struct recorded_row *row, struct bindings *bindings)
{
    struct bindings scratch = *bindings;
    scratch.values[PLACEHOLDER_RECORDING_ID] = row->recording_id;
    unsigned fields =
        compare_patterns(comparison, expected, row, &scratch) | compare_plain(expected, row);
    if (fields == 0) {
        forget_row(comparison->expectation, &scratch, bindings);
        *bindings = scratch;
    }
    return fields;
}

void row_comparison_explain(struct row_comparison *comparison, const struct expected_row *expected,
                            const struct recorded_row *row, const struct bindings *bindings,
                            char note[static ROW_NOTE_SIZE])
{
    struct bindings known = *bindings, found = {0};
    known.values[PLACEHOLDER_RECORDING_ID] = row->recording_id;
    note[0] = '\0';
    if (!has_text_if_asked(expected, row) || !has_labels_if_asked(expected, row) ||
        !fits(comparison, expected, row, PATTERN_FIELDS, &found)) {
        return;
    }
    for (size_t i = 0; i < comparison->expectation->names.n; i++) {
        struct string_view is = known.values[i], got = found.values[i];
        if (is.data != NULL && got.data != NULL && !string_view_equal(is, got)) {
            snprintf(note, ROW_NOTE_SIZE, "{%s} is %.*s here, not %.*s",
                     comparison->expectation->names.names[i], (int)(is.size < 50 ? is.size : 50),
                     is.data, (int)(got.size < 50 ? got.size : 50), got.data);
            return;
        }
    }
}
