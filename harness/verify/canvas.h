/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A grid of characters on which boxes are drawn to scale: lines that cross or meet are joined, and
 * each label has a place of its own.
 *
 * Not thread-safe.
 */
#pragma once

#include "harness/verify/box_format.h"
#include "harness/verify/terminal.h"

/* A box to be drawn; y grows downwards, as in Rerun. */
struct canvas_box {
    struct box box;
    struct string_view label; /* size 0: none */
    enum hue hue;
};

#define CANVAS_MAX_COLUMNS 200
#define CANVAS_MAX_ROWS    60

struct canvas_cell {
    uint8_t arms; /* lines from the middle of the cell: up 1, down 2, left 4, right 8 */
    uint8_t hue;  /* enum hue */
    bool is_text; /* `text` stands here instead of lines */
    char text[TERMINAL_CHARACTER_SIZE]; /* empty: the second column of the character before */
};

struct canvas {
    size_t n_columns, n_rows;
    struct canvas_cell *cells;       /* row by row */
    double left, top, right, bottom; /* what of the plane is shown */
    size_t n_boxes;                  /* drawn: those with finite numbers */
    size_t n_unlabelled;             /* labels that found no place */
};

/*
 * Draws boxes on a grid of at most max_columns and max_rows characters, whose cells are twice as
 * high as wide. Boxes without finite numbers are left out. Returns 0, or -ENOMEM.
 */
__attribute__((warn_unused_result)) int canvas_draw(struct canvas *canvas,
                                                    const struct terminal *terminal,
                                                    const struct canvas_box *boxes, size_t n_boxes,
                                                    size_t max_columns, size_t max_rows);
void canvas_done(struct canvas *canvas);

/* Writes the grid, each row behind `indent` spaces. */
void canvas_print(const struct canvas *canvas, const struct terminal *terminal, size_t indent);
