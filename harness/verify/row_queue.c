/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A binary heap that forgets its greatest rows: a recording of any size is compared in the memory
 * that the expected rows take.
 */
#include "harness/verify/row_queue.h"

#include <errno.h>
#include <stdlib.h>

void row_queue_init(struct row_queue *queue, size_t limit)
{
    *queue = (struct row_queue){.limit = limit};
}

void row_queue_done(struct row_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    for (size_t i = 0; i < queue->n; i++) {
        recorded_row_done(&queue->rows[i]);
    }
    free(queue->rows);
    row_queue_init(queue, 0);
}

bool row_queue_wants(const struct row_queue *queue, struct tuid id)
{
    return queue->n < queue->limit || (queue->n > 0 && tuid_compare(id, queue->rows[0].id) < 0);
}

void row_queue_drop(struct row_queue *queue)
{
    queue->n_dropped++;
}

static void swap(struct row_queue *queue, size_t a, size_t b)
{
    struct recorded_row row = queue->rows[a];
    queue->rows[a] = queue->rows[b];
    queue->rows[b] = row;
}

static bool is_greater(const struct row_queue *queue, size_t a, size_t b)
{
    return tuid_compare(queue->rows[a].id, queue->rows[b].id) > 0;
}

static void rise(struct row_queue *queue, size_t i)
{
    while (i > 0 && is_greater(queue, i, (i - 1) / 2)) {
        swap(queue, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static void sink(struct row_queue *queue, size_t i)
{
    for (;;) {
        size_t greatest = i, left = 2 * i + 1, right = left + 1;
        if (left < queue->n && is_greater(queue, left, greatest)) {
            greatest = left;
        }
        if (right < queue->n && is_greater(queue, right, greatest)) {
            greatest = right;
        }
        if (greatest == i) {
            return;
        }
        swap(queue, i, greatest);
        i = greatest;
    }
}

static int grow(struct row_queue *queue)
{
    size_t capacity = queue->capacity > 0 ? 2 * queue->capacity : 16;
    struct recorded_row *rows = reallocarray(queue->rows, capacity, sizeof *rows);
    if (rows == NULL) {
        return -ENOMEM;
    }
    queue->rows = rows;
    queue->capacity = capacity;
    return 0;
}

int row_queue_put(struct row_queue *queue, const struct recorded_row *row)
{
    queue->n_bytes += row->memory_size;
    if (queue->n == queue->limit) {
        queue->n_bytes -= queue->rows[0].memory_size;
        recorded_row_done(&queue->rows[0]);
        queue->rows[0] = *row;
        queue->n_dropped++;
        sink(queue, 0);
        return 0;
    }
    if (queue->n == queue->capacity && grow(queue) < 0) {
        queue->n_bytes -= row->memory_size;
        return -ENOMEM;
    }
    queue->rows[queue->n++] = *row;
    rise(queue, queue->n - 1);
    return 0;
}

size_t row_queue_size(const struct row_queue *queue)
{
    return queue->n_bytes + queue->capacity * sizeof *queue->rows;
}

static int compare_rows(const void *a, const void *b)
{
    return tuid_compare(((const struct recorded_row *)a)->id, ((const struct recorded_row *)b)->id);
}

void row_queue_sort(struct row_queue *queue)
{
    if (queue->n > 1) {
        qsort(queue->rows, queue->n, sizeof *queue->rows, compare_rows);
    }
}
