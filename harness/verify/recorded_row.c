/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Copies what one row of a chunk holds of TextLog and Boxes2D into a single block of memory. What
 * the row is worth is not judged here.
 */
#include "harness/verify/recorded_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The row's cells; n is 0 where a component is absent. */
struct cells {
    struct chunk_values text, level, text_color, half_sizes, centers, box_colors, labels;
};

static struct chunk_values find_cell(const struct chunk *chunk, const char *component, size_t row)
{
    const struct chunk_column *column = chunk_find_column(chunk, component);
    return column != NULL ? chunk_cell(column, row) : (struct chunk_values){.is_null = true};
}

static struct cells find_cells(const struct chunk *chunk, size_t row)
{
    return (struct cells){
        .text = find_cell(chunk, "TextLog:text", row),
        .level = find_cell(chunk, "TextLog:level", row),
        .text_color = find_cell(chunk, "TextLog:color", row),
        .half_sizes = find_cell(chunk, "Boxes2D:half_sizes", row),
        .centers = find_cell(chunk, "Boxes2D:centers", row),
        .box_colors = find_cell(chunk, "Boxes2D:colors", row),
        .labels = find_cell(chunk, "Boxes2D:labels", row),
    };
}

/* --- Sizes ------------------------------------------------------------------------------------ */

/* Adds the bytes that the first `n` texts take. A null text counts as an empty one. */
static int add_text_sizes(const struct chunk_values *values, size_t n, size_t *size)
{
    for (size_t i = 0; i < n && i < values->n; i++) {
        struct string_view text = {0};
        int error = chunk_value_bytes(values, i, &text);
        if (error < 0 && error != -ENODATA) {
            return error;
        }
        *size += text.size + 1;
    }
    return 0;
}

static size_t measure_times(const struct chunk *chunk)
{
    size_t size = chunk->n_timelines * sizeof(struct recorded_time);
    for (size_t i = 0; i < chunk->n_timelines; i++) {
        size += chunk->timelines[i].name.size + 1;
    }
    return size;
}

static int measure(const struct cells *cells, const struct chunk *chunk, size_t *ret_size)
{
    size_t size = measure_times(chunk) + cells->half_sizes.n * sizeof(struct box) +
                  cells->labels.n * sizeof(struct string_view) +
                  (cells->box_colors.n + cells->text_color.n) * sizeof(uint32_t);
    int error = add_text_sizes(&cells->text, 1, &size);
    if (error == 0) {
        error = add_text_sizes(&cells->level, 1, &size);
    }
    if (error == 0) {
        error = add_text_sizes(&cells->labels, SIZE_MAX, &size);
    }
    *ret_size = size;
    return error;
}

/* --- Copies, each from the front of what is left of the block --------------------------------- */

static struct string_view copy_bytes(struct string_view text, char **free_bytes)
{
    char *copy = *free_bytes;
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    *free_bytes += text.size + 1;
    return (struct string_view){copy, text.size};
}

static struct string_view copy_text(const struct chunk_values *values, size_t i, char **free_bytes)
{
    struct string_view text = {0};
    /* measure() has read it before: what is left is a null. */
    if (chunk_value_bytes(values, i, &text) < 0) {
        text.size = 0;
    }
    return copy_bytes(text, free_bytes);
}

/* The times come first in the block, their names anywhere. */
static void fill_times(struct recorded_row *row, const struct chunk *chunk, size_t index,
                       char **free_bytes)
{
    for (size_t i = 0; i < chunk->n_timelines; i++) {
        const struct chunk_times *times = &chunk->timelines[i];
        row->times[i] = (struct recorded_time){copy_bytes(times->name, free_bytes), times->type,
                                               times->values[index]};
    }
}

static int read_pair(const struct chunk_values *values, size_t i, float ret_pair[static 2])
{
    struct chunk_values elements;
    int error = chunk_value_elements(values, i, &elements);
    if (error == 0 && elements.n != 2) {
        error = -EINVAL;
    }
    for (size_t k = 0; error == 0 && k < 2; k++) {
        double number = 0;
        error = chunk_value_float(&elements, k, &number);
        ret_pair[k] = (float)number;
    }
    return error;
}

/* A box without a centre stands around the origin, as in the viewer. */
static int read_boxes(const struct cells *cells, struct box *boxes)
{
    for (size_t i = 0; i < cells->half_sizes.n; i++) {
        boxes[i] = (struct box){{0, 0}, {0, 0}};
        int error = read_pair(&cells->half_sizes, i, boxes[i].half_size);
        if (error == 0 && cells->centers.n > 0) {
            size_t center = i < cells->centers.n ? i : cells->centers.n - 1;
            error = read_pair(&cells->centers, center, boxes[i].center);
        }
        if (error < 0) {
            return error;
        }
    }
    return 0;
}

static int read_colors(const struct chunk_values *values, uint32_t *colors)
{
    for (size_t i = 0; i < values->n; i++) {
        int64_t color = 0;
        int error = chunk_value_int(values, i, &color);
        if (error < 0) {
            return error;
        }
        colors[i] = (uint32_t)color;
    }
    return 0;
}

/* Fills the row from its cells; its memory is large enough. */
static int fill(struct recorded_row *row, const struct cells *cells, const struct chunk *chunk,
                size_t index)
{
    char *next = row->memory;

    row->times = (struct recorded_time *)(void *)next;
    row->n_times = chunk->n_timelines;
    next += row->n_times * sizeof *row->times;
    row->boxes = (struct box *)(void *)next;
    row->n_boxes = cells->half_sizes.n;
    row->has_boxes = !cells->half_sizes.is_null;
    next += row->n_boxes * sizeof *row->boxes;
    row->labels = (struct string_view *)(void *)next;
    row->n_labels = cells->labels.n;
    row->has_labels = !cells->labels.is_null;
    next += row->n_labels * sizeof *row->labels;
    row->colors = (uint32_t *)(void *)next;
    row->n_colors = cells->text_color.n + cells->box_colors.n;
    next += row->n_colors * sizeof *row->colors;

    fill_times(row, chunk, index, &next);
    row->has_text = cells->text.n > 0;
    if (row->has_text) {
        row->text = copy_text(&cells->text, 0, &next);
    }
    row->has_level = cells->level.n > 0;
    if (row->has_level) {
        row->level = copy_text(&cells->level, 0, &next);
    }
    for (size_t i = 0; i < row->n_labels; i++) {
        row->labels[i] = copy_text(&cells->labels, i, &next);
    }
    int error = read_boxes(cells, row->boxes);
    if (error == 0) {
        error = read_colors(&cells->text_color, row->colors);
    }
    if (error == 0) {
        error = read_colors(&cells->box_colors, row->colors + cells->text_color.n);
    }
    return error;
}

int recorded_row_read(struct recorded_row *ret_row, const struct chunk *chunk, size_t row)
{
    struct cells cells = find_cells(chunk, row);
    struct recorded_row result = {.id = chunk->row_ids[row]};
    const struct chunk_times *log_time = chunk_find_timeline(chunk, "log_time");

    if (measure(&cells, chunk, &result.memory_size) < 0) {
        return -EBADMSG;
    }
    result.memory = malloc(result.memory_size + 1);
    if (result.memory == NULL) {
        return -ENOMEM;
    }
    if (fill(&result, &cells, chunk, row) < 0) {
        free(result.memory);
        return -EBADMSG;
    }
    if (log_time != NULL) {
        result.has_log_time = true;
        result.log_time_ns = log_time->values[row];
    }
    *ret_row = result;
    return 0;
}

void recorded_row_done(struct recorded_row *row)
{
    if (row != NULL) {
        free(row->memory);
        *row = (struct recorded_row){0};
    }
}
