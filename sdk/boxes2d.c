/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows of the archetype Boxes2D from plain arrays. Rerun stores centres and half sizes; the other
 * formats are turned into these a few boxes at a time, on the stack. No state.
 */
#include "sdk/include/lastword.h"

#include "sdk/error.h"
#include "sdk/record/builtin.h"
#include "sdk/row.h"

#include <string.h>

#define VEC2_SIZE  (2 * sizeof(float))
#define N_AT_ONCE  64
#define MAX_VALUES ((uint32_t)(BATCH_MAX_SIZE / VEC2_SIZE))

/* A row of boxes whose batches were measured. */
struct measure {
    const struct lw_boxes2d *boxes;
    uint64_t labels_size; /* bytes of all texts */
    uint64_t size;        /* of all batches */
    uint32_t n_components;
    uint32_t ids[8];
};

/* --- Geometry ------------------------------------------------------------- */

static void make_center(enum lw_box2d_format format, const float box[4], float center[2])
{
    float x = box[0];
    float y = box[1];

    switch (format) {
    case LW_BOX2D_XYWH:
        center[0] = x + box[2] / 2;
        center[1] = y + box[3] / 2;
        break;
    case LW_BOX2D_YXHW:
        center[0] = y + box[3] / 2;
        center[1] = x + box[2] / 2;
        break;
    case LW_BOX2D_XYXY:
        center[0] = (x + box[2]) / 2;
        center[1] = (y + box[3]) / 2;
        break;
    case LW_BOX2D_YXYX:
        center[0] = (y + box[3]) / 2;
        center[1] = (x + box[2]) / 2;
        break;
    case LW_BOX2D_XCYCWH:
    case LW_BOX2D_XCYCW2H2:
        center[0] = x;
        center[1] = y;
        break;
    }
}

static void make_half_size(enum lw_box2d_format format, const float box[4], float half_size[2])
{
    switch (format) {
    case LW_BOX2D_XYWH:
    case LW_BOX2D_XCYCWH:
        half_size[0] = box[2] / 2;
        half_size[1] = box[3] / 2;
        break;
    case LW_BOX2D_YXHW:
        half_size[0] = box[3] / 2;
        half_size[1] = box[2] / 2;
        break;
    case LW_BOX2D_XYXY:
        half_size[0] = (box[2] - box[0]) / 2;
        half_size[1] = (box[3] - box[1]) / 2;
        break;
    case LW_BOX2D_YXYX:
        half_size[0] = (box[3] - box[1]) / 2;
        half_size[1] = (box[2] - box[0]) / 2;
        break;
    case LW_BOX2D_XCYCW2H2:
        half_size[0] = box[2];
        half_size[1] = box[3];
        break;
    }
}

static void put_vectors(struct spool_cursor *cursor, const struct lw_boxes2d *boxes,
                        void (*make)(enum lw_box2d_format, const float *, float *))
{
    float vectors[N_AT_ONCE][2];

    batch_put_head(cursor, batch_size_fixed(boxes->n_boxes, VEC2_SIZE), boxes->n_boxes);
    for (uint32_t done = 0; done < boxes->n_boxes;) {
        uint32_t n = boxes->n_boxes - done < N_AT_ONCE ? boxes->n_boxes - done : N_AT_ONCE;

        for (uint32_t i = 0; i < n; i++)
            make(boxes->format, boxes->boxes + 4 * (size_t)(done + i), vectors[i]);
        spool_put(cursor, vectors, n * VEC2_SIZE);
        done += n;
    }
}

/* --- Labels --------------------------------------------------------------- */

static bool check_labels(const struct argument_call *call, struct measure *measure)
{
    for (uint32_t i = 0; i < measure->boxes->n_labels; i++) {
        struct text label;

        if (!argument_check_cstring(call, "boxes.labels", measure->boxes->labels[i],
                                    ARGUMENT_OPTIONAL, BATCH_MAX_SIZE, &label))
            return false;
        measure->labels_size += label.size;
    }
    return true;
}

static void put_labels(struct spool_cursor *cursor, const struct measure *measure)
{
    const struct lw_boxes2d *boxes = measure->boxes;
    uint32_t offset = 0;

    batch_put_head(cursor, batch_size_texts(boxes->n_labels, measure->labels_size),
                   boxes->n_labels);
    spool_put(cursor, &offset, sizeof(offset));
    for (uint32_t i = 0; i < boxes->n_labels; i++) {
        offset += (uint32_t)strlen(boxes->labels[i]);
        spool_put(cursor, &offset, sizeof(offset));
    }
    spool_put_padding(cursor, ((size_t)boxes->n_labels + 1) * sizeof(offset));
    for (uint32_t i = 0; i < boxes->n_labels; i++)
        spool_put(cursor, boxes->labels[i], strlen(boxes->labels[i]));
    spool_put_padding(cursor, measure->labels_size);
}

/* --- The row -------------------------------------------------------------- */

static bool check_array(const struct argument_call *call, const char *name, const void *array,
                        uint32_t n)
{
    if (n > 0 && !argument_check_pointer(call, name, array))
        return false;
    if (n <= MAX_VALUES)
        return true;
    return error_set(call->error, RR_ERROR_CODE_INVALID_COMPONENT,
                     "%s: %s has %u values, but %u is the most: log them in parts", call->function,
                     name, n, MAX_VALUES);
}

static bool check(const struct argument_call *call, struct measure *measure)
{
    const struct lw_boxes2d *boxes = measure->boxes;

    if ((unsigned int)boxes->format > LW_BOX2D_XCYCW2H2)
        return error_set(call->error, RR_ERROR_CODE_INVALID_ENUM_VALUE,
                         "%s: boxes.format is %d: use one of enum lw_box2d_format", call->function,
                         (int)boxes->format);
    if (!check_array(call, "boxes.boxes", boxes->boxes, boxes->n_boxes) ||
        !check_array(call, "boxes.labels", boxes->labels, boxes->n_labels) ||
        !check_array(call, "boxes.colors", boxes->colors, boxes->n_colors) ||
        !check_array(call, "boxes.radii", boxes->radii, boxes->n_radii) ||
        !check_array(call, "boxes.class_ids", boxes->class_ids, boxes->n_class_ids) ||
        !check_labels(call, measure))
        return false;
    if (batch_size_texts(boxes->n_labels, measure->labels_size) <= BATCH_MAX_SIZE)
        return true;
    return error_set(call->error, RR_ERROR_CODE_INVALID_COMPONENT,
                     "%s: the labels have more than 512 MiB: log the boxes in parts",
                     call->function);
}

static void add(struct measure *measure, uint32_t id, uint64_t size)
{
    measure->ids[measure->n_components++] = id;
    measure->size += size;
}

/* The components in the order in which put writes them. */
static void measure_components(struct measure *measure)
{
    const struct lw_boxes2d *boxes = measure->boxes;

    add(measure, BUILTIN_BOXES2D_HALF_SIZES, batch_size_fixed(boxes->n_boxes, VEC2_SIZE));
    add(measure, BUILTIN_BOXES2D_CENTERS, batch_size_fixed(boxes->n_boxes, VEC2_SIZE));
    if (boxes->colors)
        add(measure, BUILTIN_BOXES2D_COLORS, batch_size_fixed(boxes->n_colors, sizeof(uint32_t)));
    if (boxes->radii)
        add(measure, BUILTIN_BOXES2D_RADII, batch_size_fixed(boxes->n_radii, sizeof(float)));
    if (boxes->labels)
        add(measure, BUILTIN_BOXES2D_LABELS,
            batch_size_texts(boxes->n_labels, measure->labels_size));
    if (boxes->show_labels)
        add(measure, BUILTIN_BOXES2D_SHOW_LABELS, batch_size_fixed(1, 1));
    if (boxes->draw_order)
        add(measure, BUILTIN_BOXES2D_DRAW_ORDER, batch_size_fixed(1, sizeof(float)));
    if (boxes->class_ids)
        add(measure, BUILTIN_BOXES2D_CLASS_IDS,
            batch_size_fixed(boxes->n_class_ids, sizeof(uint16_t)));
}

static void put_components(struct spool_cursor *cursor, const struct measure *measure)
{
    const struct lw_boxes2d *boxes = measure->boxes;

    put_vectors(cursor, boxes, make_half_size);
    put_vectors(cursor, boxes, make_center);
    if (boxes->colors)
        batch_put_fixed(cursor, boxes->colors, boxes->n_colors, sizeof(uint32_t));
    if (boxes->radii)
        batch_put_fixed(cursor, boxes->radii, boxes->n_radii, sizeof(float));
    if (boxes->labels)
        put_labels(cursor, measure);
    if (boxes->show_labels) {
        const uint8_t bits = *boxes->show_labels ? 1 : 0;

        batch_put_fixed(cursor, &bits, 1, sizeof(bits));
    }
    if (boxes->draw_order)
        batch_put_fixed(cursor, boxes->draw_order, 1, sizeof(float));
    if (boxes->class_ids)
        batch_put_fixed(cursor, boxes->class_ids, boxes->n_class_ids, sizeof(uint16_t));
}

static bool put(const struct argument_call *call, struct stream *stream, struct text entity_path,
                struct measure *measure)
{
    struct row row = {.call = *call, .stream = stream, .entity_path = entity_path};
    struct spool_cursor cursor;

    measure_components(measure);
    row.component_ids = measure->ids;
    row.n_components = measure->n_components;
    row.batches_size = measure->size;
    if (!row_begin(&row, &cursor))
        return false;
    put_components(&cursor, measure);
    return row_end(&row, &cursor);
}

bool lw_log_boxes2d(const char *entity_path, const struct lw_boxes2d *boxes, rr_error *error)
{
    const struct argument_call call = {"lw_log_boxes2d", error};
    struct measure measure = {.boxes = boxes};
    struct text path;
    struct stream *stream;

    if (!argument_check_cstring(&call, "entity_path", entity_path, ARGUMENT_OPTIONAL,
                                RECORD_MAX_ENTITY_PATH, &path) ||
        !argument_check_pointer(&call, "boxes", boxes) || !check(&call, &measure) ||
        !stream_find_current(&call, &stream))
        return false;
    return !stream->is_enabled || put(&call, stream, path, &measure);
}
