/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two passes. From the last entry to the first: from which rows on can the entries from here on
 * take all that is left, if names bind nothing? That is exact unless names are shared between rows.
 * If they are, a walk from the first row on follows these places, and where it can go two ways it
 * notes the other one and comes back when names contradict each other.
 *
 * A place is a number of rows: place p lies before row p, place n_rows behind the last one.
 */
#include "harness/verify/row_assignment.h"

#include "harness/cleanup.h"

#include <errno.h>
#include <stdlib.h>

#define MAX_INTERVALS ((size_t)1 << 20)
#define MAX_CHOICES   2048 /* a kilobyte each; older ones are forgotten */

struct interval {
    size_t from, to; /* both inclusive */
};

/* The places from which entries i.. can take the rest: those of entry i are
 * intervals[starts[i + 1]..starts[i]), in falling order. */
struct places {
    size_t n, capacity;
    struct interval *intervals;
    size_t *starts;
};

struct search {
    const struct row_assignment *assignment;
    struct places places;
    uint64_t n_tries, max_tries;
};

static bool fits(struct search *search, size_t entry, size_t row, struct bindings *bindings)
{
    search->n_tries++;
    return search->assignment->fits(search->assignment->context, entry, row, bindings);
}

/* --- From the end to the beginning ------------------------------------------------------------ */

/* Adds places below or beside those that were added for the same entry, which begin at `start`. */
static int add_places(struct places *places, size_t start, size_t from, size_t to)
{
    struct interval *last = places->n > start ? &places->intervals[places->n - 1] : NULL;
    if (last != NULL && to + 1 >= last->from) {
        last->from = from < last->from ? from : last->from;
        return 0;
    }
    if (places->n == MAX_INTERVALS) {
        return -E2BIG;
    }
    if (places->n == places->capacity) {
        size_t capacity = places->capacity > 0 ? 2 * places->capacity : 64;
        void *intervals = reallocarray(places->intervals, capacity, sizeof *places->intervals);
        if (intervals == NULL) {
            return -ENOMEM;
        }
        places->intervals = intervals;
        places->capacity = capacity;
    }
    places->intervals[places->n++] = (struct interval){from, to};
    return 0;
}

/* One entry's sweep over the rows, from the back. */
struct sweep {
    struct search *search;
    size_t entry;
    uint64_t min, max;
    size_t start; /* of the places that it adds */
};

/* The rows from place `a` on fit up to each of the places `to`: from where can they be reached? */
static int add_sources(struct sweep *sweep, size_t a, struct interval to)
{
    size_t from =
        sweep->max < to.from && to.from - sweep->max > a ? to.from - (size_t)sweep->max : a;
    if (sweep->min > to.to || to.to - (size_t)sweep->min < from) {
        return 0;
    }
    return add_places(&sweep->search->places, sweep->start, from, to.to - (size_t)sweep->min);
}

/* Sets *ret_start to the place from which all rows up to `place` fit, looking no further than
 * `lowest`. Returns 0 or -E2BIG. */
static int find_start(struct sweep *sweep, size_t place, size_t lowest, size_t *ret_start)
{
    struct search *search = sweep->search;
    while (place > lowest) {
        struct bindings scratch = *search->assignment->bindings;
        if (search->n_tries >= search->max_tries) {
            return -E2BIG;
        }
        if (!fits(search, sweep->entry, place - 1, &scratch)) {
            break;
        }
        place--;
    }
    *ret_start = place;
    return 0;
}

static size_t lowest_source(const struct sweep *sweep, size_t target)
{
    return sweep->max < target ? target - (size_t)sweep->max : 0;
}

/*
 * The targets are the next entry's places, from the highest down. `known` is the place down to
 * which rows were looked at and fit, so that none is compared twice.
 */
static int sweep_targets(struct sweep *sweep, size_t first, size_t end)
{
    size_t known = SIZE_MAX;
    for (size_t i = first; i < end; i++) {
        /* A copy: the array may move. */
        struct interval target = sweep->search->places.intervals[i];
        for (;;) {
            size_t begin = known < target.to ? known : target.to, a;
            int error = find_start(sweep, begin, lowest_source(sweep, target.from), &a);
            if (error < 0) {
                return error;
            }
            size_t from = a > target.from ? a : target.from;
            error = add_sources(sweep, a, (struct interval){from, target.to});
            if (error < 0) {
                return error;
            }
            known = a;
            if (a <= target.from) {
                break;
            }
            /* Row a - 1 does not fit: the places below it are reached from below only. */
            target.to = a - 1;
            known = SIZE_MAX;
        }
    }
    return 0;
}

static int find_places(struct search *search)
{
    const struct row_assignment *assignment = search->assignment;
    struct places *places = &search->places;
    size_t m = assignment->n_entries;
    int error = add_places(places, 0, assignment->n_rows, assignment->n_rows);
    places->starts[m + 1] = 0;
    places->starts[m] = places->n;
    for (size_t i = m; error == 0 && i-- > 0;) {
        struct sweep sweep = {search, i, assignment->min(assignment->context, i),
                              assignment->max(assignment->context, i), places->n};
        error = sweep_targets(&sweep, places->starts[i + 2], places->starts[i + 1]);
        places->starts[i] = places->n;
    }
    return error;
}

/* Tells whether entries `entry`.. can take the rest from a place on, as far as is known. */
static bool is_place(const struct places *places, size_t entry, size_t place)
{
    size_t low = places->starts[entry + 1], high = places->starts[entry];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (place < places->intervals[middle].from) {
            low = middle + 1;
        } else if (place > places->intervals[middle].to) {
            high = middle;
        } else {
            return true;
        }
    }
    return false;
}

/* --- From the beginning to the end ------------------------------------------------------------ */

struct position {
    size_t entry, row;
    uint64_t n_taken; /* by the entry */
    struct bindings bindings;
};

/* The ways not taken, the last one on top. */
struct choices {
    struct position *ring; /* MAX_CHOICES */
    size_t n, top;
    bool has_forgotten;
};

static void push(struct choices *choices, const struct position *position)
{
    choices->top = (choices->top + 1) % MAX_CHOICES;
    choices->ring[choices->top] = *position;
    choices->has_forgotten |= choices->n == MAX_CHOICES;
    choices->n += choices->n < MAX_CHOICES;
}

static bool pop(struct choices *choices, struct position *position)
{
    if (choices->n == 0) {
        return false;
    }
    *position = choices->ring[choices->top];
    choices->top = (choices->top + MAX_CHOICES - 1) % MAX_CHOICES;
    choices->n--;
    return true;
}

/* Gives the next row to the same entry. */
static bool take_row(struct search *search, struct position *position)
{
    const struct row_assignment *assignment = search->assignment;
    if (position->row == assignment->n_rows ||
        position->n_taken >= assignment->max(assignment->context, position->entry) ||
        !fits(search, position->entry, position->row, &position->bindings)) {
        return false;
    }
    position->row++;
    position->n_taken++;
    return true;
}

static int walk(struct search *search, struct choices *choices, struct position *position)
{
    const struct row_assignment *assignment = search->assignment;
    while (position->entry < assignment->n_entries) {
        if (search->n_tries >= search->max_tries) {
            return -E2BIG;
        }
        if (position->n_taken >= assignment->min(assignment->context, position->entry) &&
            is_place(&search->places, position->entry + 1, position->row)) {
            if (position->n_taken < assignment->max(assignment->context, position->entry)) {
                push(choices, position);
            }
            search->n_tries++;
            position->entry++;
            position->n_taken = 0;
            continue;
        }
        while (!take_row(search, position)) {
            if (!pop(choices, position)) {
                return choices->has_forgotten ? -E2BIG : 0;
            }
            search->n_tries++;
        }
    }
    return 1;
}

static int follow_names(struct search *search)
{
    struct choices choices = {.ring = calloc(MAX_CHOICES, sizeof *choices.ring)};
    struct position position = {.bindings = *search->assignment->bindings};
    if (choices.ring == NULL) {
        return -ENOMEM;
    }
    int result = walk(search, &choices, &position);
    free(choices.ring);
    return result;
}

int row_assignment_exists(const struct row_assignment *assignment)
{
    struct search search = {
        .assignment = assignment,
        .max_tries =
            ROW_ASSIGNMENT_MAX_TRIES + (uint64_t)assignment->n_rows * ROW_ASSIGNMENT_TRIES_PER_ROW,
    };
    search.places.starts = calloc(assignment->n_entries + 2, sizeof *search.places.starts);
    if (search.places.starts == NULL) {
        return -ENOMEM;
    }
    int result = find_places(&search);
    if (result == 0) {
        result = is_place(&search.places, 0, 0);
    }
    if (result == 1 && assignment->has_shared_names) {
        result = follow_names(&search);
    }
    free(search.places.intervals);
    free(search.places.starts);
    return result;
}
