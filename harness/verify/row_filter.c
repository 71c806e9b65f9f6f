/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Forbidden rows are found, and rows that nobody asks about are left out. A row that fits an entry
 * always stays: whether it is one too many is a question of order and count.
 */
#include "harness/verify/row_filter.h"

#include "harness/verify/match_rows.h"
#include "harness/verify/process_programs.h"

#include <string.h>

static bool fits(const struct row_filter *filter, const struct expected_row *entry,
                 const struct recorded_row *row)
{
    struct bindings scratch = *filter->bindings;
    return row_comparison_run(filter->comparison, entry, row, &scratch) == 0;
}

static const struct expected_row *find_forbidden(const struct row_filter *filter,
                                                 const struct recorded_row *row)
{
    const struct expectation *expectation = filter->comparison->expectation;
    for (size_t i = 0; i < expectation->n_forbidden; i++) {
        const struct expected_row *entry = &expectation->forbidden[i];
        if (process_is_meant(filter->table, filter->head, &entry->selector) &&
            fits(filter, entry, row)) {
            return entry;
        }
    }
    return NULL;
}

/* `*last` is where the row before was found: mostly the next one is there, too. */
static bool fits_any(const struct row_filter *filter, const struct recorded_row *row, size_t *last)
{
    size_t n = filter->expected->n_entries;
    for (size_t i = 0; i < n; i++) {
        size_t entry = (*last + i) % n;
        if (fits(filter, filter->expected->entries[entry], row)) {
            *last = entry;
            return true;
        }
    }
    return false;
}

/* Rows of reserved entities came along for `forbid` only, unless `expect` names them. */
static bool is_unasked(const struct row_filter *filter, const struct recorded_row *row)
{
    struct string_view entity = string_view_of(row->entity);
    return recording_is_reserved(entity) &&
           !match_wants_expected(filter->comparison->expectation, entity);
}

int row_filter_run(const struct row_filter *filter, const struct recorded_row **rows,
                   size_t *n_rows)
{
    const struct expectation *expectation = filter->comparison->expectation;
    size_t n_kept = 0, last = 0;
    if (expectation->n_forbidden == 0 && !expectation->allows_others) {
        return 0;
    }
    for (size_t i = 0; i < *n_rows; i++) {
        const struct expected_row *forbidden = find_forbidden(filter, rows[i]);
        if (forbidden != NULL) {
            const struct finding finding = {.kind = FINDING_FORBIDDEN,
                                            .process = filter->head,
                                            .expected = forbidden,
                                            .row = rows[i],
                                            .n = 1};
            int error = match_add(filter->match, &finding);
            if (error < 0) {
                return error;
            }
        }
        bool may_go =
            forbidden != NULL || expectation->allows_others || is_unasked(filter, rows[i]);
        if (!may_go || fits_any(filter, rows[i], &last)) {
            rows[n_kept++] = rows[i];
        } else if (forbidden == NULL && !is_unasked(filter, rows[i])) {
            filter->match->n_others++;
        }
    }
    *n_rows = n_kept;
    return 0;
}
