/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Puts the views of a recording together. Shows what was kept of it and counts the rest. */
#include "harness/verify/show.h"

#include "harness/cleanup.h"
#include "harness/verify/canvas.h"
#include "harness/verify/diff.h"
#include "harness/verify/process_tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define MAX_TEXT      500 /* bytes of one text */
#define PICTURE_WIDTH 100 /* columns at most: wider ones are hard to take in */
#define PICTURE_ROWS  24

/* --- Rows in the order of processes ----------------------------------------------------------- */

/* `visit` gets the process's first image with each row. */
static void visit_process(const struct recording *recording, size_t head,
                          void (*visit)(void *context, size_t head, const struct recorded_row *row),
                          void *context)
{
    for (size_t i = head; i != NO_PROCESS; i = recording->processes.processes[i].next_image) {
        for (size_t k = 0; k < recording->rows[i].n; k++) {
            visit(context, head, &recording->rows[i].rows[k]);
        }
    }
}

static void visit_all(const struct recording *recording,
                      void (*visit)(void *context, size_t head, const struct recorded_row *row),
                      void *context)
{
    for (size_t i = 0; i < recording->processes.n_heads; i++) {
        visit_process(recording, recording->processes.by_birth[i], visit, context);
    }
}

/* --- Texts ------------------------------------------------------------------------------------ */

struct texts {
    const struct terminal *terminal;
    const struct recording *recording;
    bool has_start;
    int64_t start_ns; /* the earliest log_time of all texts */
    size_t entity_width;
    size_t n_of_process;
};

static void measure_text(void *context, size_t head, const struct recorded_row *row)
{
    struct texts *texts = context;
    (void)head;
    if (!row->has_text) {
        return;
    }
    size_t width = terminal_columns(texts->terminal, string_view_of(row->entity));
    if (width > texts->entity_width && width <= texts->terminal->width / 3) {
        texts->entity_width = width;
    }
    if (row->has_log_time && (!texts->has_start || row->log_time_ns < texts->start_ns)) {
        texts->has_start = true;
        texts->start_ns = row->log_time_ns;
    }
}

static enum hue level_hue(struct string_view level)
{
    static const struct {
        const char *level;
        enum hue hue;
    } hues[] = {{"CRITICAL", HUE_RED},
                {"ERROR", HUE_RED},
                {"WARN", HUE_YELLOW},
                {"DEBUG", HUE_DIM},
                {"TRACE", HUE_DIM}};
    for (size_t i = 0; i < sizeof hues / sizeof hues[0]; i++) {
        if (string_view_equal(level, string_view_of(hues[i].level))) {
            return hues[i].hue;
        }
    }
    return HUE_NONE;
}

static void print_time(const struct texts *texts, const struct recorded_row *row)
{
    if (row->has_log_time) {
        /* Both are of the same recording, but it may hold anything: unsigned, so that it wraps. */
        uint64_t ns = (uint64_t)row->log_time_ns - (uint64_t)texts->start_ns;
        fprintf(texts->terminal->out, "  %8.3f s  ", (double)ns / 1e9);
    } else {
        fputs("    static    ", texts->terminal->out);
    }
}

static void print_text(void *context, size_t head, const struct recorded_row *row)
{
    struct texts *texts = context;
    const struct terminal *terminal = texts->terminal;
    if (!row->has_text || texts->n_of_process++ >= SHOW_MAX_TEXTS) {
        return;
    }
    if (texts->n_of_process == 1) {
        terminal_color(terminal, process_tree_hue(texts->recording, head));
        diff_print_process(terminal, &texts->recording->processes.processes[head]);
        terminal_plain(terminal);
        fputc('\n', terminal->out);
    }
    size_t width = terminal_columns(terminal, string_view_of(row->entity));
    terminal_color(terminal, HUE_DIM);
    print_time(texts, row);
    terminal_print(terminal, string_view_of(row->entity), MAX_TEXT);
    fprintf(terminal->out, "%*s",
            (int)(width < texts->entity_width ? texts->entity_width - width + 2 : 2), "");
    terminal_plain(terminal);
    if (row->has_level) {
        terminal_color(terminal, level_hue(row->level));
        terminal_print(terminal, row->level, MAX_TEXT);
        terminal_plain(terminal);
        fputc(' ', terminal->out);
    }
    terminal_print(terminal, row->text, MAX_TEXT);
    fputc('\n', terminal->out);
}

static void print_texts(const struct terminal *terminal, const struct recording *recording)
{
    struct texts texts = {.terminal = terminal, .recording = recording};
    visit_all(recording, measure_text, &texts);
    for (size_t i = 0; i < recording->processes.n_heads; i++) {
        texts.n_of_process = 0;
        visit_process(recording, recording->processes.by_birth[i], print_text, &texts);
        if (texts.n_of_process > SHOW_MAX_TEXTS) {
            fprintf(terminal->out, "  and %zu texts more\n", texts.n_of_process - SHOW_MAX_TEXTS);
        }
    }
}

/* --- Boxes ------------------------------------------------------------------------------------ */

struct gathering {
    const struct recording *recording;
    struct canvas_box *boxes; /* SHOW_MAX_BOXES */
    size_t n, n_skipped;
};

static void gather_boxes(void *context, size_t head, const struct recorded_row *row)
{
    struct gathering *gathering = context;
    for (size_t i = 0; i < row->n_boxes; i++) {
        if (gathering->n == SHOW_MAX_BOXES) {
            gathering->n_skipped++;
            continue;
        }
        gathering->boxes[gathering->n++] = (struct canvas_box){
            .box = row->boxes[i],
            .label = i < row->n_labels ? row->labels[i] : (struct string_view){"", 0},
            .hue = process_tree_hue(gathering->recording, head),
        };
    }
}

static void print_caption(const struct terminal *terminal, const struct canvas *canvas,
                          const struct gathering *gathering)
{
    terminal_color(terminal, HUE_DIM);
    fprintf(terminal->out, "  %zu box%s, x %g to %g, y %g to %g", canvas->n_boxes,
            canvas->n_boxes == 1 ? "" : "es", canvas->left, canvas->right, canvas->top,
            canvas->bottom);
    if (canvas->n_unlabelled > 0) {
        fprintf(terminal->out, "; no room for %zu label%s", canvas->n_unlabelled,
                canvas->n_unlabelled == 1 ? "" : "s");
    }
    if (gathering->n_skipped > 0) {
        fprintf(terminal->out, "; %zu more are not drawn", gathering->n_skipped);
    }
    terminal_plain(terminal);
    fputc('\n', terminal->out);
}

static int print_boxes(const struct terminal *terminal, const struct recording *recording)
{
    CLEANUP(free_pointer) struct canvas_box *boxes = calloc(SHOW_MAX_BOXES, sizeof *boxes);
    struct gathering gathering = {.recording = recording, .boxes = boxes};
    struct canvas canvas;
    if (boxes == NULL) {
        return -ENOMEM;
    }
    visit_all(recording, gather_boxes, &gathering);
    size_t width = terminal->width - 4 < PICTURE_WIDTH ? terminal->width - 4 : PICTURE_WIDTH;
    int error = canvas_draw(&canvas, terminal, boxes, gathering.n, width, PICTURE_ROWS);
    if (error == 0 && canvas.n_boxes > 0) {
        fputc('\n', terminal->out);
        canvas_print(&canvas, terminal, 2);
        print_caption(terminal, &canvas, &gathering);
    }
    canvas_done(&canvas);
    return error;
}

static bool knows_processes(const struct recording *recording)
{
    for (size_t i = 0; i < recording->processes.n; i++) {
        if (recording->processes.processes[i].has_begun) {
            return true;
        }
    }
    return false;
}

int show_print(const struct terminal *terminal, const struct recording *recording)
{
    int error = 0;
    if (knows_processes(recording)) {
        error = process_tree_print(terminal, recording);
    } else {
        fputs("the recording tells nothing of processes\n", terminal->out);
    }
    if (error == 0) {
        fputc('\n', terminal->out);
        print_texts(terminal, recording);
        error = print_boxes(terminal, recording);
    }
    return error;
}
