/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Boxes: every format, every component, any number. */
#include "fake_spool.h"
#include "sdk/record/builtin.h"

#include <criterion/criterion.h>
#include <string.h>

static rr_error error;
static struct record_row_view row;

static void start(void)
{
    fake_start();
}

TestSuite(boxes2d, .init = start);

static bool are_floats(uint32_t component_id, uint32_t n_instances, const float *values, size_t n)
{
    const struct record_batch_view *batch = fake_batch(&row, component_id);

    return batch->n_instances == n_instances && !memcmp(batch->data, values, n * sizeof(*values));
}

Test(boxes2d, all_formats_mean_the_same_boxes)
{
    /* Centres (45, 20) and (-1, 2), half sizes (40, 10) and (3, 4). */
    static const struct {
        enum lw_box2d_format format;
        float boxes[8];
    } cases[] = {
        {LW_BOX2D_XYWH, {5, 10, 80, 20, -4, -2, 6, 8}},
        {LW_BOX2D_YXHW, {10, 5, 20, 80, -2, -4, 8, 6}},
        {LW_BOX2D_XYXY, {5, 10, 85, 30, -4, -2, 2, 6}},
        {LW_BOX2D_YXYX, {10, 5, 30, 85, -2, -4, 6, 2}},
        {LW_BOX2D_XCYCWH, {45, 20, 80, 20, -1, 2, 6, 8}},
        {LW_BOX2D_XCYCW2H2, {45, 20, 40, 10, -1, 2, 3, 4}},
    };
    static const float centers[] = {45, 20, -1, 2};
    static const float half_sizes[] = {40, 10, 3, 4};

    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert(lw_log_boxes2d(
            "box",
            &(struct lw_boxes2d){.format = cases[i].format, .n_boxes = 2, .boxes = cases[i].boxes},
            &error));
        fake_row_at(i, &row);
        cr_assert_eq(row.n_batches, 2);
        cr_assert(are_floats(BUILTIN_BOXES2D_CENTERS, 2, centers, 4), "format %u", i);
        cr_assert(are_floats(BUILTIN_BOXES2D_HALF_SIZES, 2, half_sizes, 4), "format %u", i);
    }
}

Test(boxes2d, every_component)
{
    const float box[4] = {0};
    const char *const labels[] = {"one", "", "three"};
    const uint32_t colors[] = {0x11223344, 0xff};
    const float radii[] = {-1.5F};
    const uint16_t class_ids[] = {1, 2, 65535};
    const float draw_order = 30;
    const bool show_labels = true;
    const uint32_t offsets[] = {0, 3, 3, 8};
    const struct record_batch_view *batch;

    cr_assert(lw_log_boxes2d("box",
                             &(struct lw_boxes2d){
                                 .n_boxes = 1,
                                 .boxes = box,
                                 .n_labels = 3,
                                 .labels = labels,
                                 .n_colors = 2,
                                 .colors = colors,
                                 .n_radii = 1,
                                 .radii = radii,
                                 .n_class_ids = 3,
                                 .class_ids = class_ids,
                                 .draw_order = &draw_order,
                                 .show_labels = &show_labels,
                             },
                             &error));
    fake_row_at(0, &row);
    cr_assert_eq(row.n_batches, 8);
    batch = fake_batch(&row, BUILTIN_BOXES2D_LABELS);
    cr_assert_eq(batch->n_instances, 3);
    cr_assert_eq(memcmp(batch->data, offsets, sizeof(offsets)), 0);
    cr_assert_eq(memcmp((const char *)batch->data + sizeof(offsets), "onethree", 8), 0);
    batch = fake_batch(&row, BUILTIN_BOXES2D_COLORS);
    cr_assert(batch->n_instances == 2 && !memcmp(batch->data, colors, sizeof(colors)));
    cr_assert(are_floats(BUILTIN_BOXES2D_RADII, 1, radii, 1));
    batch = fake_batch(&row, BUILTIN_BOXES2D_CLASS_IDS);
    cr_assert(batch->n_instances == 3 && !memcmp(batch->data, class_ids, sizeof(class_ids)));
    cr_assert(are_floats(BUILTIN_BOXES2D_DRAW_ORDER, 1, &draw_order, 1));
    batch = fake_batch(&row, BUILTIN_BOXES2D_SHOW_LABELS);
    cr_assert(batch->n_instances == 1 && *(const uint8_t *)batch->data == 1);
}

Test(boxes2d, an_empty_array_clears_and_a_missing_one_does_not)
{
    const uint32_t no_colors[1] = {0};
    const bool show_labels = false;
    const struct record_batch_view *batch;

    cr_assert(lw_log_boxes2d(
        "box", &(struct lw_boxes2d){.colors = no_colors, .show_labels = &show_labels}, &error));
    fake_row_at(0, &row);
    cr_assert_eq(row.n_batches, 4);
    cr_assert_eq(fake_batch(&row, BUILTIN_BOXES2D_CENTERS)->n_instances, 0);
    cr_assert_eq(fake_batch(&row, BUILTIN_BOXES2D_HALF_SIZES)->n_instances, 0);
    cr_assert_eq(fake_batch(&row, BUILTIN_BOXES2D_COLORS)->n_instances, 0);
    batch = fake_batch(&row, BUILTIN_BOXES2D_SHOW_LABELS);
    cr_assert(batch->n_instances == 1 && *(const uint8_t *)batch->data == 0);
}

Test(boxes2d, many_boxes)
{
    enum { N_BOXES = 1000 };
    static float boxes[4 * N_BOXES];
    static float expected[2 * N_BOXES];

    for (int i = 0; i < N_BOXES; i++) {
        boxes[4 * i] = expected[2 * i] = (float)i;
        boxes[4 * i + 1] = expected[2 * i + 1] = (float)-i;
    }
    fake_spool->window_size = 1000;
    for (uint32_t n = 0; n <= N_BOXES; n = n < 130 ? n + 1 : n + 290) {
        cr_assert(lw_log_boxes2d(
            "box", &(struct lw_boxes2d){.format = LW_BOX2D_XCYCWH, .n_boxes = n, .boxes = boxes},
            &error));
        fake_row_at(fake_count(RECORD_ROW) - 1, &row);
        cr_assert(are_floats(BUILTIN_BOXES2D_CENTERS, n, expected, 2 * n), "%u boxes", n);
    }
}

static void assert_refused(const struct lw_boxes2d *boxes, rr_error_code code, const char *part)
{
    cr_assert_not(lw_log_boxes2d("box", boxes, &error));
    assert_error(error, code, part);
}

Test(boxes2d, bad_arguments)
{
    const float box[4] = {0};
    const char *const labels[] = {"fine", NULL};
    const char *const bad_labels[] = {"\xff"};

    assert_refused(NULL, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "boxes is NULL");
    assert_refused(&(struct lw_boxes2d){.n_boxes = 1}, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT,
                   "boxes.boxes is NULL");
    assert_refused(&(struct lw_boxes2d){.n_colors = 1}, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT,
                   "boxes.colors is NULL");
    assert_refused(&(struct lw_boxes2d){.n_radii = 1}, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT,
                   "boxes.radii is NULL");
    assert_refused(&(struct lw_boxes2d){.n_class_ids = 1}, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT,
                   "boxes.class_ids is NULL");
    assert_refused(&(struct lw_boxes2d){.n_labels = 1}, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT,
                   "boxes.labels is NULL");
    assert_refused(&(struct lw_boxes2d){.n_labels = 2, .labels = labels},
                   RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "boxes.labels is NULL");
    assert_refused(&(struct lw_boxes2d){.n_labels = 1, .labels = bad_labels},
                   RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "boxes.labels is not UTF-8");
    assert_refused(&(struct lw_boxes2d){.format = (enum lw_box2d_format)6},
                   RR_ERROR_CODE_INVALID_ENUM_VALUE, "boxes.format is 6");
    assert_refused(&(struct lw_boxes2d){.n_boxes = UINT32_MAX, .boxes = box},
                   RR_ERROR_CODE_INVALID_COMPONENT, "4294967295 values");
    cr_assert_not(lw_log_boxes2d(NULL, &(struct lw_boxes2d){0}, &error));
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "entity_path is NULL");
    cr_assert_eq(fake_count(RECORD_ROW), 0);
}
