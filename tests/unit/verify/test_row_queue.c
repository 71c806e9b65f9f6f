/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The first rows by RowId are kept, whatever the order in which they come. */
#include "harness/verify/row_queue.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void offer(struct row_queue *queue, uint64_t id)
{
    struct recorded_row row = {
        .id = {1, id}, .memory = malloc(8), .memory_size = 8, .log_time_ns = (int64_t)id};
    if (!row_queue_wants(queue, row.id)) {
        row_queue_drop(queue);
        free(row.memory);
        return;
    }
    cr_assert_eq(row_queue_put(queue, &row), 0);
}

/* 0 to n - 1 in an order of its own, for an n that 7919 does not divide. */
static void offer_all(struct row_queue *queue, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        offer(queue, i * 7919 % n);
    }
}

Test(row_queue, keeps_the_first_in_order)
{
    struct row_queue queue;
    row_queue_init(&queue, 100);
    offer_all(&queue, 1000);
    row_queue_sort(&queue);
    cr_assert_eq(queue.n, 100);
    cr_assert_eq(queue.n_dropped, 900);
    cr_assert_eq(queue.n_bytes, 800);
    for (size_t i = 0; i < queue.n; i++) {
        cr_assert_eq(queue.rows[i].id.inc, i);
        cr_assert_eq(queue.rows[i].log_time_ns, (int64_t)i);
    }
    row_queue_done(&queue);
}

Test(row_queue, keeps_all_below_its_limit)
{
    struct row_queue queue;
    row_queue_init(&queue, SIZE_MAX);
    offer_all(&queue, 333);
    row_queue_sort(&queue);
    cr_assert_eq(queue.n, 333);
    cr_assert_eq(queue.n_dropped, 0);
    cr_assert_eq(queue.rows[332].id.inc, 332);
    row_queue_done(&queue);
    row_queue_done(NULL);
}

Test(row_queue, an_empty_one_is_no_trouble)
{
    struct row_queue queue;
    row_queue_init(&queue, 5);
    row_queue_sort(&queue);
    cr_assert_eq(row_queue_size(&queue), 0);
    row_queue_done(&queue);
}
