/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Boxes in all of Rerun's formats. No state. */
#include "harness/verify/box_format.h"

#include <float.h>
#include <math.h>

static const char *const keys[BOX_N_FORMATS] = {
    [BOX_XYWH] = "box_xywh", [BOX_YXHW] = "box_yxhw",     [BOX_XYXY] = "box_xyxy",
    [BOX_YXYX] = "box_yxyx", [BOX_XCYCWH] = "box_xcycwh", [BOX_XCYCW2H2] = "box_xcycw2h2",
};

const char *box_format_key(enum box_format format)
{
    return keys[format];
}

void box_express(const struct box *box, enum box_format format, double ret_numbers[static 4])
{
    const double x = box->center[0], y = box->center[1];
    const double w2 = box->half_size[0], h2 = box->half_size[1];
    const double table[BOX_N_FORMATS][4] = {
        [BOX_XYWH] = {x - w2, y - h2, 2 * w2, 2 * h2},
        [BOX_YXHW] = {y - h2, x - w2, 2 * h2, 2 * w2},
        [BOX_XYXY] = {x - w2, y - h2, x + w2, y + h2},
        [BOX_YXYX] = {y - h2, x - w2, y + h2, x + w2},
        [BOX_XCYCWH] = {x, y, 2 * w2, 2 * h2},
        [BOX_XCYCW2H2] = {x, y, w2, h2},
    };
    for (size_t i = 0; i < 4; i++) {
        ret_numbers[i] = table[format][i];
    }
}

/*
 * Each number came out of a centre and a half size, both rounded to floats after one or two
 * operations: the error is a few units in the last place of the largest of the four.
 */
static double rounding(const struct box *box)
{
    double largest =
        fmax(fmax(fabs((double)box->center[0]), fabs((double)box->center[1])),
             2 * fmax(fabs((double)box->half_size[0]), fabs((double)box->half_size[1])));
    return 4 * (double)FLT_EPSILON * largest;
}

bool box_matches(const struct box *box, enum box_format format, const double numbers[static 4],
                 double tolerance)
{
    double found[4];
    box_express(box, format, found);
    for (size_t i = 0; i < 4; i++) {
        if (!isfinite(found[i]) || fabs(found[i] - numbers[i]) > tolerance + rounding(box)) {
            return false;
        }
    }
    return true;
}
