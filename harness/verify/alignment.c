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

static enum alignment_need need_of(const struct alignment *alignment, size_t expected)
{
    return alignment->need != NULL ? alignment->need(alignment->context, expected)
                                   : ALIGNMENT_REQUIRED;
}

/* Where a walk stands. */
struct walk {
    size_t expected, found, n;
    enum alignment_step *steps;
};

/* What need not be there takes only what fits. */
static void walk_optional(const struct alignment *alignment, enum alignment_need need,
                          struct walk *walk)
{
    size_t n_taken = 0, limit = need == ALIGNMENT_REPEATABLE ? SIZE_MAX : 1;
    while (n_taken < limit && walk->found < alignment->n_found &&
           alignment->cost(alignment->context, walk->expected, walk->found) == 0) {
        walk->steps[walk->n++] = n_taken++ == 0 ? ALIGNMENT_PAIR : ALIGNMENT_AGAIN;
        walk->found++;
    }
    if (n_taken == 0) {
        walk->steps[walk->n++] = ALIGNMENT_MISSING;
    }
    walk->expected++;
}

static void walk_required(const struct alignment *alignment, struct walk *walk)
{
    if (alignment->cost(alignment->context, walk->expected++, walk->found++) != ALIGNMENT_NO_PAIR) {
        walk->steps[walk->n++] = ALIGNMENT_PAIR;
    } else {
        walk->steps[walk->n++] = ALIGNMENT_MISSING;
        walk->steps[walk->n++] = ALIGNMENT_EXTRA;
    }
}

/* Too large for a table: pairs as long as both sides have something that may pair. */
static size_t walk_along(const struct alignment *alignment, enum alignment_step *steps)
{
    struct walk walk = {.steps = steps};
    while (walk.expected < alignment->n_expected && walk.found < alignment->n_found) {
        enum alignment_need need = need_of(alignment, walk.expected);
        if (need == ALIGNMENT_REQUIRED) {
            walk_required(alignment, &walk);
        } else {
            walk_optional(alignment, need, &walk);
        }
    }
    while (walk.expected++ < alignment->n_expected) {
        steps[walk.n++] = ALIGNMENT_MISSING;
    }
    while (walk.found++ < alignment->n_found) {
        steps[walk.n++] = ALIGNMENT_EXTRA;
    }
    return walk.n;
}

/* A step to a cell and what the way there costs. */
struct choice {
    uint32_t cost;
    enum alignment_step step;
};

static struct choice cheaper(struct choice best, uint32_t before, uint32_t pair,
                             enum alignment_step step)
{
    if (pair != ALIGNMENT_NO_PAIR && before + pair < best.cost) {
        best = (struct choice){before + pair, step};
    }
    return best;
}

/*
 * `costs` is one row of the table, for all numbers of found things; `table` gets the best last step
 * to each cell. The steps are taken from the end, so where they cost the same, extra is chosen
 * before missing before a pair: things pair as early as they can, and missing is told before extra.
 */
static void fill_row(const struct alignment *alignment, size_t expected, uint32_t *costs,
                     uint8_t *table)
{
    enum alignment_need need = need_of(alignment, expected);
    uint32_t skip = need == ALIGNMENT_REQUIRED ? ALIGNMENT_COST_SINGLE : 0;
    uint32_t diagonal = costs[0];
    costs[0] += skip;
    table[0] = ALIGNMENT_MISSING;
    for (size_t found = 0; found < alignment->n_found; found++) {
        uint32_t above = costs[found + 1];
        uint32_t pair = alignment->cost(alignment->context, expected, found);
        struct choice best = {above + skip, ALIGNMENT_MISSING};
        if (costs[found] + ALIGNMENT_COST_SINGLE <= best.cost) {
            best = (struct choice){costs[found] + ALIGNMENT_COST_SINGLE, ALIGNMENT_EXTRA};
        }
        best = cheaper(best, diagonal, pair, ALIGNMENT_PAIR);
        if (need == ALIGNMENT_REPEATABLE) {
            best = cheaper(best, costs[found], pair, ALIGNMENT_AGAIN);
        }
        table[found + 1] = (uint8_t)best.step;
        diagonal = above;
        costs[found + 1] = best.cost;
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
        expected -= step == ALIGNMENT_PAIR || step == ALIGNMENT_MISSING;
        found -= step != ALIGNMENT_MISSING;
    }
    for (size_t i = 0; i < n / 2; i++) {
        enum alignment_step step = steps[i];
        steps[i] = steps[n - 1 - i];
        steps[n - 1 - i] = step;
    }
    return n;
}

ptrdiff_t alignment_find(const struct alignment *alignment, enum alignment_step *steps)
{
    size_t n_expected = alignment->n_expected, n_found = alignment->n_found, n_cells;
    if (__builtin_mul_overflow(n_expected + 1, n_found + 1, &n_cells) ||
        n_cells > ALIGNMENT_MAX_CELLS) {
        return (ptrdiff_t)walk_along(alignment, steps);
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
        fill_row(alignment, expected, costs, table + (expected + 1) * (n_found + 1));
    }
    return (ptrdiff_t)trace(n_expected, n_found, table, steps);
}
