/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rows are given to entries with ranges exactly when trying all ways finds one. */
#include "harness/verify/row_assignment.h"

#include "tests/support/random.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANY     UINT64_MAX
#define MAX_ALL 8

/* An entry is a letter that the row must be; '?': any; '$' and '%': any, but always the same. */
struct problem {
    const char *entries, *rows;
    const uint64_t *min, *max;
};

static uint64_t min_of(const void *context, size_t entry)
{
    return ((const struct problem *)context)->min[entry];
}

static uint64_t max_of(const void *context, size_t entry)
{
    return ((const struct problem *)context)->max[entry];
}

static bool row_fits(void *context, size_t entry, size_t row, struct bindings *bindings)
{
    const struct problem *problem = context;
    char letter = problem->entries[entry];
    struct string_view found = {problem->rows + row, 1};
    if (letter != '$' && letter != '%') {
        return letter == '?' || letter == problem->rows[row];
    }
    struct string_view *value = &bindings->values[letter == '$' ? 3 : 4];
    if (value->data == NULL) {
        *value = found;
    }
    return string_view_equal(*value, found);
}

static int exists(struct problem *problem, size_t n_rows)
{
    static const struct bindings none;
    const struct row_assignment assignment = {
        .n_entries = strlen(problem->entries),
        .n_rows = n_rows,
        .min = min_of,
        .max = max_of,
        .fits = row_fits,
        .context = problem,
        .bindings = &none,
        .has_shared_names = strpbrk(problem->entries, "$%") != NULL,
    };
    return row_assignment_exists(&assignment);
}

Test(row_assignment, neighbours_share_their_rows)
{
    const uint64_t one_any[][2] = {{1, 1}, {ANY, ANY}};
    struct problem problem = {"a?", "", one_any[0], one_any[1]};
    static const struct {
        const char *rows;
        int result;
    } cases[] = {{"aa", 1}, {"aaaa", 1}, {"aaab", 1}, {"ab", 1}, {"a", 0}, {"ba", 0}, {"", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        problem.rows = cases[i].rows;
        cr_assert_eq(exists(&problem, strlen(cases[i].rows)), cases[i].result, "%s", cases[i].rows);
    }
}

Test(row_assignment, no_entries_take_no_rows)
{
    struct problem problem = {"", "a", NULL, NULL};
    cr_assert_eq(exists(&problem, 0), 1);
    cr_assert_eq(exists(&problem, 1), 0);
}

/* All ways, one after the other. */
static bool try_all(struct problem *problem, size_t n_rows, size_t entry, size_t row,
                    uint64_t n_taken, struct bindings bindings)
{
    if (entry == strlen(problem->entries)) {
        return row == n_rows;
    }
    if (n_taken >= problem->min[entry] && try_all(problem, n_rows, entry + 1, row, 0, bindings)) {
        return true;
    }
    return row < n_rows && n_taken < problem->max[entry] &&
           row_fits(problem, entry, row, &bindings) &&
           try_all(problem, n_rows, entry, row + 1, n_taken + 1, bindings);
}

Test(row_assignment, the_same_as_trying_all_ways, .timeout = 120)
{
    size_t n_right = 0;
    for (uint64_t seed = 1; seed <= 60000; seed++) {
        uint64_t state = random_seed(seed), min[MAX_ALL], max[MAX_ALL];
        char entries[MAX_ALL + 1] = "", rows[MAX_ALL + 1] = "";
        const char *letters = seed % 2 == 0 ? "ab?" : "ab?$%$";
        size_t n_entries = 1 + random_next(&state) % 5, n_rows = random_next(&state) % MAX_ALL;
        for (size_t i = 0; i < n_entries; i++) {
            entries[i] = letters[random_next(&state) % strlen(letters)];
            min[i] = random_next(&state) % 3;
            max[i] = random_next(&state) % 4 == 0 ? ANY : min[i] + random_next(&state) % 3;
            max[i] += max[i] == 0;
        }
        for (size_t i = 0; i < n_rows; i++) {
            rows[i] = "ab"[random_next(&state) % 2];
        }
        struct problem problem = {entries, rows, min, max};
        bool expected = try_all(&problem, n_rows, 0, 0, 0, (struct bindings){0});
        n_right += expected;
        cr_assert_eq(exists(&problem, n_rows), expected, "seed %llu: %s, %s",
                     (unsigned long long)seed, entries, rows);
    }
    cr_assert(n_right > 5000 && n_right < 55000, "%zu", n_right);
}

/* Many rows and wide ranges: in time that grows with their number. */
Test(row_assignment, large_ones_take_little_time, .timeout = 60)
{
    size_t n = 300000;
    char *rows = malloc(n + 1);
    memset(rows, 'a', n);
    strcpy(rows + n - 1, "b");
    uint64_t min[] = {0, 3, 0, 1, 0}, max[] = {ANY, ANY, 2, ANY, 1};
    struct problem problem = {"aaaba", rows, min, max};
    cr_assert_eq(exists(&problem, n), 1);
    problem.entries = "aaaca";
    cr_assert_eq(exists(&problem, n), 0);
    problem.entries = "$aab$";
    cr_assert_eq(exists(&problem, n), 1);
    free(rows);
}

/* 25 ranges that all want all rows: given up, and said so. */
Test(row_assignment, what_would_take_too_long_is_given_up, .timeout = 120)
{
    size_t n = 1000000;
    char *rows = malloc(n + 1), entries[26] = "";
    uint64_t min[25], max[25];
    memset(rows, 'a', n + 1);
    for (size_t i = 0; i < 25; i++) {
        entries[i] = i == 0 ? 'c' : 'a';
        min[i] = i == 0;
        max[i] = ANY;
    }
    struct problem problem = {entries, rows, min, max};
    cr_assert_eq(exists(&problem, n), -E2BIG);
    free(rows);
}
