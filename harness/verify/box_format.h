/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ways to write a box in four numbers, and the one way in which recordings hold it (centre and
 * half size). Plain data, thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum box_format {
    BOX_XYWH = 0, /* left, top, width, height */
    BOX_YXHW,     /* top, left, height, width */
    BOX_XYXY,     /* left, top, right, bottom */
    BOX_YXYX,     /* top, left, bottom, right */
    BOX_XCYCWH,   /* centre x, centre y, width, height */
    BOX_XCYCW2H2, /* centre x, centre y, half width, half height */
    BOX_N_FORMATS,
};

/* As Rerun stores a box. */
struct box {
    float center[2], half_size[2];
};

/* Returns the key of an expectation: "box_xywh". */
const char *box_format_key(enum box_format format);

/* Writes the four numbers of a box in that format. */
void box_express(const struct box *box, enum box_format format, double ret_numbers[static 4]);

/*
 * Tells whether a box has these four numbers, each within `tolerance`, and what 32-bit floats
 * cannot hold of them forgiven.
 */
bool box_matches(const struct box *box, enum box_format format, const double numbers[static 4],
                 double tolerance);
