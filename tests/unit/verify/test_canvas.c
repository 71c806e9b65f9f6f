/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Boxes are drawn to scale, lines join where they meet, and labels do not lie upon each other. */
#include "harness/verify/canvas.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct canvas_box box(float x, float y, float w, float h, const char *label)
{
    return (struct canvas_box){
        .box = {{x + w / 2, y + h / 2}, {w / 2, h / 2}},
        .label = string_view_of(label),
    };
}

static void expect_picture(const struct canvas_box *boxes, size_t n, bool has_unicode,
                           size_t columns, size_t rows, const char *expected)
{
    char *shown = NULL;
    size_t size = 0;
    struct canvas canvas;
    cr_assert(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    struct terminal terminal = {open_memstream(&shown, &size), false, has_unicode, 80};
    cr_assert_eq(canvas_draw(&canvas, &terminal, boxes, n, columns, rows), 0);
    canvas_print(&canvas, &terminal, 0);
    fclose(terminal.out);
    cr_assert_str_eq(shown, expected, "got:\n%s\nexpected:\n%s", shown, expected);
    canvas_done(&canvas);
    free(shown);
}

/* 40 wide and 20 high is a square to the eye. */
Test(canvas, one_box_keeps_its_shape)
{
    const struct canvas_box boxes[] = {box(5, 5, 10, 10, "one")};
    expect_picture(boxes, 1, true, 80, 6,
                   "┌one──────┐\n"
                   "│         │\n"
                   "│         │\n"
                   "│         │\n"
                   "│         │\n"
                   "└─────────┘\n");
    expect_picture(boxes, 1, false, 80, 4,
                   "+one--+\n"
                   "|     |\n"
                   "|     |\n"
                   "+-----+\n");
    expect_picture(boxes, 1, true, 9, 60,
                   "┌one────┐\n"
                   "│       │\n"
                   "│       │\n"
                   "│       │\n"
                   "└───────┘\n");
}

Test(canvas, crossing_lines_are_joined)
{
    const struct canvas_box boxes[] = {box(0, 0, 12, 8, "a"), box(6, 4, 12, 8, "b"),
                                       box(6, 0, 6, 4, "")};
    expect_picture(boxes, 3, true, 19, 60,
                   "┌a────┬─────┐\n"
                   "│     │     │\n"
                   "│     ├b────┼─────┐\n"
                   "│     │     │     │\n"
                   "└─────┼─────┘     │\n"
                   "      │           │\n"
                   "      └───────────┘\n");
}

Test(canvas, equal_boxes_keep_their_labels)
{
    const struct canvas_box boxes[] = {box(0, 0, 20, 8, "first"), box(0, 0, 20, 8, "second"),
                                       box(0, 0, 20, 8, "third")};
    expect_picture(boxes, 3, true, 21, 60,
                   "┌first─second─third─┐\n"
                   "│                   │\n"
                   "│                   │\n"
                   "│                   │\n"
                   "└───────────────────┘\n");
}

Test(canvas, small_boxes_are_points_and_lines)
{
    const struct canvas_box boxes[] = {box(0, 0, 0, 0, ""), box(0, 4, 8, 0, ""),
                                       box(8, 0, 0, 4, "")};
    expect_picture(boxes, 3, true, 9, 60,
                   "┼       ╷\n"
                   "        │\n"
                   "╶───────┘\n");
    expect_picture(boxes, 1, true, 9, 60, "┼\n");
}

Test(canvas, labels_may_stand_beside_small_boxes)
{
    const struct canvas_box boxes[] = {box(0, 0, 40, 8, ""), box(4, 4, 2, 2, "a label")};
    expect_picture(boxes, 2, true, 41, 60,
                   "┌───────────────────────────────────────┐\n"
                   "│   a label                             │\n"
                   "│   ┌─┐                                 │\n"
                   "│   └─┘                                 │\n"
                   "└───────────────────────────────────────┘\n");
}

Test(canvas, wide_and_strange_characters_take_their_columns)
{
    const struct canvas_box boxes[] = {box(0, 0, 12, 4, "\xe6\xbc\xa2\xe5\xad\x97\x1b")};
    expect_picture(boxes, 1, true, 13, 60,
                   "┌\xe6\xbc\xa2\xe5\xad\x97\\x1b───┐\n"
                   "│           │\n"
                   "└───────────┘\n");
}

Test(canvas, boxes_that_cannot_be_drawn_are_left_out)
{
    struct canvas_box boxes[] = {box(0, 0, 4, 4, ""), box(0, 0, 4, 4, "x"), box(0, 0, 4, 4, "y")};
    struct canvas canvas;
    struct terminal terminal = {stdout, false, true, 80};
    boxes[1].box.center[0] = NAN;
    boxes[2].box.half_size[1] = INFINITY;
    cr_assert_eq(canvas_draw(&canvas, &terminal, boxes, 3, 40, 20), 0);
    cr_assert_eq(canvas.n_boxes, 1);
    canvas_done(&canvas);
    cr_assert_eq(canvas_draw(&canvas, &terminal, boxes + 1, 2, 40, 20), 0);
    cr_assert_eq(canvas.n_boxes, 0);
    canvas_done(&canvas);
}

/* Sizes at the edge of what floats hold, and boxes turned inside out. */
Test(canvas, extreme_numbers_are_no_trouble)
{
    const float large = 3e38f;
    const struct canvas_box boxes[] = {
        {.box = {{0, 0}, {large, large}}, .label = string_view_of("huge")},
        {.box = {{0, 0}, {-large, -1e-38f}}, .label = string_view_of("turned")},
        {.box = {{large, large}, {large, large}}, .label = string_view_of("far")},
    };
    struct canvas canvas;
    struct terminal terminal = {stdout, false, true, 80};
    cr_assert_eq(canvas_draw(&canvas, &terminal, boxes, 3, 100, 30), 0);
    cr_assert_eq(canvas.n_boxes, 3);
    cr_assert(canvas.n_columns <= 100 && canvas.n_rows <= 30);
    canvas_done(&canvas);
}
