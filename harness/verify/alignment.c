/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Edit distance with a table of one byte a cell. It judges nothing: what costs how much is the
 * caller's to say. No state beyond a call.
 */
#include "harness/verify/alignment.h"

#include "harness/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>

/* Too large for a table: pairs as long as both sides have something that may pair. */
static size_t walk_along(size_t n_expected, size_t n_found,
                         uint32_t (*cost)(void *, size_t, size_t), void *context,
                         enum alignment_step *steps)
{
    size_t expected = 0, found = 0, n = 0;
    while (expected < n_expected && found < n_found) {
        if (cost(context, expected, found) != ALIGNMENT_NO_PAIR) {
            steps[n++] = ALIGNMENT_PAIR;
        } else {
            steps[n++] = ALIGNMENT_MISSING;
            steps[n++] = ALIGNMENT_EXTRA;
        }
        expected++;
        found++;
    }
    while (expected++ < n_expected) {
        steps[n++] = ALIGNMENT_MISSING;
    }
    while (found++ < n_found) {
        steps[n++] = ALIGNMENT_EXTRA;
    }
    return n;
}

/*
 * `costs` is one row of the table, for all numbers of found things; `table` gets the best last step
 * to each cell. The steps are taken from the end, so where they cost the same, extra is chosen
 * before missing before a pair: things pair as early as they can, and missing is told before extra.
 */
static void fill_row(size_t expected, size_t n_found, uint32_t (*cost)(void *, size_t, size_t),
                     void *context, uint32_t *costs, uint8_t *table)
{
    uint32_t diagonal = costs[0];
    costs[0] += ALIGNMENT_COST_SINGLE;
    table[0] = ALIGNMENT_MISSING;
    for (size_t found = 0; found < n_found; found++) {
        uint32_t above = costs[found + 1];
        uint32_t pair = cost(context, expected, found);
        uint32_t best = above + ALIGNMENT_COST_SINGLE;
        table[found + 1] = ALIGNMENT_MISSING;
        if (costs[found] + ALIGNMENT_COST_SINGLE <= best) {
            best = costs[found] + ALIGNMENT_COST_SINGLE;
            table[found + 1] = ALIGNMENT_EXTRA;
        }
        if (pair != ALIGNMENT_NO_PAIR && diagonal + pair < best) {
            best = diagonal + pair;
            table[found + 1] = ALIGNMENT_PAIR;
        }
        diagonal = above;
        costs[found + 1] = best;
    }
}

/* Walks back from the last cell and turns the steps round. */
static size_t trace(size_t n_expected, size_t n_found, const uint8_t *table,
                    enum alignment_step *steps)
{
    size_t width = n_found + 1, n = 0, expected = n_expected, found = n_found;
    while (expected > 0 || found > 0) {
        enum alignment_step step = table[expected * width + found];
        steps[n++] = step;
        expected -= step != ALIGNMENT_EXTRA;
        found -= step != ALIGNMENT_MISSING;
    }
    for (size_t i = 0; i < n / 2; i++) {
        enum alignment_step step = steps[i];
        steps[i] = steps[n - 1 - i];
        steps[n - 1 - i] = step;
    }
    return n;
}

ptrdiff_t alignment_find(size_t n_expected, size_t n_found,
                         uint32_t (*cost)(void *context, size_t expected, size_t found),
                         void *context, enum alignment_step *steps)
{
    size_t n_cells;
    if (__builtin_mul_overflow(n_expected + 1, n_found + 1, &n_cells) ||
        n_cells > ALIGNMENT_MAX_CELLS) {
        return (ptrdiff_t)walk_along(n_expected, n_found, cost, context, steps);
    }
    CLEANUP(free_pointer) uint8_t *table = malloc(n_cells);
    CLEANUP(free_pointer) uint32_t *costs = calloc(n_found + 1, sizeof *costs);
    if (table == NULL || costs == NULL) {
        return -ENOMEM;
    }
    for (size_t found = 0; found <= n_found; found++) {
        costs[found] = (uint32_t)found * ALIGNMENT_COST_SINGLE;
        table[found] = ALIGNMENT_EXTRA;
    }
    for (size_t expected = 0; expected < n_expected; expected++) {
        fill_row(expected, n_found, cost, context, costs, table + (expected + 1) * (n_found + 1));
    }
    return (ptrdiff_t)trace(n_expected, n_found, table, steps);
}
