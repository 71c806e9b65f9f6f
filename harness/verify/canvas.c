/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Draws boxes with characters. Lines are kept as arms of cells until they are printed, so that any
 * number of boxes can cross in one. Knows nothing of recordings.
 */
#include "harness/verify/canvas.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

/* A box in cells, corners included. */
struct frame {
    size_t left, top, right, bottom;
};

static struct canvas_cell *cell_at(const struct canvas *canvas, size_t column, size_t row)
{
    return &canvas->cells[row * canvas->n_columns + column];
}

/* --- Scale ------------------------------------------------------------------------------------ */

static void find_edges(const struct box *box, double ret_edges[static 4])
{
    box_express(box, BOX_XYXY, ret_edges);
    /* A negative size turns the box round. */
    for (size_t i = 0; i < 2; i++) {
        if (ret_edges[i] > ret_edges[i + 2]) {
            double edge = ret_edges[i];
            ret_edges[i] = ret_edges[i + 2];
            ret_edges[i + 2] = edge;
        }
    }
}

static bool is_drawable(const struct box *box)
{
    return isfinite(box->center[0]) && isfinite(box->center[1]) && isfinite(box->half_size[0]) &&
           isfinite(box->half_size[1]);
}

static void find_bounds(struct canvas *canvas, const struct canvas_box *boxes, size_t n_boxes)
{
    for (size_t i = 0; i < n_boxes; i++) {
        double edges[4];
        if (!is_drawable(&boxes[i].box)) {
            continue;
        }
        find_edges(&boxes[i].box, edges);
        bool is_first = canvas->n_boxes++ == 0;
        canvas->left = is_first ? edges[0] : fmin(canvas->left, edges[0]);
        canvas->top = is_first ? edges[1] : fmin(canvas->top, edges[1]);
        canvas->right = is_first ? edges[2] : fmax(canvas->right, edges[2]);
        canvas->bottom = is_first ? edges[3] : fmax(canvas->bottom, edges[3]);
    }
}

/* Takes the largest scale at which all fits both ways; a cell is two units high. */
static void find_size(struct canvas *canvas, size_t max_columns, size_t max_rows)
{
    double width = canvas->right - canvas->left, height = canvas->bottom - canvas->top;
    double columns = (double)max_columns - 1, rows = (double)max_rows - 1;

    if (width > 0 && height > 0) {
        double scale = fmin(columns / width, 2 * rows / height);
        columns = scale * width;
        rows = scale * height / 2;
    } else {
        columns = width > 0 ? columns : 0;
        rows = height > 0 ? rows : 0;
    }
    canvas->n_columns = (size_t)lround(columns) + 1;
    canvas->n_rows = (size_t)lround(rows) + 1;
}

static size_t to_cell(double value, double low, double high, size_t n_cells)
{
    double part = high > low ? (value - low) / (high - low) : 0;
    return (size_t)lround(part * (double)(n_cells - 1));
}

static struct frame find_frame(const struct canvas *canvas, const struct box *box)
{
    double edges[4];
    find_edges(box, edges);
    return (struct frame){
        to_cell(edges[0], canvas->left, canvas->right, canvas->n_columns),
        to_cell(edges[1], canvas->top, canvas->bottom, canvas->n_rows),
        to_cell(edges[2], canvas->left, canvas->right, canvas->n_columns),
        to_cell(edges[3], canvas->top, canvas->bottom, canvas->n_rows),
    };
}

/* --- Lines ------------------------------------------------------------------------------------ */

static void add_arms(struct canvas *canvas, size_t column, size_t row, unsigned arms, enum hue hue)
{
    struct canvas_cell *cell = cell_at(canvas, column, row);
    cell->arms |= (uint8_t)arms;
    cell->hue = (uint8_t)hue;
}

static void draw_horizontal(struct canvas *canvas, const struct frame *frame, size_t row,
                            enum hue hue)
{
    for (size_t column = frame->left; column <= frame->right; column++) {
        unsigned arms = (column > frame->left ? LEFT : 0u) | (column < frame->right ? RIGHT : 0u);
        add_arms(canvas, column, row, arms, hue);
    }
}

static void draw_vertical(struct canvas *canvas, const struct frame *frame, size_t column,
                          enum hue hue)
{
    for (size_t row = frame->top; row <= frame->bottom; row++) {
        unsigned arms = (row > frame->top ? UP : 0u) | (row < frame->bottom ? DOWN : 0u);
        add_arms(canvas, column, row, arms, hue);
    }
}

static void draw_frame(struct canvas *canvas, const struct frame *frame, enum hue hue)
{
    if (frame->left == frame->right && frame->top == frame->bottom) {
        add_arms(canvas, frame->left, frame->top, UP | DOWN | LEFT | RIGHT, hue);
        return;
    }
    draw_horizontal(canvas, frame, frame->top, hue);
    draw_horizontal(canvas, frame, frame->bottom, hue);
    draw_vertical(canvas, frame, frame->left, hue);
    draw_vertical(canvas, frame, frame->right, hue);
}

/* --- Labels ----------------------------------------------------------------------------------- */

#define NO_PLACE 1000000u

struct place {
    size_t column, row;
    unsigned cost;
};

/* What it costs to write over a line. On its own edge a label may break the line that it is on. */
static unsigned line_cost(unsigned arms, bool is_on_edge)
{
    if ((arms & (UP | DOWN)) != 0) {
        return is_on_edge ? 3 : 8;
    }
    return arms != 0 && !is_on_edge ? 2 : 0;
}

/* Returns what `size` columns of text would cost there. It is impossible outside the canvas, and
 * without a space to the letters of another label. */
static unsigned judge_place(const struct canvas *canvas, size_t column, size_t row, size_t size,
                            bool is_on_edge)
{
    unsigned cost = 0;
    if (row >= canvas->n_rows || column + size > canvas->n_columns) {
        return NO_PLACE;
    }
    size_t from = column > 0 ? column - 1 : 0;
    size_t to = column + size < canvas->n_columns ? column + size : canvas->n_columns - 1;
    for (size_t i = from; i <= to; i++) {
        const struct canvas_cell *cell = cell_at(canvas, i, row);
        if (cell->is_text) {
            return NO_PLACE;
        }
        if (i >= column && i < column + size) {
            cost += line_cost(cell->arms, is_on_edge);
        }
    }
    return cost;
}

/* Takes the place if it is cheaper than the best so far; `penalty` says how much we dislike it. */
static void try_place(const struct canvas *canvas, size_t column, size_t row, size_t size,
                      bool is_on_edge, unsigned penalty, struct place *best)
{
    unsigned cost = judge_place(canvas, column, row, size, is_on_edge);
    if (cost < NO_PLACE && cost + penalty < best->cost) {
        *best = (struct place){column, row, cost + penalty};
    }
}

static void try_inside(const struct canvas *canvas, const struct frame *frame, size_t size,
                       struct place *best)
{
    for (size_t column = frame->left + 1; column + size <= frame->right; column++) {
        unsigned shift = (unsigned)(column - frame->left - 1) / 4;
        try_place(canvas, column, frame->top, size, true, shift, best);
        try_place(canvas, column, frame->bottom, size, true, 12 + shift, best);
    }
    for (size_t row = frame->top + 1; row < frame->bottom; row++) {
        try_place(canvas, frame->left + 2, row, size, false, 14, best);
    }
}

static void try_outside(const struct canvas *canvas, const struct frame *frame, size_t size,
                        struct place *best)
{
    if (frame->top > 0) {
        try_place(canvas, frame->left, frame->top - 1, size, false, 16, best);
    }
    try_place(canvas, frame->left, frame->bottom + 1, size, false, 16, best);
    for (size_t row = frame->top; row <= frame->bottom; row++) {
        try_place(canvas, frame->right + 2, row, size, false, 18, best);
        if (frame->left > size) {
            try_place(canvas, frame->left - size - 1, row, size, false, 18, best);
        }
    }
}

/*
 * Looks for the label's place: best in the upper edge, else in the lower one, inside, just above or
 * below, beside the box.
 */
static struct place find_place(const struct canvas *canvas, const struct frame *frame, size_t size)
{
    struct place best = {0, 0, NO_PLACE};
    if (frame->right - frame->left > size) {
        try_inside(canvas, frame, size, &best);
    }
    try_outside(canvas, frame, size, &best);
    return best;
}

static void write_label(struct canvas *canvas, const struct terminal *terminal,
                        struct string_view label, enum hue hue, struct place place)
{
    size_t column = place.column;
    while (label.size > 0) {
        char text[TERMINAL_CHARACTER_SIZE];
        size_t columns = terminal_next(terminal, &label, text);
        for (size_t i = 0; i < columns; i++) {
            struct canvas_cell *cell = cell_at(canvas, column++, place.row);
            cell->is_text = true;
            cell->hue = (uint8_t)hue;
            strcpy(cell->text, i == 0 ? text : "");
        }
    }
}

static void draw_label(struct canvas *canvas, const struct terminal *terminal,
                       const struct canvas_box *box)
{
    struct frame frame = find_frame(canvas, &box->box);
    size_t size = terminal_columns(terminal, box->label);
    if (size == 0) {
        return;
    }
    struct place place = find_place(canvas, &frame, size);
    if (place.cost == NO_PLACE) {
        canvas->n_unlabelled++;
    } else {
        write_label(canvas, terminal, box->label, box->hue, place);
    }
}

/* --- The whole -------------------------------------------------------------------------------- */

int canvas_draw(struct canvas *canvas, const struct terminal *terminal,
                const struct canvas_box *boxes, size_t n_boxes, size_t max_columns, size_t max_rows)
{
    *canvas = (struct canvas){0};
    find_bounds(canvas, boxes, n_boxes);
    if (canvas->n_boxes == 0) {
        return 0;
    }
    find_size(canvas, max_columns < CANVAS_MAX_COLUMNS ? max_columns : CANVAS_MAX_COLUMNS,
              max_rows < CANVAS_MAX_ROWS ? max_rows : CANVAS_MAX_ROWS);
    canvas->cells = calloc(canvas->n_columns * canvas->n_rows, sizeof *canvas->cells);
    if (canvas->cells == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < n_boxes; i++) {
        if (is_drawable(&boxes[i].box)) {
            struct frame frame = find_frame(canvas, &boxes[i].box);
            draw_frame(canvas, &frame, boxes[i].hue);
        }
    }
    for (size_t i = 0; i < n_boxes; i++) {
        if (is_drawable(&boxes[i].box)) {
            draw_label(canvas, terminal, &boxes[i]);
        }
    }
    return 0;
}

void canvas_done(struct canvas *canvas)
{
    if (canvas != NULL) {
        free(canvas->cells);
        canvas->cells = NULL;
    }
}

static const char *glyph(const struct terminal *terminal, unsigned arms)
{
    static const char *const unicode[16] = {" ", "╵", "╷", "│", "╴", "┘", "┐", "┤",
                                            "╶", "└", "┌", "├", "─", "┴", "┬", "┼"};
    static const char *const ascii[16] = {" ", "|", "|", "|", "-", "+", "+", "+",
                                          "-", "+", "+", "+", "-", "+", "+", "+"};
    return terminal->has_unicode ? unicode[arms] : ascii[arms];
}

/* Returns one more than the last column that is not blank. */
static size_t used_columns(const struct canvas *canvas, size_t row)
{
    size_t n = canvas->n_columns;
    while (n > 0 && cell_at(canvas, n - 1, row)->arms == 0 &&
           !cell_at(canvas, n - 1, row)->is_text) {
        n--;
    }
    return n;
}

static void print_row(const struct canvas *canvas, const struct terminal *terminal, size_t row)
{
    enum hue hue = HUE_NONE;
    for (size_t column = 0; column < used_columns(canvas, row); column++) {
        const struct canvas_cell *cell = cell_at(canvas, column, row);
        bool is_blank = cell->arms == 0 && !cell->is_text;
        if (!is_blank && cell->hue != hue) {
            terminal_plain(terminal);
            terminal_color(terminal, cell->hue);
            hue = cell->hue;
        }
        fputs(cell->is_text ? cell->text : glyph(terminal, cell->arms), terminal->out);
    }
    if (hue != HUE_NONE) {
        terminal_plain(terminal);
    }
}

void canvas_print(const struct canvas *canvas, const struct terminal *terminal, size_t indent)
{
    for (size_t row = 0; row < canvas->n_rows; row++) {
        if (used_columns(canvas, row) > 0) {
            fprintf(terminal->out, "%*s", (int)indent, "");
            print_row(canvas, terminal, row);
        }
        fputc('\n', terminal->out);
    }
}
