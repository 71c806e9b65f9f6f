/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes rows and their fields as one would write them into an expectation. No state. */
#include "harness/verify/row_text.h"

#include "harness/verify/time_value.h"

#include <inttypes.h>

#define MAX_TEXT  2000 /* bytes of one text */
#define MAX_ITEMS 8    /* boxes, labels or colours of one row */

static void print_text(const struct terminal *terminal, struct string_view text)
{
    terminal_quote(terminal, text, MAX_TEXT);
}

/* Brackets and commas around n items; after MAX_ITEMS only their number. */
static void print_in(char open, char close, const struct terminal *terminal, size_t n,
                     void (*print_item)(const struct terminal *, const void *, size_t),
                     const void *context)
{
    fputc(open, terminal->out);
    for (size_t i = 0; i < n; i++) {
        if (i == MAX_ITEMS) {
            fprintf(terminal->out, ", ... %zu in all", n);
            break;
        }
        fputs(i > 0 ? ", " : "", terminal->out);
        print_item(terminal, context, i);
    }
    fputc(close, terminal->out);
}

/* --- Items ------------------------------------------------------------------------------------ */

static void print_pattern(const struct terminal *terminal, const void *patterns, size_t i)
{
    print_text(terminal, string_view_of(((const struct pattern *)patterns)[i].source));
}

static void print_label(const struct terminal *terminal, const void *labels, size_t i)
{
    print_text(terminal, ((const struct string_view *)labels)[i]);
}

static void print_color(const struct terminal *terminal, const void *colors, size_t i)
{
    fprintf(terminal->out, "\"#%08" PRIx32 "\"", ((const uint32_t *)colors)[i]);
}

static void print_numbers(const struct terminal *terminal, const double numbers[static 4],
                          int digits)
{
    fprintf(terminal->out, "[%.*g, %.*g, %.*g, %.*g]", digits, numbers[0], digits, numbers[1],
            digits, numbers[2], digits, numbers[3]);
}

static void print_expected_box(const struct terminal *terminal, const void *context, size_t i)
{
    const struct expected_row *row = context;
    print_numbers(terminal, row->boxes[i], 12);
}

struct box_list {
    const struct box *boxes;
    enum box_format format;
};

/* Floats have about seven digits. */
static void print_recorded_box(const struct terminal *terminal, const void *list, size_t i)
{
    const struct box_list *boxes = list;
    double numbers[4];
    box_express(&boxes->boxes[i], boxes->format, numbers);
    print_numbers(terminal, numbers, 7);
}

static void print_expected_time(const struct terminal *terminal, const void *times, size_t i)
{
    const struct expected_time *time = &((const struct expected_time *)times)[i];
    terminal_print(terminal, string_view_of(time->timeline), MAX_TEXT);
    fputs(": ", terminal->out);
    terminal_print(terminal, string_view_of(time->source), MAX_TEXT);
}

static void print_recorded_time(const struct terminal *terminal, const void *times, size_t i)
{
    const struct recorded_time *time = &((const struct recorded_time *)times)[i];
    char text[TIME_VALUE_TEXT_SIZE];
    time_value_format(time->type, time->value, text);
    terminal_print(terminal, time->timeline, MAX_TEXT);
    fprintf(terminal->out, ": %s", text);
}

/* One item stands alone, as it may in an expectation. */
static void print_items(const struct terminal *terminal, size_t n,
                        void (*print_item)(const struct terminal *, const void *, size_t),
                        const void *context)
{
    if (n == 1) {
        print_item(terminal, context, 0);
    } else {
        print_in('[', ']', terminal, n, print_item, context);
    }
}

/* --- Fields ----------------------------------------------------------------------------------- */

const char *row_text_field_name(const struct expected_row *expected, enum row_field field)
{
    switch (field) {
    case FIELD_ENTITY:
        return "entity";
    case FIELD_TEXT:
        return expected->text_matches != NULL ? "text_matches" : "text";
    case FIELD_LEVEL:
        return "level";
    case FIELD_COLOR:
        return "color";
    case FIELD_BOXES:
        return box_format_key(expected->box_format);
    case FIELD_LABELS:
        return expected->label_matches != NULL ? "label_matches"
               : expected->n_labels == 1       ? "label"
                                               : "labels";
    case FIELD_RECORDING:
        return "recording";
    case FIELD_APPLICATION:
        return "application";
    case FIELD_TIMES:
        return "at";
    case FIELD_STATIC:
        return "static";
    }
    return "?";
}

void row_text_print_expected_field(const struct terminal *terminal, const struct expected_row *row,
                                   enum row_field field)
{
    switch (field) {
    case FIELD_ENTITY:
        terminal_print(terminal, string_view_of(row->entity.source), MAX_TEXT);
        break;
    case FIELD_TEXT:
        print_text(terminal, string_view_of(row->text_matches != NULL ? row->text_matches->source
                                                                      : row->text.source));
        break;
    case FIELD_LEVEL:
        terminal_print(terminal, string_view_of(row->level), MAX_TEXT);
        break;
    case FIELD_COLOR:
        print_color(terminal, &row->color, 0);
        break;
    case FIELD_BOXES:
        print_items(terminal, row->n_boxes, print_expected_box, row);
        break;
    case FIELD_LABELS:
        if (row->label_matches != NULL) {
            print_text(terminal, string_view_of(row->label_matches->source));
        } else {
            print_items(terminal, row->n_labels, print_pattern, row->labels);
        }
        break;
    case FIELD_RECORDING:
        print_text(terminal, string_view_of(row->recording.source));
        break;
    case FIELD_APPLICATION:
        print_text(terminal, string_view_of(row->application.source));
        break;
    case FIELD_TIMES:
        print_in('{', '}', terminal, row->at.n, print_expected_time, row->at.times);
        break;
    case FIELD_STATIC:
        fputs(row->is_static ? "true" : "false", terminal->out);
        break;
    }
}

static bool has_field(const struct recorded_row *row, enum row_field field)
{
    switch (field) {
    case FIELD_ENTITY:
        return true;
    case FIELD_TEXT:
        return row->has_text;
    case FIELD_LEVEL:
        return row->has_level;
    case FIELD_COLOR:
        return row->n_colors > 0;
    case FIELD_BOXES:
        return row->has_boxes;
    case FIELD_LABELS:
        return row->has_labels;
    case FIELD_RECORDING:
    case FIELD_APPLICATION:
    case FIELD_STATIC:
        return true;
    case FIELD_TIMES:
        return row->n_times > 0;
    }
    return false;
}

void row_text_print_recorded_field(const struct terminal *terminal, const struct recorded_row *row,
                                   enum row_field field, enum box_format format)
{
    const struct box_list boxes = {row->boxes, format};
    if (!has_field(row, field)) {
        fputs("none", terminal->out);
        return;
    }
    switch (field) {
    case FIELD_ENTITY:
        terminal_print(terminal, string_view_of(row->entity), MAX_TEXT);
        break;
    case FIELD_TEXT:
        print_text(terminal, row->text);
        break;
    case FIELD_LEVEL:
        terminal_print(terminal, row->level, MAX_TEXT);
        break;
    case FIELD_COLOR:
        print_items(terminal, row->n_colors, print_color, row->colors);
        break;
    case FIELD_BOXES:
        print_items(terminal, row->n_boxes, print_recorded_box, &boxes);
        break;
    case FIELD_LABELS:
        print_items(terminal, row->n_labels, print_label, row->labels);
        break;
    case FIELD_RECORDING:
        print_text(terminal, row->recording_id);
        break;
    case FIELD_APPLICATION:
        print_text(terminal, row->application_id);
        break;
    case FIELD_TIMES:
        print_in('{', '}', terminal, row->n_times, print_recorded_time, row->times);
        break;
    case FIELD_STATIC:
        fputs(row->n_times == 0 ? "true" : "false", terminal->out);
        break;
    }
}

/* --- Rows ------------------------------------------------------------------------------------- */

static bool is_asked(const struct expected_row *row, enum row_field field)
{
    switch (field) {
    case FIELD_ENTITY:
        return true;
    case FIELD_TEXT:
        return row->text.source != NULL || row->text_matches != NULL;
    case FIELD_LEVEL:
        return row->level != NULL;
    case FIELD_COLOR:
        return row->has_color;
    case FIELD_BOXES:
        return row->has_boxes;
    case FIELD_LABELS:
        return row->has_labels || row->label_matches != NULL;
    case FIELD_RECORDING:
        return row->recording.source != NULL;
    case FIELD_APPLICATION:
        return row->application.source != NULL;
    case FIELD_TIMES:
        return row->at.n > 0;
    case FIELD_STATIC:
        return row->has_static;
    }
    return false;
}

void row_text_print_expected(const struct terminal *terminal, const struct expected_row *row)
{
    row_text_print_expected_field(terminal, row, FIELD_ENTITY);
    for (enum row_field field = FIELD_TEXT; field <= FIELD_LAST; field *= 2) {
        if (is_asked(row, field)) {
            fprintf(terminal->out, " %s ", row_text_field_name(row, field));
            row_text_print_expected_field(terminal, row, field);
        }
    }
}

void row_text_print_recorded(const struct terminal *terminal, const struct recorded_row *row,
                             enum box_format format)
{
    const struct expected_row names = {.box_format = format, .n_labels = row->n_labels};
    bool has_any = false;

    row_text_print_recorded_field(terminal, row, FIELD_ENTITY, format);
    for (enum row_field field = FIELD_TEXT; field <= FIELD_LABELS; field *= 2) {
        if (has_field(row, field)) {
            has_any = true;
            fprintf(terminal->out, " %s ", row_text_field_name(&names, field));
            row_text_print_recorded_field(terminal, row, field, format);
        }
    }
    if (!has_any) {
        fputc(' ', terminal->out);
        terminal_print(terminal, string_view_of(row->component), MAX_TEXT);
    }
}
