/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rows of one process against the sequence that is expected of it.
 *
 * The verdict is plain where counts are numbers: row i must fit slot i, and there must be as many
 * of each. Where counts are ranges, a way to give the rows to the entries is looked for. Only when
 * that fails the two sequences are aligned, to say what is wrong in few words: beginning and end
 * that fit are taken off first, since most often one row is wrong among many.
 */
#include "harness/verify/match_rows.h"

#include "harness/cleanup.h"
#include "harness/verify/alignment.h"
#include "harness/verify/expected_sequence.h"
#include "harness/verify/row_assignment.h"
#include "harness/verify/row_filter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_JOINED 1000 /* findings among which misplaced rows are looked for */

struct process_rows {
    struct match *match;
    struct row_comparison *comparison;
    size_t head;
    struct expected_sequence expected;
    size_t n_rows;
    const struct recorded_row **rows; /* of all images, in order */
    uint64_t n_dropped;               /* rows behind these that were not kept */
    char pid[24];
    struct bindings bindings; /* after the rows that were judged so far */
    size_t n_judged;          /* rows, and as many slots, that fit from the beginning on */
    uint64_t *n_there;        /* for each entry, rows that were found to fit it */
};

/* --- Rows of all images ----------------------------------------------------------------------- */

static int collect_rows(struct process_rows *process, const struct recording *recording)
{
    const struct recorded_processes *table = &recording->processes;
    size_t n = 0;
    for (size_t i = process->head; i != NO_PROCESS; i = table->processes[i].next_image) {
        n += recording->rows[i].n;
        process->n_dropped += recording->rows[i].n_dropped;
    }
    process->rows = calloc(n + 1, sizeof *process->rows);
    if (process->rows == NULL) {
        return -ENOMEM;
    }
    for (size_t i = process->head; i != NO_PROCESS; i = table->processes[i].next_image) {
        for (size_t k = 0; k < recording->rows[i].n; k++) {
            process->rows[process->n_rows++] = &recording->rows[i].rows[k];
        }
    }
    return 0;
}

static void bind_pid(struct process_rows *process, int64_t pid)
{
    if (pid > 0) {
        snprintf(process->pid, sizeof process->pid, "%" PRId64, pid);
        process->bindings.values[PLACEHOLDER_PID] = string_view_of(process->pid);
    }
}

/* --- The beginning and the end ---------------------------------------------------------------- */

static unsigned compare(struct process_rows *process, uint64_t slot, size_t row,
                        struct bindings *bindings)
{
    return row_comparison_run(process->comparison, expected_sequence_at(&process->expected, slot),
                              process->rows[row], bindings);
}

/* How many rows of an entry there can be besides those that were found. */
static uint64_t count_free(const struct process_rows *process, uint64_t slot)
{
    size_t entry = expected_sequence_entry(&process->expected, slot);
    return process->expected.entries[entry]->max_count - process->n_there[entry];
}

static void count_fit(struct process_rows *process, uint64_t slot)
{
    process->n_there[expected_sequence_entry(&process->expected, slot)]++;
    process->match->n_fitting++;
}

/* Judges rows until one does not fit. */
static void judge_beginning(struct process_rows *process)
{
    while (process->n_judged < process->n_rows &&
           process->n_judged < process->expected.n_first_required &&
           compare(process, process->n_judged, process->n_judged, &process->bindings) == 0) {
        count_fit(process, process->n_judged++);
    }
}

/* Returns how many rows at the end fit the last slots, as far as can be said before what
 * comes between has been judged. */
static size_t count_end(struct process_rows *process)
{
    size_t n = 0;
    while (process->n_judged + n < process->n_rows &&
           process->n_judged + n < process->expected.n_slots &&
           n < process->expected.n_last_required) {
        struct bindings scratch = process->bindings;
        if (compare(process, process->expected.n_slots - 1 - n, process->n_rows - 1 - n,
                    &scratch) != 0) {
            break;
        }
        n++;
    }
    return n;
}

/* --- What lies between ------------------------------------------------------------------------ */

static enum alignment_need slot_need(void *context, size_t expected)
{
    const struct process_rows *process = context;
    return expected_sequence_need(&process->expected, process->n_judged + expected);
}

/* Cost of a pair: nothing if it fits, and the more the more fields differ. */
static uint32_t pair_cost(void *context, size_t expected, size_t found)
{
    struct process_rows *process = context;
    struct bindings scratch = process->bindings;
    unsigned fields =
        compare(process, process->n_judged + expected, process->n_judged + found, &scratch);
    if (fields & FIELD_ENTITY) {
        return ALIGNMENT_NO_PAIR;
    }
    uint32_t n_fields = (uint32_t)__builtin_popcount(fields);
    return n_fields == 0 ? 0 : ALIGNMENT_COST_SINGLE + (n_fields < 3 ? n_fields : 3);
}

static int add(struct process_rows *process, struct finding finding)
{
    finding.process = process->head;
    return match_add(process->match, &finding);
}

/* Slots of one entry that are empty one after the other are one finding, if they must not be. */
static int add_missing(struct process_rows *process, uint64_t expected, uint64_t n)
{
    if (expected_sequence_need(&process->expected, expected) != ALIGNMENT_REQUIRED) {
        return 0;
    }
    const struct expected_row *entry = expected_sequence_at(&process->expected, expected);
    struct match *match = process->match;
    struct finding *last = match->n > 0 ? &match->findings[match->n - 1] : NULL;
    if (last != NULL && last->kind == FINDING_MISSING && last->process == process->head &&
        last->expected == entry) {
        last->n += n;
        match->counts[FINDING_MISSING] += n;
        return 0;
    }
    return add(process, (struct finding){.kind = FINDING_MISSING, .expected = entry, .n = n});
}

static int add_extra(struct process_rows *process, size_t row)
{
    return add(process, (struct finding){.kind = FINDING_EXTRA, .row = process->rows[row], .n = 1});
}

/* Now the rows before it are judged: the pair fits, or is a finding. */
static int judge_pair(struct process_rows *process, uint64_t expected, size_t row)
{
    struct finding finding = {
        .kind = FINDING_DIFFERENT,
        .expected = expected_sequence_at(&process->expected, expected),
        .row = process->rows[row],
        .n = 1,
    };
    if (count_free(process, expected) == 0) {
        return add_extra(process, row);
    }
    finding.fields = compare(process, expected, row, &process->bindings);
    if (finding.fields == 0) {
        count_fit(process, expected);
        return 0;
    }
    row_comparison_explain(process->comparison, finding.expected, finding.row, &process->bindings,
                           finding.note);
    return add(process, finding);
}

static int judge_steps(struct process_rows *process, const enum alignment_step *steps,
                       size_t n_steps, uint64_t *expected, size_t *row)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < n_steps; i++) {
        switch (steps[i]) {
        case ALIGNMENT_PAIR:
            error = judge_pair(process, (*expected)++, (*row)++);
            break;
        case ALIGNMENT_AGAIN:
            error = judge_pair(process, *expected - 1, (*row)++);
            break;
        case ALIGNMENT_MISSING:
            error = add_missing(process, (*expected)++, 1);
            break;
        case ALIGNMENT_EXTRA:
            error = add_extra(process, (*row)++);
            break;
        }
    }
    return error;
}

/* A count may say a billion: what is far more than there are rows is missing without looking. */
static uint64_t count_to_align(uint64_t n_expected, size_t n_found)
{
    uint64_t enough = 2 * (uint64_t)n_found + 10000;
    return n_expected < enough ? n_expected : enough;
}

static int judge_middle(struct process_rows *process, size_t n_end, uint64_t *expected, size_t *row)
{
    uint64_t n_expected = process->expected.n_slots - n_end - process->n_judged;
    size_t n_found = process->n_rows - n_end - process->n_judged;
    uint64_t n_aligned = count_to_align(n_expected, n_found);
    CLEANUP(free_pointer)
    enum alignment_step *steps = calloc(n_aligned + n_found + 1, sizeof *steps);
    if (steps == NULL) {
        return -ENOMEM;
    }
    const struct alignment alignment = {n_aligned, n_found, pair_cost, slot_need, process};
    ptrdiff_t n_steps = alignment_find(&alignment, steps);
    if (n_steps < 0) {
        return (int)n_steps;
    }
    int error = judge_steps(process, steps, (size_t)n_steps, expected, row);
    while (error == 0 && *expected < process->expected.n_slots - n_end) {
        uint64_t left = process->expected.n_slots - n_end - *expected;
        uint64_t of_entry = expected_sequence_left(&process->expected, *expected);
        uint64_t n = of_entry < left ? of_entry : left;
        error = add_missing(process, *expected, n);
        *expected += n;
    }
    return error;
}

/* --- Rows out of order ------------------------------------------------------------------------ */

/* Looks for a missing expectation that an extra row fits. */
static struct finding *find_missing(struct process_rows *process, size_t first,
                                    const struct recorded_row *row)
{
    struct match *match = process->match;
    for (size_t i = first; i < match->n; i++) {
        struct finding *finding = &match->findings[i];
        struct bindings scratch = process->bindings;
        if (finding->kind == FINDING_MISSING && finding->n > 0 &&
            row_comparison_run(process->comparison, finding->expected, row, &scratch) == 0) {
            return finding;
        }
    }
    return NULL;
}

/*
 * A row that is extra in one place and missing in another is out of order: one finding instead of
 * two. `first` is the process's first finding; where there are very many, they stay as they are.
 */
static void join_misplaced(struct process_rows *process, size_t first)
{
    struct match *match = process->match;
    size_t n_kept = first;
    if (match->n - first > MAX_JOINED) {
        return;
    }
    for (size_t i = first; i < match->n; i++) {
        struct finding *extra = &match->findings[i], *missing = NULL;
        if (extra->kind == FINDING_EXTRA) {
            missing = find_missing(process, first, extra->row);
        }
        if (missing != NULL) {
            missing->n--;
            match->counts[FINDING_MISSING]--;
            match->counts[FINDING_EXTRA]--;
            match->counts[FINDING_MISPLACED]++;
            extra->kind = FINDING_MISPLACED;
            extra->expected = missing->expected;
        }
    }
    for (size_t i = first; i < match->n; i++) {
        if (match->findings[i].kind != FINDING_MISSING || match->findings[i].n > 0) {
            match->findings[n_kept++] = match->findings[i];
        }
    }
    match->n = n_kept;
}

/* --- Counts that are ranges ------------------------------------------------------------------- */

static uint64_t min_count(const void *context, size_t entry)
{
    return ((const struct process_rows *)context)->expected.entries[entry]->min_count;
}

static uint64_t max_count(const void *context, size_t entry)
{
    return ((const struct process_rows *)context)->expected.entries[entry]->max_count;
}

static bool row_fits(void *context, size_t entry, size_t row, struct bindings *bindings)
{
    struct process_rows *process = context;
    return row_comparison_run(process->comparison, process->expected.entries[entry],
                              process->rows[row], bindings) == 0;
}

/* As row_assignment_exists. */
static int find_assignment(struct process_rows *process)
{
    const struct row_assignment assignment = {
        .n_entries = process->expected.n_entries,
        .n_rows = process->n_rows,
        .min = min_count,
        .max = max_count,
        .fits = row_fits,
        .context = process,
        .bindings = &process->bindings,
        .has_shared_names = process->comparison->has_shared_names,
    };
    return row_assignment_exists(&assignment);
}

/* Of an entry with a range it is not plain from what is missing how many there are. */
static void tell_what_is_there(struct process_rows *process, size_t first)
{
    const struct expected_sequence *expected = &process->expected;
    size_t entry = 0;
    for (size_t i = first; i < process->match->n; i++) {
        struct finding *finding = &process->match->findings[i];
        if (finding->kind != FINDING_MISSING) {
            continue;
        }
        /* Findings are in the order of the entries. */
        while (entry < expected->n_entries && expected->entries[entry] != finding->expected) {
            entry++;
        }
        finding->n_there = entry < expected->n_entries ? process->n_there[entry] : 0;
    }
}

/* --- All together ----------------------------------------------------------------------------- */

/* Says what is wrong by laying rows and slots beside each other. */
static int judge_slots(struct process_rows *process)
{
    judge_beginning(process);
    size_t n_end = count_end(process), row = process->n_judged, first = process->match->n;
    uint64_t expected = process->n_judged;
    int error = judge_middle(process, n_end, &expected, &row);
    while (error == 0 && row < process->n_rows) {
        error = judge_pair(process, expected++, row++);
    }
    if (error == 0) {
        join_misplaced(process, first);
        tell_what_is_there(process, first);
    }
    return error;
}

static int judge_rows(struct process_rows *process)
{
    size_t first = process->match->n;
    int found = expected_sequence_has_ranges(&process->expected) ? find_assignment(process) : 0;
    int error = found == -E2BIG ? 0 : found;
    if (found > 0) {
        process->match->n_fitting += process->n_rows;
        error = 0;
    } else if (error == 0) {
        error = judge_slots(process);
    }
    /* What is laid out without a finding is a way, too. */
    if (error == 0 && found == -E2BIG && process->match->n > first) {
        error = add(process, (struct finding){.kind = FINDING_UNDECIDED, .n = 1});
    }
    if (error == 0 && process->n_dropped > 0) {
        error = add(process, (struct finding){.kind = FINDING_MORE, .n = process->n_dropped});
    }
    return error;
}

int match_rows_run(struct match *match, struct row_comparison *comparison,
                   const struct recording *recording, size_t head)
{
    const struct recorded_process *first = &recording->processes.processes[head];
    struct process_rows process = {.match = match, .comparison = comparison, .head = head};

    bind_pid(&process, first->pid);
    int error = expected_sequence_init(&process.expected, comparison->expectation,
                                       &recording->processes, head);
    if (error < 0) {
        return error;
    }
    process.n_there = calloc(process.expected.n_entries + 1, sizeof *process.n_there);
    error = process.n_there != NULL ? collect_rows(&process, recording) : -ENOMEM;
    if (error == 0) {
        const struct row_filter filter = {match, comparison,        &recording->processes,
                                          head,  &process.expected, &process.bindings};
        error = row_filter_run(&filter, process.rows, &process.n_rows);
    }
    if (error == 0) {
        error = judge_rows(&process);
    }
    free(process.rows);
    free(process.n_there);
    expected_sequence_done(&process.expected);
    return error;
}
